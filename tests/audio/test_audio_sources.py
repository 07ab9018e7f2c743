"""Files as players, silence, and which source a user means."""

import time

import numpy as np
import pytest
import soundfile

from simba_live.audio import sources
from simba_live.audio.input import Input
from simba_live.audio.sources import FileSource, Silence, open_source
from simba_live.errors import AudioFileError, DeviceError, OptionError
from tests.waiting import until


@pytest.fixture
def take(tmp_path):
    """Half a second of three channels: 0.1, 0.2 and 0.3 of full scale."""
    path = tmp_path / "take.wav"
    soundfile.write(path, np.tile([0.1, 0.2, 0.3], (4000, 1)), 8000, subtype="FLOAT")
    return path


def read_all(source, seconds):
    begun, parts = time.monotonic(), []
    while time.monotonic() < begun + seconds:
        parts.append(source.read(0.02))
    return np.concatenate(parts)


def test_a_file_is_heard_in_real_time_and_then_is_over(take):
    source = FileSource(take)
    assert (source.sample_rate, source.name, source.trouble) == (8000, f"file:{take}", "")
    time.sleep(0.2)  # It begins when it is read first.
    first = read_all(source, 0.25)
    assert len(first) / 8000 == pytest.approx(0.25, abs=0.05)
    rest = read_all(source, 0.4)
    assert len(first) + len(rest) == 4000
    assert np.allclose(np.concatenate([first, rest]), [0.1, 0.2, 0.3])
    assert source.trouble == "it is over"
    source.close()


def test_channels_of_a_file_can_be_chosen(take):
    assert read_all(FileSource(take, (3, 1)), 0.1)[0] == pytest.approx([0.3, 0.1])
    with pytest.raises(OptionError, match=r"input channel 4 is not there: .* has 3"):
        FileSource(take, (4,))


def test_who_comes_back_late_goes_on_from_there(take, monkeypatch):
    monkeypatch.setattr(sources, "FORGIVEN_SECONDS", 0.1)
    silence = Silence(8000)
    silence.read(0.02)
    time.sleep(0.3)
    assert len(silence.read(0.02)) < 800


def test_a_file_of_nan_is_handed_on(tmp_path):
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.full((800, 1), np.nan, np.float32), 8000, subtype="FLOAT")
    assert np.isnan(read_all(FileSource(path), 0.05)).all()


def test_a_source_is_found_by_what_a_user_writes(take, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr(sources, "DeviceSource", lambda *arguments: opened.append(arguments))
    assert open_source(str(take)).name == open_source(f"file:{take}").name == f"file:{take}"
    assert open_source("null").name == "null"
    for spec in ("jack", "jack:me", "default", "Scarlett 2i2", "3"):
        open_source(spec, (2,))
    assert opened == [
        ("jack in", "simba-ear", (2,)),
        ("jack in", "me", (2,)),
        ("portaudio in", "default", (2,)),
        ("portaudio in", "Scarlett 2i2", (2,)),
        ("portaudio in", "3", (2,)),
    ]
    with pytest.raises(AudioFileError, match=r"none.wav does not exist"):
        open_source(str(tmp_path / "none.wav"))
    with pytest.raises(OptionError, match="names no file"):
        open_source("file:")
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    with pytest.raises(AudioFileError, match="cannot be read as audio") as caught:
        open_source(str(text))
    assert "\n" not in str(caught.value)


class Microphone(Silence):
    """A device that can be unplugged."""

    live = True
    plugged = True

    def __init__(self, spec, channels=()):
        if not self.plugged:
            raise DeviceError(f"{spec} is not there")
        super().__init__(8000)
        self.name = spec

    @property
    def trouble(self):
        return "" if self.plugged else "the device has gone"

    def _next(self, length):
        return np.ones((length, 1), np.float32)


@pytest.fixture
def microphone(monkeypatch):
    monkeypatch.setattr("simba_live.audio.input.open_source", Microphone)
    monkeypatch.setattr("simba_live.audio.input.RETRY_SECONDS", 0.05)
    monkeypatch.setattr(Microphone, "plugged", True)
    return Microphone


def sounds(heard):
    return bool(heard.read(0.02)[0].any())


def test_a_lost_device_is_silence_until_it_is_back(microphone):
    told = []
    heard = Input("Scarlett", notify=told.append)
    assert until(lambda: sounds(heard))
    microphone.plugged = False
    assert until(lambda: not sounds(heard))
    assert heard.lost == "the device has gone"
    assert told == ["Scarlett is lost (the device has gone): nothing is heard until it is back"]
    assert until(lambda: len(heard.read(0.02)[0]) > 0)
    microphone.plugged = True
    assert until(lambda: sounds(heard))
    assert (heard.lost, told[1:]) == ("", ["Scarlett is back"])
    heard.close()


def test_a_device_that_does_not_work_yet_is_waited_for(microphone):
    microphone.plugged = False
    heard = Input("Scarlett")
    assert heard.lost == "Scarlett is not there"
    microphone.plugged = True
    assert until(lambda: sounds(heard))
    heard.close()


def test_a_file_that_is_over_is_silence_and_is_not_looked_for(take):
    told = []
    heard = Input(str(take), notify=told.append)
    assert until(lambda: heard.read(0.02) and heard.lost, 3.0)
    assert told == [f"file:{take}: it is over"]
    assert not heard.read(0.02)[0].any()
    assert heard._finder is None
    heard.close()
