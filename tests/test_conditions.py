"""The table of conditions: free is nothing at all, every other value is seen, nothing is lost."""

from dataclasses import fields

import numpy as np
import pytest

from simba_live.conditions import DRUMS, INSTRUMENTS, NUM_FEATURES, NUM_PROGRAMS, Conditions


def known(num_frames: int, seed: int = 0) -> Conditions:
    generator = np.random.default_rng(seed)
    conditions = Conditions.free(num_frames)
    for name, array in conditions.arrays().items():
        if array.dtype == np.float32:
            array[:] = (
                generator.uniform(60, 180, num_frames) if name == "tempo" else generator.random(num_frames)
            )
        else:
            top = {"key": 24, "chord": 4, "notes": 4}.get(name, 3)
            array[:] = generator.integers(0 if name == "key" else 1, top, array.shape)
    return conditions


def test_free_is_all_zeros():
    assert not Conditions.free(7).features().any()


@pytest.mark.parametrize("name", [field.name for field in fields(Conditions)])
def test_each_field_has_columns_of_its_own(name):
    everything, alone, without = known(50), Conditions.free(50), known(50)
    getattr(alone, name)[:] = getattr(everything, name)
    getattr(without, name)[:] = getattr(Conditions.free(50), name)
    columns = alone.features().any(0)
    assert columns.any()
    # Freeing the field clears exactly the columns that it alone had filled.
    assert not without.features()[:, columns].any()
    assert np.array_equal(alone.features() + without.features(), everything.features())


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [("notes", 1, 2), ("drums", 1, 2), ("instruments", 1, 2), ("programs", 1, 2), ("key", 0, 12)],
)
def test_silence_is_not_free(name, value, other):
    free, silent, sounding = Conditions.free(1), Conditions.free(1), Conditions.free(1)
    getattr(silent, name)[:] = value
    getattr(sounding, name)[:] = other
    views = [conditions.features().tobytes() for conditions in (free, silent, sounding)]
    assert len(set(views)) == 3


def test_shape_slices_and_storage():
    conditions = known(20)
    assert conditions.features().shape == (20, NUM_FEATURES)
    assert conditions.features().dtype == np.float32
    assert np.array_equal(conditions[5:9].features(), conditions.features()[5:9])
    joined = Conditions.concatenate([conditions[:8], conditions[8:]])
    assert np.array_equal(joined.features(), conditions.features())
    assert np.array_equal(Conditions.stored(conditions.arrays()).features(), conditions.features())
    assert conditions.drums.shape[1] == len(DRUMS)
    assert conditions.instruments.shape[1] == len(INSTRUMENTS)
    assert conditions.programs.shape[1] == NUM_PROGRAMS


def test_what_an_older_file_lacks_is_free():
    arrays = known(20).arrays()
    del arrays["programs"]
    conditions = Conditions.stored(arrays)
    assert np.array_equal(conditions.programs, Conditions.free(20).programs)
    assert np.array_equal(conditions.notes, arrays["notes"])
    with pytest.raises(ValueError, match=r"drums is \(19, 8\), not \(20, 8\)"):
        Conditions.stored({**arrays, "drums": arrays["drums"][1:]})
    with pytest.raises(TypeError, match="tune"):
        Conditions.stored({**arrays, "tune": arrays["drums"]})


def test_phase_is_a_circle():
    conditions = Conditions.free(3)
    conditions.beat[:] = [0.0, 0.999999, 0.5]
    start, end, middle = conditions.features()
    assert np.allclose(start, end, atol=1e-4)
    assert not np.allclose(start, middle, atol=0.5)
