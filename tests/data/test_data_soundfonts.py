"""Which soundfonts a corpus is composed with."""

from pathlib import Path

import pytest

from simba_live.data.soundfonts import find_soundfonts
from simba_live.errors import MissingDependencyError, OptionError


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setattr(
        "simba_live.data.soundfonts.SOUNDFONT_FOLDERS", (str(tmp_path / "a"), str(tmp_path / "b"))
    )
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    return tmp_path


def install(path: Path) -> Path:
    path.write_bytes(b"RIFF0000sfbk")
    return path


def test_one_of_each_kind_and_never_the_one_that_judges(folder):
    mono = install(folder / "a" / "FluidR3Mono_GM.sf3")
    install(folder / "a" / "TimGM6mb.sf2")
    assert find_soundfonts() == (mono,)
    fluid = install(folder / "b" / "FluidR3_GM.sf2")
    lite = install(folder / "a" / "MuseScore_General_Lite.sf3")
    assert find_soundfonts() == (fluid, lite)


def test_a_link_to_the_same_samples_adds_nothing(folder):
    mono = install(folder / "a" / "FluidR3Mono_GM.sf3")
    (folder / "a" / "MuseScore_General.sf3").symlink_to(mono)
    assert find_soundfonts() == (mono,)


def test_none_but_the_one_that_judges(folder):
    install(folder / "a" / "TimGM6mb.sf2")
    with pytest.raises(MissingDependencyError, match=r"apt install .*--soundfont"):
        find_soundfonts()


def test_named_ones_are_taken_once_each(folder):
    judge = install(folder / "a" / "TimGM6mb.sf2")
    assert find_soundfonts([judge, str(judge)]) == (judge,)
    with pytest.raises(OptionError, match="no such file"):
        find_soundfonts([judge, folder / "absent.sf2"])
