# `make` alone runs every fast check; `make demo` and `make test` set up what they need.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
JOBS ?= 2
PYTHONS ?= python3.12 python3.13
FIGURES ?= build/promises.jsonl

.PHONY: check demo demo-serve test test-pythons test-system soak format lint types imports
.PHONY: wheel-check image-check lock bench clean

check: lint types imports test

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: $(READY)
	$(BIN)/csf-responder demo --once

demo-serve: $(READY)
	$(BIN)/csf-responder demo

test: $(READY)
	$(BIN)/python -m pytest -q -n $(JOBS)

# The fast tests on each of PYTHONS; each must load the bundles that the others trained.
test-pythons:
	JOBS=$(JOBS) scripts/check-pythons.sh $(PYTHONS)

# Needs what scripts/install-debian.sh installs; a missing program fails with its name.
test-system: $(READY)
	$(BIN)/python -m pytest -q tests/system

# Every promise at full length, half an hour; what it reached goes into docs/promises.md.
soak: $(READY)
	mkdir -p $(dir $(FIGURES)) && rm -f $(FIGURES)
	CSF_PROMISES=$(abspath $(FIGURES)) $(BIN)/python -m pytest -q tests/system/promises \
		tests/service/store/test_processes.py tests/models/test_flips.py
	$(BIN)/python scripts/promises.py $(FIGURES)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

imports: $(READY)
	$(BIN)/lint-imports

# The wheel in an environment of its own: the service's libraries alone, then training's.
wheel-check: $(READY)
	PYTHON=$(BIN)/python scripts/check-wheel.sh

# The Dockerfile's steps without a container engine; needs root, debootstrap and a Debian mirror.
image-check: $(READY)
	$(BIN)/python scripts/image_in_debian.py

# Ours beside others, as ratios; the simulations of docs/honesty.md are commands of their own.
bench: $(READY)
	for script in serving tutorial scoring roc nested_cv mixed_model rivals; do $(BIN)/python bench/$$script.py; done

# One resolution for Python 3.11 to 3.13 on every platform; the others are parts of it.
lock: $(READY)
	scripts/lock.sh $(BIN)

clean:
	rm -rf $(VENV) .venv-* dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
