"""The parts that the console brings along: PostgreSQL and Redis in the data directory."""

from astro_ui.embedded.places import Places
from astro_ui.embedded.postgres import cluster_database_url, database_url
from astro_ui.embedded.redis import redis_url

__all__ = ["Places", "cluster_database_url", "database_url", "redis_url"]
