import subprocess
import sys

import pytest

import simba_live


def test_the_public_names_are_these():
    assert simba_live.__all__ == ["Generator", "Music", "Session", "SimbaLiveError", "generate"]
    for name in simba_live.__all__:
        assert getattr(simba_live, name).__name__ == name
    assert simba_live.__version__
    assert set(simba_live.__all__) <= set(dir(simba_live))
    with pytest.raises(AttributeError, match="nothing"):
        _ = simba_live.nothing


def test_importing_loads_nothing():
    probe = "import sys, simba_live; print(sorted({'torch', 'numpy', 'soundfile'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
