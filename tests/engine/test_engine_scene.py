"""What a change of controls or prompt asks of the arranger."""

import pytest

from simba_live.controls import Controls
from simba_live.engine.scene import settle
from simba_live.events import Prompt
from simba_live.music.arranger import Arranger

BALLAD = Prompt(("slow ballad",), style="ballad")
LONG = range(0, 160, 2)


def keys(settings):
    arranger = Arranger(settings)
    return {arranger.bar(index).key for index in LONG}


@pytest.mark.parametrize("before", [None, settle(BALLAD, Controls(seed=1), None)])
def test_a_stream_whose_key_nobody_asked_for_goes_to_others_and_comes_back(before):
    settings = [settle(BALLAD, Controls(seed=seed), before) for seed in range(4)]
    assert any(len(keys(one)) > 1 for one in settings)


@pytest.mark.parametrize(
    ("prompt", "controls"),
    [
        (BALLAD, {"key": "C minor"}),
        (Prompt(("slow ballad in C minor",), style="ballad"), {}),
    ],
)
def test_a_key_that_was_asked_for_stays(prompt, controls):
    for seed in range(4):
        asked = settle(prompt, Controls(seed=seed, **controls), settle(BALLAD, Controls(seed=seed), None))
        assert {str(key) for key in keys(asked)} == {"C minor"}
