"""`simba-live gen` with a tiny model: files, lengths, seeds, and what it says."""

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

pytestmark = pytest.mark.usefixtures("fake_text")

RATE = 24000


def folder():
    return sorted(path.name for path in Path().iterdir())


def test_a_prompt_becomes_a_file(simba_live, checkpoints):
    code, out, err = simba_live("gen", "slow jazz at 90 bpm", "-o", "out.wav", "--seconds", 2, *checkpoints)
    assert code == 0, err
    assert folder() == ["out.wav"]
    samples, rate = soundfile.read("out.wav")
    assert rate == RATE
    assert samples.shape == (2 * RATE,)
    assert samples.std() > 0.01
    first, *_, last = out.splitlines()
    assert first.startswith("understood: ")
    assert "90 BPM" in first
    assert re.fullmatch(
        r"wrote out\.wav: 2\.000 s in [\d.]+ s, first sound after [\d.]+ s, real-time factor [\d.]+", last
    )


@pytest.mark.parametrize("seconds", [0.1, 0.5, 1.00002, 1.0199])
def test_length_is_exact_to_the_sample(simba_live, checkpoints, seconds):
    simba_live("gen", "techno", "-o", "out.flac", "-s", seconds, *checkpoints)
    assert soundfile.info("out.flac").frames == round(seconds * RATE)


@pytest.mark.parametrize("way", [(), ("--free",), ("--guidance", "2", "--top-p", "0.9")])
def test_the_same_seed_gives_the_same_file(simba_live, checkpoints, way):
    for name, seed in (("one.wav", 5), ("two.wav", 5), ("three.wav", 6)):
        assert simba_live("gen", "rock", "-o", name, "-s", 1, "--seed", seed, *way, *checkpoints)[0] == 0
    one, two, three = (Path(name).read_bytes() for name in ("one.wav", "two.wav", "three.wav"))
    assert one == two
    assert one != three


def test_free_is_said_and_sounds_different(simba_live, checkpoints):
    arranged = simba_live("gen", "rock at 120 bpm", "-o", "arranged.wav", "-s", 1, *checkpoints)[1]
    free = simba_live("gen", "rock at 120 bpm", "-o", "free.wav", "-s", 1, "--free", *checkpoints)[1]
    assert "arranged" in arranged.splitlines()[0]
    assert "free" in free.splitlines()[0]
    assert "120 BPM" in free.splitlines()[0]
    assert Path("free.wav").read_bytes() != Path("arranged.wav").read_bytes()


def test_without_output_a_free_name_is_taken(simba_live, checkpoints):
    for _ in range(2):
        assert simba_live("gen", "rock", "-s", 0.5, *checkpoints)[0] == 0
    assert simba_live("gen", "rock", "-s", 0.5, "--format", "flac", *checkpoints)[0] == 0
    assert folder() == ["out-2.wav", "out.flac", "out.wav"]


def test_a_named_file_is_replaced(simba_live, checkpoints):
    Path("mine.wav").write_text("old")
    assert simba_live("gen", "rock", "-o", "mine.wav", "-s", 0.5, *checkpoints)[0] == 0
    assert soundfile.info("mine.wav").frames == RATE // 2


def test_a_picture_is_drawn(simba_live, checkpoints):
    code, out, _ = simba_live("gen", "rock", "-o", "out.wav", "-s", 1, "--plot", "out.png", *checkpoints)
    assert code == 0
    assert Path("out.png").read_bytes().startswith(b"\x89PNG")
    assert folder() == ["out.png", "out.wav"]
    assert out.splitlines()[-1].startswith("wrote out.wav")


def test_it_ends_in_silence(simba_live, checkpoints):
    simba_live("gen", "rock", "-o", "out.wav", "-s", 2, *checkpoints)
    samples = soundfile.read("out.wav")[0]
    loudness = samples.std()
    assert np.abs(samples[-12:]).max() < 0.02 * loudness + 1e-4
    assert samples[-RATE : -RATE // 2].std() > 0.3 * loudness


@pytest.mark.parametrize("rate", [8000, 44100, 192000])
@pytest.mark.parametrize("channels", [1, 2, 8])
def test_continue_reads_any_rate_and_channel_count(simba_live, checkpoints, rate, channels):
    tone = 0.4 * np.sin(2 * np.pi * 330 * np.arange(rate) / rate)
    soundfile.write("in.wav", np.tile(tone[:, None], (1, channels)), rate)
    code, _, err = simba_live("gen", "rock", "--continue", "in.wav", "-o", "out.wav", "-s", 0.5, *checkpoints)
    assert code == 0, err
    samples = soundfile.read("out.wav")[0]
    assert abs(len(samples) - 1.5 * RATE) <= 1
    spectrum = np.abs(np.fft.rfft(samples[: RATE // 2], RATE))
    assert spectrum.argmax() == 330


def test_progress_is_plain_where_there_is_no_terminal(simba_live, checkpoints):
    _, out, err = simba_live("gen", "rock", "-o", "out.wav", "-s", 3, *checkpoints)
    assert re.match(r"playing: [\d.]+ of 3\.0 s, \d+ s left\n", err)
    assert "\x1b" not in out + err
