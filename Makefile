# Two commands for a newcomer, each complete in itself: make demo, make test.
# Needs nothing but Python (>= 3.11) and make; everything lives in .venv.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test test-long test-hostile lint digits characters layers-page clean

demo: $(VENV)/.core
	@echo "\$$ gradcheck check examples/homework/hand_in.py"
	@$(BIN)/gradcheck check examples/homework/hand_in.py; \
	status=$$?; \
	if [ $$status -eq 1 ]; then echo "(exit code 1: the hand-in has faults, as it should)"; \
	else echo "expected exit code 1, got $$status"; exit 3; fi

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal --gradcheck-examples 30

# Every reference layer at 2,000 drawn cases in float64 and in float32, and held against PyTorch and
# SciPy: some 20 minutes on two cores.
test-long: $(VENV)/.oracles
	$(BIN)/python -m pytest tests/test_reference_set.py tests/oracles --gradcheck-examples 2000 -n auto

# All hostile hand-ins, at the best level of confinement and at the lowest that is enough: some eight
# minutes on two cores. Of these "make test" runs one in eighteen.
test-hostile: $(VENV)/.dev
	GRADCHECK_HOSTILE=all $(BIN)/python -m pytest tests/sandbox/test_hostile.py -n auto --dist worksteal

layers-page: $(VENV)/.oracles
	$(BIN)/python docs/make_layers.py

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

digits: $(VENV)/.examples
	$(BIN)/python examples/train_digits.py

characters: $(VENV)/.examples
	$(BIN)/python examples/train_characters.py

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("gradcheck needs Python 3.11 or newer; found " + sys.version.split()[0] + ". Try: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	@echo 'setting up $(VENV) ...'
	@$(PYTHON) -m venv $(VENV)

# A stamp for each set of requirements: the second run installs nothing.
$(VENV)/.core: $(BIN)/python pyproject.toml
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: $(BIN)/python pyproject.toml
	@$(PIP) install --editable '.[dev]'
	@touch $@

$(VENV)/.oracles: $(BIN)/python pyproject.toml
	@$(PIP) install --editable '.[dev,oracles]'
	@touch $@

$(VENV)/.examples: $(BIN)/python pyproject.toml
	@$(PIP) install --editable '.[examples]'
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache
