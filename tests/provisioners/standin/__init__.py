"""A light program in place of Airflow, for the faults of processes: seconds instead of minutes."""
