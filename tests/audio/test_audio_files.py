import resource
import signal

import numpy as np
import pytest
import soundfile

from simba_live.audio import AudioWriter, check_writable, convert, limit, read_audio
from simba_live.errors import AudioFileError


def tone(sample_rate: int, seconds: float = 0.5, channels: int = 1, hertz: float = 440.0) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(sample_rate * seconds)) / sample_rate)
    return np.tile(wave.astype(np.float32), (channels, 1))


def store(path, audio, sample_rate, subtype="FLOAT"):
    soundfile.write(path, audio.T, sample_rate, subtype=subtype)
    return path


@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("sample_rate", [8000, 44100, 192000])
def test_any_rate_and_channel_count_is_read(tmp_path, channels, sample_rate):
    audio = tone(sample_rate, channels=channels)
    read, rate = read_audio(store(tmp_path / "in.wav", audio, sample_rate))
    assert rate == sample_rate
    assert np.array_equal(read, audio)


@pytest.mark.parametrize("extension", ["flac", "ogg", "mp3", "aiff"])
def test_other_formats_are_read(tmp_path, extension):
    path = tmp_path / f"in.{extension}"
    soundfile.write(path, tone(44100).T, 44100)
    audio, rate = read_audio(path)
    assert rate == 44100
    assert audio.dtype == np.float32
    assert 0.4 < np.abs(audio).max() < 0.6


def bad_files(folder):
    good = tone(24000)
    (folder / "text.wav").write_text("not a sound")
    (folder / "nothing.wav").touch()
    store(folder / "silent.wav", np.zeros((1, 0), np.float32), 24000)
    nan, infinite = good.copy(), good.copy()
    nan[0, 7], infinite[0, 9:11] = np.nan, np.inf
    store(folder / "nan.wav", nan, 24000)
    store(folder / "inf.wav", infinite, 24000)
    return {
        "absent.wav": "does not exist",
        ".": "is a folder",
        "text.wav": "cannot be read as audio",
        "nothing.wav": "cannot be read as audio",
        "silent.wav": "has no samples",
        "nan.wav": "1 samples that are NaN",
        "inf.wav": "2 samples that are NaN",
    }


def test_unusable_input_is_told_in_one_line(tmp_path):
    for name, words in bad_files(tmp_path).items():
        with pytest.raises(AudioFileError) as caught:
            read_audio(tmp_path / name)
        message = str(caught.value)
        assert words in message, name
        assert str(tmp_path) in message
        assert "\n" not in message


@pytest.mark.parametrize("sample_rate", [8000, 44100, 192000])
def test_conversion_keeps_pitch_and_length(sample_rate):
    audio = convert(tone(sample_rate, 1.0, channels=8), sample_rate, 24000, 1)
    assert audio.shape[0] == 1
    assert abs(audio.shape[1] - 24000) <= 1
    spectrum = np.abs(np.fft.rfft(audio[0, :24000], 24000))
    assert spectrum.argmax() == 440


def test_conversion_averages_or_repeats_channels():
    stereo = np.stack([np.ones(10, np.float32), np.zeros(10, np.float32)])
    assert np.array_equal(convert(stereo, 24000, 24000, 1), np.full((1, 10), 0.5, np.float32))
    assert np.array_equal(convert(stereo[:1], 24000, 24000, 2), np.ones((2, 10), np.float32))


def test_limit_bends_only_what_is_loud():
    quiet = np.linspace(-0.9, 0.9, 101, dtype=np.float32)
    assert np.array_equal(limit(quiet), quiet)
    loud = np.linspace(0.0, 30.0, 5001, dtype=np.float32)
    bent = limit(loud)
    assert bent.max() <= 1.0
    assert (np.diff(bent) >= 0).all()
    assert np.diff(bent).max() <= np.diff(loud).max() * 1.001
    assert np.array_equal(limit(-loud), -bent)


@pytest.mark.parametrize("extension", ["wav", "flac"])
def test_blocks_make_one_file_of_16_bit_samples(tmp_path, extension):
    path = tmp_path / f"out.{extension}"
    audio = tone(24000, channels=2)
    with AudioWriter(path, 24000, channels=2) as writer:
        for start in range(0, audio.shape[1], 777):
            writer.write(audio[:, start : start + 777])
        assert not path.exists()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]
    samples, rate = soundfile.read(path, dtype="int16")
    assert rate == 24000
    assert soundfile.info(path).subtype == "PCM_16"
    assert np.array_equal(samples, np.rint(audio.T * 32768).astype(np.int16))


def test_beyond_full_scale_does_not_wrap_around(tmp_path):
    with AudioWriter(tmp_path / "out.wav", 24000) as writer:
        writer.write(np.array([[-7.0, 7.0]], np.float32))
    assert soundfile.read(tmp_path / "out.wav", dtype="int16")[0].tolist() == [-32768, 32767]


def test_format_may_differ_from_extension(tmp_path):
    with AudioWriter(tmp_path / "take", 24000, file_format="flac") as writer:
        writer.write(tone(24000))
    assert soundfile.info(tmp_path / "take").format == "FLAC"


def write_until(path, failure):
    with AudioWriter(path, 24000) as writer:
        writer.write(tone(24000))
        raise failure


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_an_interruption_leaves_the_folder_as_it_was(tmp_path, failure):
    path = tmp_path / "out.wav"
    path.write_bytes(b"what was here before")
    with pytest.raises(failure):
        write_until(path, failure)
    assert path.read_bytes() == b"what was here before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_followed(tmp_path):
    (tmp_path / "real.wav").write_bytes(b"old")
    (tmp_path / "link.wav").symlink_to("real.wav")
    with AudioWriter(tmp_path / "link.wav", 24000) as writer:
        writer.write(tone(24000))
    assert (tmp_path / "link.wav").is_symlink()
    assert soundfile.info(tmp_path / "real.wav").frames == 12000


@pytest.mark.parametrize(
    ("name", "file_format", "words"),
    [
        ("", None, "is a folder"),
        ("out.mp3", None, "use .wav or .flac"),
        ("out", None, "does not end in a known format"),
        ("out.wav", "aac", "format 'aac' cannot be written"),
        ("folder.wav", None, "is a folder"),
        ("absent/out.wav", None, "does not exist"),
        ("/proc/out.wav", None, "cannot be written"),
        ("/dev/null", "wav", "is a device"),
        ("n" * 300 + ".wav", None, "cannot be written"),
    ],
)
def test_unusable_output_is_told_in_one_line(tmp_path, name, file_format, words):
    (tmp_path / "folder.wav").mkdir()
    for attempt in (
        lambda: check_writable(tmp_path / name, file_format),
        lambda: AudioWriter(tmp_path / name, 24000, 1, file_format),
    ):
        with pytest.raises(AudioFileError, match=words) as caught:
            attempt()
        assert "\n" not in str(caught.value)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder.wav"]


def write_noise(path):
    noise = np.random.default_rng(0).uniform(-1, 1, (1, 24000)).astype(np.float32)
    with AudioWriter(path, 24000) as writer:
        for _ in range(4):
            writer.write(noise)


@pytest.mark.parametrize("extension", ["wav", "flac"])
@pytest.mark.parametrize("limit_bytes", [100, 20_000])
def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, extension, limit_bytes):
    """A limit on file size fails writes as a full disk does, at the header or later."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
        with pytest.raises(AudioFileError, match=r"out\.\w+ cannot be written") as caught:
            write_noise(tmp_path / f"out.{extension}")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
