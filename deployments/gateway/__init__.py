"""The door to each Airflow: one-time sign-in, authorisation, streaming proxy.

A browser reaches an Airflow through nothing else. `proxy.Gateway` stands before Django and takes
the host names (or paths) of Airflows; `decisions.decide` says who may pass, as whom, and where to.
"""
