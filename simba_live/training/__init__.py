"""Learning from a corpus: the codec and the token models."""
