"""From conditions to audio: the engine steps model and codec, the conductor says what is to be played."""
