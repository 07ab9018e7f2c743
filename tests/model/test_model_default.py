"""The language model that ships: what it was taught to hear, it hears."""

import torch

from simba_live.engine.conductor import Conductor
from simba_live.engine.request import Request
from simba_live.model import load_model
from simba_live.model.text import load_text_encoder
from simba_live.paths import ASSETS, DEFAULT_MODEL

FRAMES = 100


def test_it_hears_the_prompt_beside_the_notes() -> None:
    """Of the same notes and the same past it expects other sounds for another prompt, by 0.02 nats a code."""
    model = load_model(ASSETS / DEFAULT_MODEL)
    encoder = load_text_encoder(model.config.text_encoder)
    score = Conductor(Request("folk, 100 bpm", 10.0), model.config.frame_rate, encoder.encode)
    features = torch.from_numpy(score.frames(200, FRAMES).features())[None]
    prompts = ["folk with acoustic guitar and flute", "metal with distorted guitar", "music box lullaby"]
    styles = torch.from_numpy(encoder.encode(prompts))[:, None]
    past = torch.randint(
        model.config.codebook_size,
        (1, model.config.num_codebooks, FRAMES),
        generator=torch.Generator().manual_seed(0),
    )
    with torch.no_grad():
        logits, _ = model(past.expand(3, -1, -1), features.expand(3, -1, -1), styles)
    expected = logits[:, 0].log_softmax(-1)
    for other in (1, 2):
        apart = (expected[0].exp() * (expected[0] - expected[other])).sum(-1).mean()
        assert apart > 0.02
