import json
from dataclasses import asdict

import pytest

from simba_live.data.manifest import MANIFEST, Piece, read_manifest, write_beside, write_manifest
from simba_live.errors import CorpusError


def piece(name: str = "000000-lofi", **changes: object) -> Piece:
    values: dict[str, object] = {
        "id": name,
        "split": "train",
        "style": "lofi",
        "bpm": 80.0,
        "key": "A minor",
        "beats_per_bar": 4,
        "seconds": 24.5,
        "captions": ("lofi", "sad piano, 80 bpm, naïve"),
        "audio": f"audio/{name}.flac",
        "midi": f"midi/{name}.mid",
        "conditions": f"conditions/{name}.safetensors",
    }
    return Piece(**{**values, **changes})  # type: ignore[arg-type]  (the values are mixed on purpose)


def test_what_is_written_is_read(tmp_path):
    pieces = [piece("a"), piece("b", split="test", voice="own", effects=("drive",))]
    write_manifest(tmp_path, pieces)
    assert read_manifest(tmp_path) == pieces
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "Expecting property name"),
        ("[1]", "not a JSON object"),
        (json.dumps({"id": "x"}), "lacks split, style"),
        (json.dumps({**asdict(piece()), "sample_rate": 1}), "unknown sample_rate"),
        (json.dumps({**asdict(piece()), "split": "training"}), "split is 'training'"),
        (json.dumps({**asdict(piece()), "bpm": -3}), "bpm is -3"),
        (json.dumps({**asdict(piece()), "seconds": float("nan")}), "seconds is nan"),
        (json.dumps({**asdict(piece()), "captions": "lofi"}), "captions is not a list"),
        (json.dumps({**asdict(piece()), "voice": 3}), "voice is 3"),
        (json.dumps({**asdict(piece()), "effects": "reverb"}), "effects is not a list"),
        (json.dumps({**asdict(piece()), "audio": "../../etc/passwd"}), "leads out of the corpus"),
        (json.dumps(asdict(piece("first"))), "id 'first' occurs already in line 1"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, complaint):
    (tmp_path / MANIFEST).write_text(piece("first").to_json() + "\n\n" + line + "\n")
    with pytest.raises(CorpusError, match="line 3") as error:
        read_manifest(tmp_path)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_or_empty(tmp_path):
    with pytest.raises(CorpusError, match="data compose"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_text("\n")
    with pytest.raises(CorpusError, match="no pieces"):
        read_manifest(tmp_path)
    (tmp_path / MANIFEST).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CorpusError, match="cannot be read"):
        read_manifest(tmp_path)


def test_a_failed_write_leaves_the_old_file(tmp_path):
    target = tmp_path / "folder"
    target.mkdir()
    (target / "inside").write_text("old")
    with pytest.raises(OSError, match="directory"):
        write_beside(target, b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
