"""XML that would have its reader fetch or build something else."""

from __future__ import annotations

BOMB = b"""<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><r>&b;</r>"""
FILE = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>"""
REMOTE = b"""<!DOCTYPE r SYSTEM "http://127.0.0.1:9/evil.dtd"><r/>"""
