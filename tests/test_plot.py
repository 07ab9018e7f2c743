import numpy as np
import pytest

from simba_live.errors import OptionError
from simba_live.plot import mel_filters, mel_spectrogram, plot


def tone(hertz, seconds=1.0, sample_rate=24000):
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * sample_rate)) / sample_rate).astype(np.float32)


def test_every_mel_band_catches_something_and_peaks_rise():
    filters = mel_filters(24000)
    peaks = filters.argmax(axis=1)
    assert filters.max(axis=1).min() > 0.2
    assert (np.diff(peaks) >= 0).all()


@pytest.mark.parametrize("hertz", [110.0, 440.0, 3000.0])
def test_a_tone_shows_at_its_own_frequency(hertz):
    spectrogram = mel_spectrogram(tone(hertz), 24000)
    band = spectrogram.mean(axis=1).argmax()
    peaks = mel_filters(24000).argmax(axis=1) * 24000 / 2048
    assert abs(peaks[band] - hertz) < 0.05 * hertz + 12
    assert spectrogram.max() == 0
    assert spectrogram.min() >= -80


def test_long_audio_is_thinned():
    assert mel_spectrogram(tone(440, 200.0), 24000).shape[1] <= 1500


@pytest.mark.parametrize("extension", ["png", "svg"])
@pytest.mark.parametrize("title", ["", "50% of $100$ in 日本 " + "long " * 100])
def test_a_picture_is_written(tmp_path, extension, title):
    path = tmp_path / f"picture.{extension}"
    plot(path, tone(440)[None], 24000, np.zeros((4, 50), np.int64), title)
    assert path.stat().st_size > 5000
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("out.gif", "known picture format"),
        ("folder.png", "is a folder"),
        ("absent/out.png", "does not exist"),
    ],
)
def test_unusable_places_are_told_in_one_line(tmp_path, name, words):
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(OptionError, match=words) as caught:
        plot(tmp_path / name, tone(440)[None], 24000, np.zeros((1, 50), np.int64))
    assert "\n" not in str(caught.value)
