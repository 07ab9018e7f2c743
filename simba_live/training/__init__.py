"""Learning from a corpus: the codec, the token models, and judging what they learnt."""
