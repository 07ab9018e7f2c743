"""Whatever a user can get wrong ends in one clear line and exit code 2, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import soundfile

GOOD = ("-o", "out.wav", "-s", "1")


def sound(samples, channels=1):
    return np.full((samples, channels), 0.1, np.float32)


def make_bad_files():
    Path("folder.wav").mkdir()
    Path("text.wav").write_text("not audio")
    soundfile.write("empty.wav", sound(0), 24000)
    broken = sound(100)
    broken[50] = np.nan
    soundfile.write("nan.wav", broken, 24000, subtype="FLOAT")


BEFORE_LOADING = {
    "empty prompt": (("",), "the prompt is empty"),
    "blank prompt": ((" \n\t ",), "the prompt is empty"),
    "10 kB prompt": (("x" * 10240,), "10240 characters"),
    "seconds 0": (("rock", "--seconds", "0"), "seconds is 0"),
    "seconds -1": (("rock", "--seconds", "-1"), "seconds is -1"),
    "seconds nan": (("rock", "--seconds", "nan"), "seconds is nan"),
    "seconds inf": (("rock", "--seconds", "inf"), "seconds is inf"),
    "seconds 1e9": (("rock", "--seconds", "1e9"), "seconds is 1000000000"),
    "seconds no number": (("rock", "--seconds", "long"), "seconds is 'long'"),
    "bpm": (("rock", "--bpm", "5000"), "bpm is 5000"),
    "temperature": (("rock", "--temperature", "-0.1"), "temperature is -0.1"),
    "top-k": (("rock", "--top-k", "1.5"), "top-k is '1.5'"),
    "top-p": (("rock", "--top-p", "0"), "top-p is 0"),
    "guidance": (("rock", "--guidance", "nan"), "guidance is nan"),
    "seed": (("rock", "--seed", "-3"), "seed is -3"),
    "key": (("rock", "--key", "H dur"), "'H dur'"),
    "metre": (("rock", "--metre", "three"), "'three'"),
    "metre 0": (("rock", "--metre", "0/4"), "'0/4'"),
    "metre 99": (("rock", "--metre", "99"), "99"),
    "style": (("rock", "--style", "polka-core"), "'polka-core'"),
    "output is a folder": (("rock", "-o", "folder.wav"), "folder.wav is a folder"),
    "output in a missing folder": (("rock", "-o", "absent/out.wav"), "absent does not exist"),
    "output cannot be written": (("rock", "-o", "/proc/out.wav"), "/proc/out.wav cannot be written"),
    "output of unknown kind": (("rock", "-o", "out.mp3"), "out.mp3"),
    "unknown format": (("rock", "-o", "out.wav", "--format", "ogg"), "'ogg'"),
    "picture of unknown kind": (("rock", "--plot", "out.gif"), "out.gif"),
    "picture is the sound": (("rock", "-o", "a.png", "--format", "wav", "--plot", "a.png"), "a.png"),
    "missing beginning": (("rock", "--continue", "absent.wav"), "absent.wav does not exist"),
    "beginning is a folder": (("rock", "--continue", "folder.wav"), "folder.wav is a folder"),
    "beginning is no sound": (("rock", "--continue", "text.wav"), "text.wav cannot be read as audio"),
    "beginning without samples": (("rock", "--continue", "empty.wav"), "empty.wav has no samples"),
    "beginning with NaN": (("rock", "--continue", "nan.wav"), "nan.wav has 1 samples that are NaN"),
    "unknown option": (("rock", "--tempo", "5"), "--tempo"),
    "no prompt": ((), "rompt"),
}


@pytest.mark.parametrize("case", BEFORE_LOADING)
def test_gen_complains_before_it_loads_anything(simba_live, case, monkeypatch):
    def load(*_):
        raise AssertionError("loaded before checking")

    monkeypatch.setattr("simba_live.generation.Generator.load", load)
    make_bad_files()
    before = sorted(Path().rglob("*"))
    arguments, words = BEFORE_LOADING[case]
    code, out, err = simba_live("gen", *arguments)
    assert code == 2
    assert out == ""
    assert err.startswith("simba-live: ")
    assert words in err
    assert err.count("\n") == 1
    assert sorted(Path().rglob("*")) == before


def damage(folder, kind):
    """A copy of a checkpoint with one thing wrong."""
    weights, config = folder / "model.safetensors", folder / "config.json"
    if kind == "no folder":
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    elif kind == "no weights":
        weights.unlink()
    elif kind == "truncated weights":
        weights.write_bytes(weights.read_bytes()[:-1000])
    elif kind == "empty weights":
        weights.write_bytes(b"")
    elif kind == "garbage weights":
        weights.write_bytes(bytes(range(256)) * 40)
    elif kind == "config is no JSON":
        config.write_text("{")
    elif kind == "pickle only":
        weights.rename(folder / "pytorch_model.bin")


KINDS = (
    "no folder",
    "no weights",
    "truncated weights",
    "empty weights",
    "garbage weights",
    "config is no JSON",
    "pickle only",
)


@pytest.mark.usefixtures("fake_text")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("which", ["model", "codec"])
def test_a_broken_checkpoint_is_one_line(simba_live, checkpoints, tmp_path, which, kind):
    position = checkpoints.index(f"--{which}") + 1
    copy = tmp_path / f"broken-{which}"
    copy.mkdir()
    for path in Path(checkpoints[position]).iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    damage(copy, kind)
    arguments = [*checkpoints[:position], str(copy), *checkpoints[position + 1 :]]
    code, _, err = simba_live("gen", "rock", *GOOD, *arguments)
    assert code == 2
    assert err.count("\n") == 1
    assert copy.name in err
    assert not list(Path().iterdir())


@pytest.mark.usefixtures("fake_text")
@pytest.mark.parametrize("device", ["gpu", "cuda", "cuda:99", "mps", ""])
def test_an_unusable_device_is_one_line(simba_live, checkpoints, device, monkeypatch):
    import torch

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    code, _, err = simba_live("gen", "rock", *GOOD, "--device", device, *checkpoints)
    assert code == 2
    assert err.count("\n") == 1
    assert repr(device) in err
    assert not list(Path().iterdir())


@pytest.mark.usefixtures("fake_text")
def test_a_disk_that_fills_up_is_one_line(simba_live, checkpoints):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, hard))
        code, _, err = simba_live("gen", "rock", "-o", "out.wav", "-s", "3", *checkpoints)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert code == 2
    assert err.splitlines()[-1].startswith("simba-live: out.wav cannot be written")
    assert "Traceback" not in err
    assert not list(Path().iterdir())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_stopping_half_way_leaves_what_was_there(checkpoints, tmp_path, number):
    """The real command in its own process, stopped once it writes."""
    out = tmp_path / "out.wav"
    out.write_bytes(b"what was here before")
    command = [sys.executable, "-c", "from simba_live_cli import main; main()", "gen", "rock at 100 bpm"]
    process = subprocess.Popen(
        [*command, "-o", str(out), "-s", "2000", *checkpoints],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts what it puts in the background deaf to Ctrl-C, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        # The hidden file shows once its first block is there; the one that tries the place is gone at once.
        with suppress(FileNotFoundError):
            if any(path.stat().st_size > 50_000 for path in tmp_path.glob(".out.wav.*.part")):
                break
        time.sleep(0.05)
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == (130 if number == signal.SIGINT else 143), err
    assert "Traceback" not in err
    assert out.read_bytes() == b"what was here before"
    assert list(tmp_path.iterdir()) == [out]
