"""On demand, by `./console test --swaps`: what it takes on a quiet machine is not known yet."""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("ASTRO_UI_SWAPPED_CALLS") else ["test_swaps.py"]
