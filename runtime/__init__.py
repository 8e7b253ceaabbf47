"""The Astro Runtime: which Airflow versions exist, how each is built, configured and extended.

Nothing here knows Django: provisioners call it, and `runtime/plugin/` is loaded by Airflow itself.
"""
