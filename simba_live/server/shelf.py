"""Snapshots on disk: one safetensors file each, so that they are there again after a restart.

Writing and deleting is done by one worker thread; whoever asks for it never waits. While the disk is slow,
only the newest of what is wanted under each name waits for it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from simba_live.controls import LIVE, Controls
from simba_live.engine.engine import EngineState
from simba_live.engine.scene import Scene
from simba_live.errors import SimbaLiveError
from simba_live.events import check_name, event_from_json
from simba_live.music.live import Position
from simba_live.music.score import Key
from simba_live.music.settings import Settings
from simba_live.outputs import reason, reserve

FORMAT = "1"
_ENDING = ".safetensors"


class SnapshotError(SimbaLiveError):
    """A snapshot file that cannot be written or read."""


class Shelf:
    """A folder of snapshots.

    Args:
        folder: where they are; it exists.
        model: fingerprint of model and codec; snapshots of others are left alone.
        failed: called from the worker thread with one line when a file cannot be written or deleted.
    """

    def __init__(self, folder: Path, model: str, failed: Callable[[str], None]) -> None:
        self._folder, self._model, self._failed = folder, model, failed
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="shelf")
        self._lock = threading.Lock()
        self._wanted: dict[str, Scene | None] = {}

    def load(self, blank: EngineState) -> tuple[dict[str, Scene], list[str]]:
        """Read all snapshots.

        Args:
            blank: a state of the engine they are to fit.

        Returns:
            the scenes by name, and one line for every file that was left alone.
        """
        scenes, left_alone = {}, []
        for path in sorted(self._folder.glob(f"*{_ENDING}")):
            try:
                scenes[check_name(path.name.removesuffix(_ENDING))] = read_scene(path, blank, self._model)
            except SimbaLiveError as error:
                left_alone.append(str(error))
        return scenes, left_alone

    def digest(self, name: str) -> str:
        """What tells its file from any other of that name, see `digest_of`.

        Raises:
            SnapshotError: it cannot be read.
        """
        return digest_of(self._path(name))

    def put(self, name: str, scene: Scene | None) -> None:
        """Write a scene under a name, replacing what is there; None removes that."""
        with self._lock:
            waits = name in self._wanted
            self._wanted[name] = scene
        if not waits:
            self._worker.submit(self._do, name)

    def close(self) -> None:
        """Wait for what is being written."""
        self._worker.shutdown()

    def _path(self, name: str) -> Path:
        return self._folder / f"{check_name(name)}{_ENDING}"

    def _do(self, name: str) -> None:
        with self._lock:
            scene = self._wanted.pop(name)
        path = self._path(name)
        try:
            if scene is None:
                path.unlink(missing_ok=True)
            else:
                write_scene(path, scene, self._model)
        except SimbaLiveError as error:
            self._failed(str(error))
        except OSError as error:
            self._failed(f"{path} cannot be deleted ({reason(error)})")


def digest_of(path: Path) -> str:
    """SHA-256 of a snapshot's file, 64 hexadecimal digits.

    Raises:
        SnapshotError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read ({reason(error)})") from error


def write_scene(path: Path, scene: Scene, model: str) -> None:
    """Write a scene, whole or not at all.

    Args:
        path: where to.
        scene: what.
        model: fingerprint of the model and codec that it belongs to.

    Raises:
        SnapshotError: it cannot be written.
    """
    about = {
        "model": model,
        "controls": dataclasses.asdict(scene.controls),
        "prompt": scene.prompt.to_json(),
        "settings": dataclasses.asdict(scene.settings) | {"key": str(scene.settings.key)},
        "position": scene.position.to_json(),
        "turns_from": scene.turns_from,
        "unheard": [piece.to_json() for piece in scene.unheard],
    }
    metadata = {"simba_live_snapshot": FORMAT, "scene": json.dumps(about)}
    temporary = reserve(path, SnapshotError)
    try:
        # Leaves may share memory or lie strided; safetensors wants each on its own. Its `save_file` waits for
        # the disk with the interpreter locked, and the music with it.
        content = save({name: leaf.clone() for name, leaf in scene.engine.tensors()}, metadata)
        temporary.write_bytes(content)
        temporary.replace(path)
    except (OSError, SafetensorError) as error:
        raise SnapshotError(
            f"{path} cannot be written ({reason(error)}): make room and save again"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def read_scene(path: Path, blank: EngineState, model: str) -> Scene:
    """Read what `write_scene` wrote.

    Args:
        path: the file.
        blank: a state of the engine it is to fit; left as it is.
        model: fingerprint of that engine's model and codec.

    Raises:
        SnapshotError: no snapshot, damaged, or of another model.
    """
    try:
        with safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
            if metadata.get("simba_live_snapshot") != FORMAT:
                raise SnapshotError(f"{path} is no snapshot of this version: left alone")
            about = json.loads(metadata["scene"])
            if about["model"] != model:
                raise SnapshotError(f"{path} was saved with another model: left alone")
            state = blank.clone()
            state.load_tensors({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118  no dict
        return Scene(
            state,
            Controls().moved(**{name: LIVE[name].read(value) for name, value in about["controls"].items()}),
            event_from_json(about["prompt"]),  # type: ignore[arg-type]  # it was a prompt
            _read_settings(about["settings"]),
            Position.from_json(about["position"]),
            # Snapshots from before there was anybody to hear lack these.
            int(about.get("turns_from", 0)),
            tuple(event_from_json(piece) for piece in about.get("unheard", ())),  # type: ignore[misc]  # pieces
        )
    except SnapshotError:
        raise
    except (
        OSError,
        SafetensorError,
        SimbaLiveError,
        AttributeError,
        KeyError,
        TypeError,
        ValueError,
    ) as error:
        raise SnapshotError(f"{path} is damaged ({reason(error)}): left alone") from error


def _read_settings(values: dict[str, Any]) -> Settings:
    return Settings(
        **{name: _tupled(value) for name, value in values.items()} | {"key": Key.parse(values["key"])}
    )


def _tupled(value: Any) -> Any:
    """Lists of JSON as the tuples that they were."""
    return tuple(_tupled(item) for item in value) if isinstance(value, list) else value
