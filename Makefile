# What a person or a machine does with this repository. `make` lists it.
# Everything is installed into .venv and tests/npm/node_modules; only a missing Chromium may be taken from the system.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PYTEST ?= $(BIN)/pytest -n 2
LOCK   := uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
          --no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: env
env: $(VENV)/.installed ## Make the environment: .venv with everything locked, and officina itself

$(VENV)/.installed: requirements/test.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Officina needs Python 3.11 or newer; set PYTHON=...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: demo
demo: env ## Run a hub with a demo site and a simulated pharmacy (DEMO="--web-port 8081 …" passes options)
	@$(BIN)/officina demo $(DEMO)

.PHONY: test
test: env browser npm ## Install what the tests need and run them all, lint first
	@failed=; $(MAKE) --no-print-directory lint || failed="make lint found something: see above the tests"; \
	$(PYTEST) tests || failed="$${failed:-tests failed}"; \
	if [ -n "$$failed" ]; then echo "$$failed" >&2; exit 1; fi

.PHONY: lint
lint: env ## Check style, types and the order of the stages
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: env ## Bring the code into its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.PHONY: npm
npm: tests/npm/node_modules/.installed

tests/npm/node_modules/.installed: tests/npm/package-lock.json
	@command -v npm >/dev/null || { echo "The tests let a client from npm talk to the hub: install Node.js 20 or newer with npm." >&2; exit 1; }
	cd tests/npm && npm ci --silent --no-audit --no-fund
	@touch $@

# The journeys drive a Chromium: the one that is there, else Debian's, else Playwright's own.
.PHONY: browser
browser: env
	@if command -v chromium chromium-browser google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -yqq chromium >/dev/null; then :; \
	elif $(BIN)/playwright install chromium; then :; \
	else echo "No Chromium: install the package chromium, or allow playwright to download one." >&2; exit 1; fi

.PHONY: bench
bench: env .venv-bench/.installed ## Measure: intake, peers, parsing, disk, memory; prints a table, writes JSON
	$(BIN)/python -m benchmarks

.PHONY: bench-quick
bench-quick: env .venv-bench/.installed ## The same in a minute, to see a trend
	$(BIN)/python -m benchmarks --quick

.PHONY: bench-million
bench-million: env ## Fill a book with 1,000,000 messages: what it takes in, what every screen takes
	$(BIN)/python -m benchmarks.million

.venv-bench/.installed: requirements/bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

.PHONY: fuzz
fuzz: env ## A million mutated frames and messages (long)
	$(BIN)/python -m tests.fuzz --count 1000000

.PHONY: kill
kill: env ## Kill the hub under load, 50 times on each database, and count what is in the book and reached the partner (long)
	$(BIN)/python -m tests.durability --rounds 50

.PHONY: corpus-report
corpus-report: env ## Send the messages of others through a hub and report what becomes of each file
	$(BIN)/python -m tests.corpus.report

.PHONY: docs
docs: env ## Write docs/reference anew from the code
	$(BIN)/python docs/generate.py

.PHONY: screenshots
screenshots: env browser ## Take the screenshots of the README from a running demo
	$(BIN)/python -m tests.journeys.screenshots

.PHONY: lock
lock: ## Write the lock files anew (needs uv); existing versions stay unless UPGRADE=--upgrade
	$(LOCK) $(UPGRADE) pyproject.toml -o requirements/run.txt
	$(LOCK) $(UPGRADE) pyproject.toml --group test -c requirements/run.txt -o requirements/test.txt
	$(LOCK) $(UPGRADE) --group bench -o requirements/bench.txt

.PHONY: clean
clean: ## Remove the environment and what tools left
	rm -rf $(VENV) .venv-bench tests/npm/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
