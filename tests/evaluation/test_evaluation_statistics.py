"""Intervals and rank correlations whose values are known."""

import json

import numpy as np
import pytest

from simba_live.evaluation.report import Section, write_report
from simba_live.evaluation.statistics import Share, bootstrap_interval, rank_correlation


def test_a_share_comes_with_wilsons_interval() -> None:
    share = Share.of([True] * 8 + [False] * 2)
    assert (share.hits, share.total, share.value) == (8, 10, 0.8)
    assert (share.low, share.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert str(share) == "80% (8/10; 49%-94%)"
    everything = Share(20, 20)
    assert everything.high == pytest.approx(1.0)
    assert everything.low == pytest.approx(0.8389, abs=1e-4)


def test_what_is_not_defined_does_not_count() -> None:
    assert Share.of([1.0, float("nan"), 0.0]) == Share(1, 2)
    nothing = Share.of([])
    assert np.isnan(nothing.value)
    assert (nothing.low, nothing.high, str(nothing)) == (0.0, 1.0, "-")


def test_ranks_rise_fall_and_tie() -> None:
    assert rank_correlation(np.array([1.0, 5.0, 9.0])) == pytest.approx(1.0)
    assert rank_correlation(np.array([9.0, 5.0, 1.0])) == pytest.approx(-1.0)
    assert rank_correlation(np.array([1.0, 3.0, 2.0])) == pytest.approx(0.5)
    assert rank_correlation(np.array([2.0, 2.0, 2.0])) == 0.0
    assert rank_correlation(np.array([1.0, 1.0, 2.0])) == pytest.approx(0.866, abs=1e-3)


def test_the_middle_of_many_draws() -> None:
    assert bootstrap_interval(np.arange(1001.0)) == pytest.approx((25.0, 975.0))


def test_a_report_holds_shares_and_no_nan(tmp_path) -> None:
    section = Section("title", "text", {"share": Share(1, 4), "nothing": float("nan")})
    write_report(tmp_path, "text", {"section": section})
    written = json.loads((tmp_path / "report.json").read_text())["section"]["figures"]
    assert written["share"]["value"] == 0.25
    assert written["share"]["hits"] == 1
    assert written["nothing"] is None
