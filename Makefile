# make run    set everything up and open the window   (make run ARGS="--text hello --cell lstm")
# make test   set everything up and run every check   (the same in CI)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamps
PIP := PIP_CONSTRAINT=constraints.txt PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
# How many processes run the tests at once, each with engines, settings folders and a display of its own (0: in one).
WORKERS ?= 2
# Small matrices: two threads are slower than one.
export OMP_NUM_THREADS ?= 1
RUNTIME := $(STAMP)/system $(STAMP)/runtime
CHECKS := $(STAMP)/system $(STAMP)/checks

.PHONY: run test lint types unit bench pictures start-state wheel clean help

run: $(RUNTIME)
	@$(BIN)/rnnviz $(ARGS)

test: lint types unit

lint: $(CHECKS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(CHECKS)
	$(BIN)/mypy

unit: $(CHECKS)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --dist worksteal $(ARGS)

bench: $(RUNTIME)
	$(BIN)/rnnviz bench $(ARGS)

# The pictures of README.md, rendered by the program itself.
pictures: $(RUNTIME)
	sh docs/pictures/make.sh $(BIN)/rnnviz

# The trained network that the first start shows.
start-state: $(RUNTIME)
	sh resources/start/make.sh $(BIN)/rnnviz

wheel: $(CHECKS)
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

help:
	@sed -n '1,2s/^# \{0,1\}//p' Makefile

$(STAMP)/system: .ci/system-packages
	@sh .ci/system-packages
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/venv:
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMP) && touch $@

$(STAMP)/runtime: $(STAMP)/venv pyproject.toml constraints.txt
	@echo "Installing rnnviz into $(VENV) (some minutes the first time)"
	@$(PIP) --editable .
	@touch $@

$(STAMP)/checks: $(STAMP)/venv pyproject.toml constraints.txt
	@echo "Installing rnnviz and its checks into $(VENV) (some minutes the first time)"
	@$(PIP) --editable '.[dev]'
	@touch $@ $(STAMP)/runtime
