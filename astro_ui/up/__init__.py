"""`./console up`: everything that the console is, in order, under one supervisor.

Django-free, since it runs before there is a database. supervisord keeps the processes; this
process starts them in order, shows their logs, and stays until Ctrl-C.
"""

from astro_ui.up.run import main

__all__ = ["main"]
