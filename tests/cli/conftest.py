import zlib

import numpy as np
import pytest

from simba_live_cli.app import run
from tests.checkpoints import write_checkpoints


class FakeEncoder:
    """Unit vectors that depend on the text, as the real encoder's do, without its weights."""

    def encode(self, texts):
        rows = [np.random.default_rng(zlib.crc32(text.encode())).standard_normal(384) for text in texts]
        return np.stack([row / np.linalg.norm(row) for row in rows]).astype(np.float32)


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """Flags that select a tiny model and a tiny codec."""
    model, codec = write_checkpoints(tmp_path_factory.mktemp("checkpoints"))
    return ["--model", str(model), "--codec", str(codec)]


@pytest.fixture
def fake_text(monkeypatch):
    monkeypatch.setattr("simba_live.generation.load_text_encoder", lambda name: FakeEncoder())


@pytest.fixture
def simba_live(capsys, tmp_path, monkeypatch):
    """The command, run in an empty folder: a function from arguments to (exit code, stdout, stderr)."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)

    def call(*arguments):
        with pytest.raises(SystemExit) as stopped:
            run([str(argument) for argument in arguments])
        printed = capsys.readouterr()
        return stopped.value.code, printed.out, printed.err

    return call
