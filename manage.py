#!/usr/bin/env python3
"""Django's command line for the console; people usually call it through `./console`."""

from __future__ import annotations

import os
import sys
from importlib import import_module

BEFORE_DJANGO = {
    "up": "astro_ui.up",
    "doctor": "astro_ui.doctor",
    "backup": "astro_ui.backup.make",
    "restore": "astro_ui.backup.restore",
}
"""What must work while there is no database yet, or the settings are wrong."""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "astro_ui.settings")
    command, arguments = (*sys.argv[1:2], "")[0], sys.argv[2:]
    if command in BEFORE_DJANGO:
        return int(import_module(BEFORE_DJANGO[command]).main(arguments))
    from django.core.management import execute_from_command_line

    from astro_ui.up.site import data_directory, recall

    recall(data_directory())
    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
