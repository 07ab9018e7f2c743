"""The corpus: pieces composed, rendered, captioned, listed and turned into codes."""
