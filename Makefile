# Two commands on a fresh machine: `make run` and `make test`. Steps that are done leave a stamp in .stamps and are skipped.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := run
export UV_PYTHON_DOWNLOADS := never

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
NODE_BIN := node_modules/.bin
STAMPS := .stamps
DIST := dist
# jackfield-standard is no member: it depends on members alone, and a lock of itself would name them
MEMBERS := sdk/python core $(filter-out plugins/standard,$(patsubst %/,%,$(dir $(wildcard plugins/*/pyproject.toml))))
PYPROJECTS := $(MEMBERS:%=%/pyproject.toml)
UI_SOURCES := $(shell find frontend plugins/*/frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null) docs/schema.graphql

.PHONY: run test check bench dist wheels lock build python node clean

run: build ## install, build the UI, migrate, start everything, print the URL
	@exec $(BIN)/jackfield up

build:
	@$(MAKE) --no-print-directory -s -j2 python node
	@$(MAKE) --no-print-directory -s $(STAMPS)/ui

python: $(STAMPS)/members
node: $(STAMPS)/node

$(STAMPS):
	@mkdir -p $@

$(STAMPS)/venv: requirements/tool.txt | $(STAMPS)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python needs its venv module: apt-get install python3-venv" >&2; exit 1; }
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(STAMPS)/packages: requirements/dev.txt $(STAMPS)/venv
	$(UV) pip install -q --python $(VENV) --require-hashes --no-deps -r $<
	@touch $@

$(STAMPS)/members: $(PYPROJECTS) $(STAMPS)/packages
	$(UV) pip install -q --python $(VENV) --no-deps --no-build-isolation --offline $(MEMBERS:%=-e %)
	@touch $@

$(STAMPS)/node: package-lock.json | $(STAMPS)
	npm ci --silent
	@touch $@

$(STAMPS)/ui: $(UI_SOURCES) $(STAMPS)/node
	npm run --silent build
	@touch $@

test: build ## everything: checks, unit, conformance, fault and browser tests
	@$(MAKE) --no-print-directory check
	npm run --silent test
	$(BIN)/pytest -q $(PYTEST_ARGS)

check: python node ## lint, types, imports, schema, docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	JACKFIELD_DATA_DIR=$(STAMPS)/data $(BIN)/jackfield schema
	npm run --silent check

bench: build ## figures of docs/benchmarks.md: target, measured, met or missed
	$(BIN)/python -m bench $(BENCH_ARGS)

dist: build ## wheels, with their UI, in dist/
	@$(MAKE) --no-print-directory wheels
	@ls $(DIST)

wheels: # of what is built already; the tests install them
	rm -rf $(DIST)
	$(UV) build -q --wheel --all-packages --no-build-isolation --offline --python $(BIN)/python -o $(DIST)
	$(UV) build -q --wheel --no-build-isolation --offline --python $(BIN)/python -o $(DIST) plugins/standard
	@rm -f uv.lock

lock: $(STAMPS)/venv ## write requirements/*.txt anew, keeping pins that still fit
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate requirements/tool.in -o requirements/tool.txt
	$(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-package jackfield --no-emit-package jackfield-sdk \
	  pyproject.toml $(PYPROJECTS) --group dev --group test -o requirements/dev.txt

clean:
	rm -rf $(VENV) node_modules $(STAMPS) $(DIST)
