"""From a prompt's words to what the model and the arranger read: an embedding and a style."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from simba_live.engine.style_choice import nearest_style
from simba_live.events import Prompt
from simba_live.model.text import Encoder
from simba_live.music.prompt import understand
from simba_live.music.styles import find_style


def read_prompt(prompt: Prompt, encoder: Encoder) -> Prompt:
    """The prompt with its vector and style filled in.

    Texts are blended as the weighted sum of their embeddings, scaled to length 1 again. The arranger plays
    one style at a time: the one that the heaviest text names, or comes nearest to.
    """
    vectors = encoder.encode(prompt.texts)
    blend = np.asarray(prompt.weights, np.float32) @ vectors
    length = float(np.linalg.norm(blend))
    told = understand(prompt.heaviest)
    style = nearest_style(told, encoder.encode) if told.style is None else find_style(told.style).name
    return replace(prompt, vector=blend / np.float32(max(length, 1e-6)), style=style)
