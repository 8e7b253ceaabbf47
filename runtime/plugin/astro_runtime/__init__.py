"""What every Airflow of ours loads; runs in Airflow's Python and imports nothing of the console."""
