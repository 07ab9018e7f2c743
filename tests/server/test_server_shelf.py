"""Snapshots on disk: bit for bit what they were, whole or not at all, and nobody waits for them."""

import json
import os
import shutil
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from simba_live.controls import Controls
from simba_live.engine.jam import HEARD_FRAMES
from simba_live.events import Hear, Play, Recall, Set
from simba_live.server import shelf as shelf_module
from simba_live.server.shelf import Shelf, SnapshotError, read_scene, write_scene
from tests.server.stage import PROMPT, make_performance, wait_until


@pytest.fixture(scope="module")
def performance():
    return make_performance()


@pytest.fixture(scope="module")
def moment(performance):
    """Under way, with settings and controls of all kinds."""
    controls = Controls(bpm=97.5, key="F# minor", chord="C/G", density=0.25, seed=2**32 - 1, free=1)
    moment = performance.apply(Play(), performance.begin(controls, PROMPT))
    for _ in range(40):
        _, moment = performance.advance(moment)
    return performance.apply(Set("section", "break"), moment)


@pytest.fixture
def blank(performance):
    return performance.engine.init_state(guided=True)


@pytest.fixture
def told():
    return []


@pytest.fixture
def shelf(tmp_path, performance, told):
    shelf = Shelf(tmp_path, performance.fingerprint, told.append)
    yield shelf
    shelf.close()


def files(folder):
    return sorted(path.name for path in folder.iterdir())


def on_disk(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_slow_disk_does_not_hold_up_the_interpreter(tmp_path, performance, moment, monkeypatch):
    """A pipe that nobody reads for a while is as slow as a disk can be."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setattr(shelf_module, "reserve", lambda path, failure: pipe)
    ticks = 0
    with subprocess.Popen(["sh", "-c", 'sleep 0.5; cat "$0"', pipe], stdout=subprocess.DEVNULL):
        writing = threading.Thread(
            target=write_scene, args=(tmp_path / "a.safetensors", moment.scene, performance.fingerprint)
        )
        writing.start()
        while writing.is_alive():
            time.sleep(0.01)
            ticks += 1
    assert ticks > 20


def test_what_was_saved_plays_on_bit_for_bit(tmp_path, performance, moment, blank, shelf):
    shelf.put("a", moment.scene)
    shelf.close()
    scenes, left_alone = Shelf(tmp_path, performance.fingerprint, print).load(blank)
    assert left_alone == []
    read = scenes["a"]
    for field in ("controls", "settings", "position", "calls"):
        assert getattr(read, field) == getattr(moment.scene, field)
    assert np.array_equal(read.prompt.vector, PROMPT.vector)
    assert read.prompt.texts == PROMPT.texts
    other = performance.begin(Controls(), PROMPT, scenes)
    recalled = performance.apply(Play(), performance.apply(Recall("a"), other))
    before = moment
    for frame in range(20):
        heard, recalled = performance.advance(recalled)
        wanted, before = performance.advance(before)
        assert frame == 0 or np.array_equal(heard, wanted)


def test_reading_leaves_the_blank_state_blank(tmp_path, performance, moment, blank):
    write_scene(tmp_path / "a.safetensors", moment.scene, "m")
    before = {name: leaf.clone() for name, leaf in blank.tensors()}
    read_scene(tmp_path / "a.safetensors", blank, "m")
    assert all(torch.equal(leaf, before[name]) for name, leaf in blank.tensors())


def test_other_files_are_left_alone_with_a_line_each(tmp_path, performance, moment, blank, shelf):
    write_scene(tmp_path / "good.safetensors", moment.scene, performance.fingerprint)
    write_scene(tmp_path / "other.safetensors", moment.scene, "0" * 64)
    write_scene(tmp_path / "_odd.safetensors", moment.scene, performance.fingerprint)
    (tmp_path / "empty.safetensors").touch()
    whole = (tmp_path / "good.safetensors").read_bytes()
    (tmp_path / "half.safetensors").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "folder.safetensors").mkdir()
    save_file({"x": torch.zeros(3)}, tmp_path / "plain.safetensors")
    (tmp_path / "notes.txt").write_text("mine")
    before = files(tmp_path)
    scenes, left_alone = shelf.load(blank)
    assert list(scenes) == ["good"]
    assert len(left_alone) == 6
    assert all("\n" not in line for line in left_alone)
    (other,) = (line for line in left_alone if "other.safetensors" in line)
    assert "was saved with another model: left alone" in other
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda about: about["controls"].update(bpm=1e9),
        lambda about: about["controls"].update(density="loud"),
        lambda about: about["controls"].update(volume=3),
        lambda about: about["position"].pop("bar"),
        lambda about: about["settings"].update(key="H"),
        lambda about: about["prompt"].update(texts=[]),
        lambda about: about.pop("settings"),
        lambda about: about.update(controls=5),
    ],
)
def test_a_file_with_odd_contents_is_damaged(tmp_path, moment, blank, change):
    path = tmp_path / "a.safetensors"
    write_scene(path, moment.scene, "m")
    tensors, metadata = on_disk(path)
    about = json.loads(metadata["scene"])
    change(about)
    save_file(tensors, path, metadata | {"scene": json.dumps(about)})
    with pytest.raises(SnapshotError, match="is damaged"):
        read_scene(path, blank, "m")


def test_a_state_of_another_shape_is_damaged(tmp_path, moment, blank):
    path = tmp_path / "a.safetensors"
    write_scene(path, moment.scene, "m")
    tensors, metadata = on_disk(path)
    save_file({name: leaf[..., None].clone() for name, leaf in tensors.items()}, path, metadata)
    with pytest.raises(SnapshotError, match="does not fit"):
        read_scene(path, blank, "m")


def test_saving_again_replaces_and_deleting_removes(tmp_path, performance, moment, blank, shelf):
    shelf.put("a", moment.scene)
    wait_until(lambda: files(tmp_path) == ["a.safetensors"])
    digest = shelf.digest("a")
    shelf.put("a", performance.begin(Controls(), PROMPT).scene)
    wait_until(lambda: shelf.digest("a") != digest)
    assert shelf.load(blank)[0]["a"].position.bar == 0
    shelf.put("a", None)
    shelf.put("b", None)
    wait_until(lambda: files(tmp_path) == [])


def test_while_the_disk_is_slow_only_the_newest_of_a_name_waits(
    performance, moment, shelf, monkeypatch, tmp_path
):
    gate, written = threading.Event(), []

    def slow(path, scene, model):
        gate.wait(20)
        written.append((path.stem, scene.controls.seed))

    monkeypatch.setattr(shelf_module, "write_scene", slow)
    scenes = [
        replace(moment.scene, controls=replace(moment.scene.controls, seed=seed)) for seed in range(200)
    ]
    for scene in scenes:
        shelf.put("a", scene)
        shelf.put("b", scene)
    shelf.put("b", None)
    assert len(shelf._wanted) <= 2
    gate.set()
    shelf.close()
    assert written[-1][0] == "a"
    assert [seed for name, seed in written if name == "a"][-1] == 199
    assert len(written) <= 3


def test_a_full_disk_is_told_and_leaves_the_old_one(
    tmp_path, performance, moment, blank, shelf, told, monkeypatch
):
    write_scene(tmp_path / "a.safetensors", moment.scene, performance.fingerprint)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    shelf.put("a", performance.begin(Controls(), PROMPT).scene)
    shelf.close()
    assert told == [
        f"{tmp_path / 'a.safetensors'} cannot be written (No space left on device): make room and save again"
    ]
    assert files(tmp_path) == ["a.safetensors"]
    assert shelf.load(blank)[0]["a"].position == moment.scene.position


def test_a_folder_that_is_gone_is_told(tmp_path, performance, moment, told):
    folder = tmp_path / "snapshots"
    folder.mkdir()
    shelf = Shelf(folder, performance.fingerprint, told.append)
    shutil.rmtree(folder)
    shelf.put("a", moment.scene)
    shelf.put("b", None)
    shelf.close()
    assert len(told) == 1
    assert "does not exist" in told[0]
    with pytest.raises(SnapshotError, match="cannot be read"):
        shelf.digest("a")


def test_no_name_leaves_the_folder(shelf, moment):
    for name in ("../a", "/tmp/a", ".a", "a/b"):
        with pytest.raises(Exception, match="name is"):
            shelf.digest(name)


def test_what_was_heard_and_whose_turn_it_is_are_kept(tmp_path, performance, blank):
    controls = Controls(bpm=120.0, listen=1, jam="trade", jam_bars=2)
    moment = performance.apply(Play(), performance.begin(controls, PROMPT))
    moment = performance.apply(Set("jam_bars", 3), moment)
    moment = performance.apply(Hear(np.arange(60).reshape(3, 20), 1.25), moment)
    _, moment = performance.advance(moment)
    write_scene(tmp_path / "a.safetensors", moment.scene, performance.fingerprint)
    read = read_scene(tmp_path / "a.safetensors", blank, performance.fingerprint)
    assert read.turns_from == moment.scene.turns_from
    assert [piece.beat for piece in read.unheard] == [piece.beat for piece in moment.scene.unheard]
    left = np.concatenate([piece.codes for piece in read.unheard], axis=1)
    assert np.array_equal(left, np.arange(60).reshape(3, 20)[:, HEARD_FRAMES:])


def test_a_snapshot_from_before_anybody_was_heard_is_read(tmp_path, performance, moment, blank):
    path = tmp_path / "a.safetensors"
    write_scene(path, moment.scene, performance.fingerprint)
    tensors, metadata = on_disk(path)
    about = json.loads(metadata["scene"])
    for name in ("turns_from", "unheard"):
        del about[name]
    for name in ("listen", "jam", "jam_bars"):
        del about["controls"][name]
    save_file(tensors, path, metadata | {"scene": json.dumps(about)})
    read = read_scene(path, blank, performance.fingerprint)
    assert (read.unheard, read.turns_from, read.controls) == ((), 0, moment.scene.controls)
