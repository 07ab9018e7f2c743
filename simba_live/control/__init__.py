"""From hands to events: OSC, its query service, and the session that they drive; no torch."""
