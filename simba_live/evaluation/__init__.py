"""Judging codec and model on held-out music."""
