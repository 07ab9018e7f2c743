# make help: what there is to do here.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

SOURCES := simba_live cli tests

.PHONY: help demo test check format gpu-check system

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.installed ## install into .venv and write out.wav from a prompt
	$(BIN)/simba-live gen "warm lofi piano, 80 bpm" --seconds 30 --seed 1 -o out.wav

test: system $(VENV)/.installed-dev ## install everything the tests need and run them all
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev ## format, lint, types, layers, and the tests with warnings as errors
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

format: $(VENV)/.installed-dev ## put the code into the house's format
	$(BIN)/ruff format $(SOURCES)
	$(BIN)/ruff check --fix $(SOURCES)

gpu-check: ## the GPU tests, slices of training among them, with the Python that is there
	$(PYTHON) -m pytest -m gpu -p no:cacheprovider

# torch comes first and pinned: an unpinned one pulls gigabytes of CUDA packages.
$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet $$(grep '^torch==' constraints.txt)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

# FluidSynth and a soundfont, through apt where that is possible; the tests that need them say so where it is not.
system:
	@if ! ls /usr/share/sounds/sf2/FluidR3_GM.sf2 >/dev/null 2>&1 && command -v apt-get >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ]; then run=""; else run="sudo -n"; fi; \
		$$run apt-get update -qq && \
		$$run apt-get install -y -qq --no-install-recommends libfluidsynth3 fluid-soundfont-gm timgm6mb-soundfont >/dev/null \
			|| echo "apt-get could not install libfluidsynth3 and fluid-soundfont-gm; tests that render will skip" >&2; \
	fi
