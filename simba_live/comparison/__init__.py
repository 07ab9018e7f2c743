"""SiMBA against a Transformer on the same tokens, measured and reported."""
