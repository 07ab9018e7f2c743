import math

import pytest

from simba_live.controls import CONTROLS, Sampling
from simba_live.errors import OptionError


def test_every_default_is_within_its_own_range():
    for name, control in CONTROLS.items():
        assert control.name == name
        assert control.minimum < control.maximum
        assert control.help.endswith(".")
        if control.default is not None:
            assert control.check(control.default) == control.default


@pytest.mark.parametrize("control", CONTROLS.values(), ids=lambda control: control.name)
def test_what_is_out_of_range_is_refused_by_name(control):
    for value in (math.nan, math.inf, -math.inf, control.minimum - 1, control.maximum * 2 + 1):
        with pytest.raises(OptionError) as caught:
            control.check(value)
        message = str(caught.value)
        assert control.name.replace("_", "-") in message
        assert str(value) in message
        assert control.range in message
    assert control.check(control.minimum) == control.minimum
    assert control.check(control.maximum) == control.maximum


def test_whole_numbers_come_back_whole():
    assert isinstance(CONTROLS["top_k"].check(5.0), int)
    with pytest.raises(OptionError, match="whole number from 0 to 65536"):
        CONTROLS["top_k"].check(5.5)


def test_sampling_takes_defaults_from_the_table_and_checks_values():
    sampling = Sampling()
    for name in ("temperature", "top_k", "top_p", "guidance", "seed"):
        assert getattr(sampling, name) == CONTROLS[name].default
    assert not Sampling(guidance=1).guided
    assert Sampling(guidance=3).guided
    with pytest.raises(OptionError, match="temperature is nan"):
        Sampling(temperature=math.nan)


def test_each_way_has_its_own_defaults():
    assert Sampling.preset(False) == Sampling()
    free = Sampling.preset(True)
    assert (free.temperature, free.top_k, free.guidance) == (1.1, 250, 1.0)
    assert not free.guided
    assert isinstance(free.top_k, int)
    chosen = Sampling.preset(True, guidance=2.0, temperature=None, seed=7)
    assert (chosen.guidance, chosen.temperature, chosen.seed) == (2.0, 1.1, 7)
    with pytest.raises(OptionError, match="temperature is 9"):
        Sampling.preset(True, temperature=9.0)
