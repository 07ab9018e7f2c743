"""From words to what the model and the arranger read."""

import numpy as np

from simba_live.engine.words import read_prompt
from simba_live.events import Prompt


class Encoder:
    name = "letters"
    width = 4

    def encode(self, prompts):
        vectors = np.array([[len(prompt), 1, prompt.count("o"), 0] for prompt in prompts], np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_prompts_are_blended_and_the_heaviest_says_the_style():
    encoder = Encoder()
    read = read_prompt(Prompt(("lofi beat", "some house tune"), (1.0, 3.0)), encoder)
    one, other = encoder.encode(["lofi beat", "some house tune"])
    blend = one + 3 * other
    np.testing.assert_allclose(read.vector, blend / np.linalg.norm(blend), rtol=1e-6)
    assert read.style == "house"
    alone = read_prompt(Prompt(("lofi beat", "some house tune"), (1.0, 0.0)), encoder)
    np.testing.assert_allclose(alone.vector, one, rtol=1e-6)
    assert alone.style == "lofi"
