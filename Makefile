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

# Synthesizer, sound servers and OSC clients, through apt where that is possible; tests that need one that is
# missing say so.
SYSTEM := libfluidsynth3 fluid-soundfont-gm timgm6mb-soundfont jackd2 libportaudio2 puredata-core \
	supercollider-server supercollider-language

system:
	@if command -v apt-get >/dev/null 2>&1 && ! dpkg -s $(SYSTEM) >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ]; then run=""; else run="sudo -n"; fi; \
		$$run apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive $$run apt-get install -y -qq --no-install-recommends $(SYSTEM) >/dev/null \
			|| echo "apt-get could not install $(SYSTEM); tests that need them will skip" >&2; \
	fi
