"""Template tags of the page toolbox."""

from __future__ import annotations
