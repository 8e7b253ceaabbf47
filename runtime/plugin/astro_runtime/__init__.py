"""What every Airflow of ours loads. Runs in Airflow's Python and imports nothing of the console.

No module reads the environment or a file while it is imported: a process that was forked from a
preloaded one gets its Deployment's settings only afterwards.
"""
