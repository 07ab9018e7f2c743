from pathlib import Path

import pytest

from simba_live.model import PRESETS
from simba_live.music.styles import STYLES


def test_list_names_every_preset(simba_live):
    code, out, _ = simba_live("models", "list")
    assert code == 0
    for name in PRESETS:
        assert f"  {name} " in out


def test_styles_names_every_style(simba_live):
    code, out, _ = simba_live("models", "styles")
    assert code == 0
    for name in STYLES:
        assert name in out


@pytest.mark.parametrize("which", ["--model", "--codec"])
def test_info_tells_settings_and_size(simba_live, checkpoints, which):
    folder = checkpoints[checkpoints.index(which) + 1]
    code, out, _ = simba_live("models", "info", folder)
    assert code == 0
    assert folder in out
    assert "M parameters" in out
    assert "codebook_size: 64" in out


def test_info_on_what_is_no_checkpoint(simba_live, checkpoints):
    for name in ("absent", "."):
        code, _, err = simba_live("models", "info", name)
        assert code == 2
        assert err.count("\n") == 1
    broken = Path("broken")
    broken.mkdir()
    good = Path(checkpoints[1])
    (broken / "config.json").write_bytes((good / "config.json").read_bytes())
    (broken / "model.safetensors").write_bytes((good / "model.safetensors").read_bytes()[:-9])
    code, _, err = simba_live("models", "info", "broken")
    assert code == 2
    assert "cut short" in err
