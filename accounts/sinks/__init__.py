"""Sending an Organization's audit log on: `channels` to one place, `delivery` what is due."""
