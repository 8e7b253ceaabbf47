"""`./console doctor`: what this machine and this installation lack, each with its remedy.

Works whether or not the console runs, and also while its settings are wrong.
"""

from astro_ui.doctor.run import main

__all__ = ["main"]
