# Two commands for users: `make demo` and `make test`. `make check` is all of CI.
# Everything is set up in .venv from lock files: pinned, with hashes, nothing compiled.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin
PIP := $(RUN)/python -m pip --quiet --disable-pip-version-check
READY := $(VENV)/.run
TOOLS := $(VENV)/.dev

COMPILE := uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
  --no-header --python-version 3.11 --extra embedded --extra prices

.DEFAULT_GOAL := help
.PHONY: help demo test check lint types layers alone browser docs lock wheel clean

help: ## List the targets
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)
	@touch $@

# pip's own build of the package needs hatchling and editables: both are pinned in the locks.
$(READY) $(TOOLS): $(VENV)/.%: requirements-%.lock pyproject.toml $(VENV)/.python
	@echo "setting up $(VENV) from $< ..."
	@$(PIP) install --no-compile --require-hashes --only-binary :all: -r $<
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## Real conversations, a real model, on this machine; LOG=file takes another log
	@$(RUN)/foretaste demo $(if $(LOG),"$(LOG)")

test: $(TOOLS) ## Set up everything and pass the tests
	@$(RUN)/foretaste models --install smollm2 >/dev/null || echo "no weights: tests of the embedded model are skipped"
	$(RUN)/python -m pytest -q -n auto

check: lint types layers test alone wheel ## All of CI

lint: $(TOOLS)
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .

types: $(TOOLS)
	$(RUN)/mypy

layers: $(TOOLS)
	$(RUN)/lint-imports

alone: $(TOOLS) ## The statistics' tests where there is NumPy and SciPy only
	$(RUN)/python tests/stats_alone.py

wheel: $(TOOLS) ## Build the wheel, and see that it works by itself
	rm -rf dist build/wheel
	$(PIP) wheel --no-deps --no-build-isolation -w dist .
	$(RUN)/python tests/wheel.py dist/*.whl

browser: ## Chromium for the tests of pages, through apt
	@command -v chromium chromium-browser google-chrome >/dev/null || \
	  (apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium)

docs: $(TOOLS) ## The pages as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(RUN)/python -m mkdocs build --strict --quiet
	@echo "open build/site/index.html"

lock: ## Pin again what the commands above install (needs uv)
	$(COMPILE) --group build -o requirements-run.lock pyproject.toml
	$(COMPILE) --group build --group dev -c requirements-run.lock -o requirements-dev.lock pyproject.toml

clean: ## Remove what the commands above made, but no run
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
