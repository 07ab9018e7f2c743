"""The long-running process: the runner that plays, and the session that drives it from outside."""
