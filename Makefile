# The two commands: `make lab` and `make test`; and `make tour` to see it work at once.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SHELL  := bash

.PHONY: help env lab tour test test-env lint unit notebooks exercises browser package bench clean

help:
	@echo "make lab     install into $(VENV) and open the course in JupyterLab"
	@echo "make tour    run the main job of every chapter and print the results (no browser)"
	@echo "make test    ruff, mypy, unit tests, every notebook and exercise, packaging, browser tests"
	@echo "make bench   side-by-side benchmarks with peers, in CPU seconds"
	@echo "make clean   remove $(VENV) and all that was built"

env: $(VENV)/.installed

$(VENV)/.installed: binder/pinned.txt binder/optional.txt binder/install_optional.sh pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "matlearn needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make $(MAKECMDGOALS) PYTHON=python3.11"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet -r binder/pinned.txt
	@bash binder/install_optional.sh $(BIN)/pip
	$(BIN)/pip install --quiet --no-deps -e .
	$(BIN)/matlearn doctor
	@touch $@

test-env: $(VENV)/.installed-tests
$(VENV)/.installed-tests: $(VENV)/.installed binder/test.txt
	$(BIN)/pip install --quiet -r binder/test.txt
	@touch $@

lab: env
	@$(BIN)/matlearn doctor --brief
	@$(BIN)/matlearn lab

tour: env
	@$(BIN)/matlearn tour --figures results/tour

test: lint unit notebooks exercises package browser

lint: test-env
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: test-env
	$(BIN)/python -m pytest

notebooks: test-env
	$(BIN)/python -m pytest tests/notebooks

exercises: test-env
	$(BIN)/python -m pytest tests/exercises

package: test-env
	$(BIN)/python -m pytest tests/packaging

browser: test-env
	$(BIN)/python -m pytest tests/browser

bench: test-env
	$(BIN)/python tests/benchmarks

clean:
	rm -rf $(VENV) build dist results *.egg-info
