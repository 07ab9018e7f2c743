import dataclasses
import math

import pytest

from simba_live.controls import AUTO, CONTROLS, LIVE, MAX_TEXT, NUMBERS, Controls, Sampling
from simba_live.errors import OptionError


def test_every_default_is_within_its_own_range():
    for name, control in CONTROLS.items():
        assert control.name == name
        assert control.help.endswith(".")
        if control.default is not None:
            assert control.check(control.default) == control.default


def test_the_live_controls_are_the_fields_of_controls_with_the_same_defaults():
    fields = {field.name: field.default for field in dataclasses.fields(Controls)}
    assert fields.keys() == LIVE.keys()
    for name, control in LIVE.items():
        assert fields[name] == (None if control.auto else control.default)


def test_auto_hands_a_control_back_to_the_music():
    assert LIVE["bpm"].read(AUTO) is None
    assert LIVE["guidance"].read(AUTO) is None
    assert NUMBERS["guidance"].parse(AUTO) is NUMBERS["bpm"].parse(AUTO) is None
    with pytest.raises(OptionError, match="top-k is 'auto': give a whole number"):
        NUMBERS["top_k"].parse(AUTO)
    assert LIVE["key"].read("  A   minor ") == "A minor"
    with pytest.raises(OptionError, match="gain is 'auto': give a number from -60 to 12 dB"):
        LIVE["gain"].read(AUTO)
    with pytest.raises(OptionError, match="or 'auto'"):
        LIVE["bpm"].read(5.0)


@pytest.mark.parametrize("value", ["", " ", "x" * (MAX_TEXT + 1), "a\x00b", 3.0, None])
def test_text_that_cannot_be_shown_is_refused(value):
    with pytest.raises(OptionError, match=r"key is .*give text such as 'A minor'") as caught:
        CONTROLS["key"].check(value)
    assert len(str(caught.value)) < 2 * MAX_TEXT


@pytest.mark.parametrize("value", ["chorus", "", 1.0, None])
def test_a_word_that_is_no_choice_is_refused_with_the_choices(value):
    with pytest.raises(OptionError, match="give one of intro, verse, build, drop, break, ending, or 'auto'"):
        CONTROLS["section"].check(value)
    assert CONTROLS["section"].check("drop") == "drop"


def test_open_sampling_controls_follow_the_way_of_playing():
    assert Controls().sampling == Sampling()
    assert Controls(free=1).sampling == Sampling.preset(True)
    assert Controls(free=1, temperature=0.5, seed=3).sampling == Sampling.preset(
        True, temperature=0.5, seed=3
    )


@pytest.mark.parametrize("control", NUMBERS.values(), ids=lambda control: control.name)
def test_what_is_out_of_range_is_refused_by_name(control):
    for value in (math.nan, math.inf, -math.inf, control.minimum - 1, control.maximum * 2 + 1):
        with pytest.raises(OptionError) as caught:
            control.check(value)
        message = str(caught.value)
        assert control.name.replace("_", "-") in message
        assert str(value) in message
        assert control.range in message
    assert control.minimum < control.maximum
    assert control.check(control.minimum) == control.minimum
    assert control.check(control.maximum) == control.maximum


def test_whole_numbers_come_back_whole():
    assert isinstance(NUMBERS["top_k"].check(5.0), int)
    with pytest.raises(OptionError, match="whole number from 0 to 65536"):
        NUMBERS["top_k"].check(5.5)


def test_sampling_takes_defaults_from_the_table_and_checks_values():
    sampling = Sampling()
    for name in ("temperature", "top_k", "top_p", "guidance", "seed"):
        assert getattr(sampling, name) == NUMBERS[name].default
    assert not Sampling(guidance=1).guided
    assert Sampling(guidance=3).guided
    with pytest.raises(OptionError, match="temperature is nan"):
        Sampling(temperature=math.nan)


def test_each_way_has_its_own_defaults():
    assert Sampling.preset(False) == Sampling()
    free = Sampling.preset(True)
    assert (free.temperature, free.top_k, free.guidance) == (0.9, 100, 3.0)
    assert free.guided
    assert isinstance(free.top_k, int)
    chosen = Sampling.preset(True, temperature=1.1, guidance=None, seed=7)
    assert (chosen.guidance, chosen.temperature, chosen.seed) == (3.0, 1.1, 7)
    with pytest.raises(OptionError, match="temperature is 9"):
        Sampling.preset(True, temperature=9.0)
