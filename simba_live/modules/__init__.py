"""Streaming layers that know nothing of music."""
