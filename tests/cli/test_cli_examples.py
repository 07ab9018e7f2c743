"""The committed examples are what the README's commands write."""

import shlex

import numpy as np
import pytest
import soundfile
import torch

from tests.test_readme import COMMANDS, ROOT

FOLDER = ".examples"
EXAMPLES = [shlex.split(command) for command in COMMANDS if f" -o {FOLDER}/" in command]


def test_there_are_eight():
    written = {(ROOT / arguments[-1]).name for arguments in EXAMPLES}
    assert written == {path.name for path in (ROOT / FOLDER).iterdir()}
    assert len(written) == 8


@pytest.mark.parametrize("arguments", EXAMPLES, ids=lambda arguments: arguments[-1])
def test_it_is_rendered_again_to_the_same_samples(arguments, simba_live):
    code, _, err = simba_live(*arguments[1:-1], "again.flac")
    assert code == 0, err
    again, rate = soundfile.read("again.flac", dtype="int16")
    committed, committed_rate = soundfile.read(ROOT / arguments[-1], dtype="int16")
    assert rate == committed_rate
    off = np.abs(again.astype(int) - committed)
    if torch.backends.cpu.get_cpu_capability() == "AVX512":
        assert not off.any()
    else:  # The codes are the same; sums in another order may round the other way.
        assert off.max() <= 1
        assert off.mean() < 0.01
