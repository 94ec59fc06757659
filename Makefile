# The two commands: `make lab` and `make test`; and `make tour` to see it work at once.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SHELL  := bash

.PHONY: help env lab apps slides book tour test test-env lint unit notebooks exercises book-test browser package bench clean

help:
	@echo "make lab     install into $(VENV) and open the course in JupyterLab"
	@echo "make tour    run the main job of every chapter and print the results (no browser)"
	@echo "make apps    serve the interactive boards as pages without code, for a lecture"
	@echo "make slides  the slides of the chapters, figures from the notebooks, into build/slides (wants npx)"
	@echo "make book    every notebook with its outputs as static pages, into build/book/html"
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
$(VENV)/.installed-tests: $(VENV)/.installed $(VENV)/.installed-teaching binder/test.txt
	$(BIN)/pip install --quiet -r binder/test.txt
	@touch $@

lab: env
	@$(BIN)/matlearn doctor --brief
	@$(BIN)/matlearn lab

apps: env $(VENV)/.installed-teaching
	@$(BIN)/python -m voila apps --no-browser --VoilaConfiguration.allow_theme_override=YES

slides: env $(VENV)/.installed-teaching
	@$(BIN)/python -m book slides

book: env $(VENV)/.installed-teaching
	@$(BIN)/python -m book html

$(VENV)/.installed-teaching: $(VENV)/.installed binder/teaching.txt
	$(BIN)/pip install --quiet -r binder/teaching.txt
	@touch $@

tour: env
	@$(BIN)/matlearn tour --figures results/tour

test: lint unit notebooks exercises book-test package browser

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

book-test: test-env
	$(BIN)/python -m pytest tests/book

package: test-env
	$(BIN)/python -m pytest tests/packaging

browser: test-env
	$(BIN)/python -m pytest tests/browser

bench: test-env
	$(BIN)/python tests/benchmarks

clean:
	rm -rf $(VENV) build dist results *.egg-info
