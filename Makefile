# The project's commands; `make help` lists them. Each sets up what it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# The first Python that is new enough; `make PYTHON=/path/to/python demo` names another.
PYTHON ?= $(shell for candidate in python3 python3.13 python3.12 python3.11 python; do \
	$$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$candidate && break; done)

VENV := .venv
BIN := $(VENV)/bin
# Stamps hold the time of the last set-up; a changed lock or pyproject.toml repeats its own part.
LIBRARIES := $(VENV)/libraries.stamp
PROJECT := $(VENV)/project.stamp
COMPILED := $(VENV)/compiled.stamp
DEV := $(VENV)/dev.stamp

FIXTURES := --offline --cache data/fixtures
# The board of spring 2026 (scripts/make_earlier_board.py), so that there is a trend to show.
EARLIER := --prev data/demo/scoreboard.toml --history data/demo/history.parquet
CHECK := target/check
REFERENCE := $(CHECK)/reference

# Node packages, each below the folder of the scripts that need it.
BROWSER := tests/browser/node_modules/.stamp
LIGHTHOUSE := tests/lighthouse/node_modules/.stamp

.PHONY: help setup dev demo lint test test-slow test-all live mutants browser audit pictures golden queries sources coefficients commands schemas decisions backtest bench scale lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(COMPILED) ## Create .venv from requirements.lock and have dbt compile the project

# Plain pip: it follows whatever package index, proxy and certificate the machine is set up for.
$(LIBRARIES): requirements.lock
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed and none was found: install it," \
			"or name it with make PYTHON=/path/to/python" >&2; exit 1; fi
	@echo "Setting up $(VENV) from requirements.lock: once, about half a minute"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements.lock
	@touch $@

$(PROJECT): $(LIBRARIES) pyproject.toml
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --editable .
	@touch $@

$(COMPILED): $(PROJECT)
	@echo "Having dbt compile the project: once, about a quarter of a minute"
	@$(BIN)/ipbr-rank score $(FIXTURES) --quiet --database target/setup/ipbr.duckdb \
		--out target/setup/out
	@touch $@

dev: setup $(DEV) ## Add what style checks and tests need, from requirements-dev.lock

$(DEV): requirements-dev.lock $(LIBRARIES)
	@echo "Adding requirements-dev.lock to $(VENV): once"
	@$(BIN)/python -m pip install -qq --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# Its first run has dbt compile the project, as `setup` has.
demo: $(PROJECT) ## Build the scored board and its site from the recorded responses, offline
	@echo "Building the board of the recorded responses: half a minute the first time, then seconds"
	@$(BIN)/ipbr-rank all $(FIXTURES) $(EARLIER)
	@echo "What to do next, with this board:"
	@echo "  $(BIN)/ipbr-rank board --role building"
	@echo "  $(BIN)/ipbr-rank pick --role building --max-price 2"
	@echo "  $(BIN)/ipbr-rank explain gpt-5.5"
	@echo "  $(BIN)/ipbr-rank serve"
	@echo "source $(VENV)/bin/activate puts ipbr-rank and dbt on the path."

# Files in git for the checks of pre-commit-hooks; recorded responses are kept as they came.
LISTED := git ls-files -z --
TEXTS := git grep -Ilz "" --
OURS := ':!data/fixtures'

# In memory, since the templater of sqlfluff would leave an empty database behind.
lint: dev ## Check style of Python and SQL, types, and that every file can be read
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/shellcheck scripts/*.sh
	IPBR_DATABASE=:memory: $(BIN)/sqlfluff lint --processes 2 models macros tests/dbt
	$(LISTED) '*.yml' '*.yaml' | xargs -0 $(BIN)/check-yaml --allow-multiple-documents
	$(LISTED) '*.toml' | xargs -0 $(BIN)/check-toml
	$(LISTED) '*.json' | xargs -0 $(BIN)/check-json
	$(LISTED) $(OURS) | xargs -0 $(BIN)/check-added-large-files --enforce-all --maxkb=1000
	$(TEXTS) $(OURS) | xargs -0 $(BIN)/check-merge-conflict --assume-in-merge
	$(TEXTS) $(OURS) | xargs -0 $(BIN)/end-of-file-fixer
	$(TEXTS) $(OURS) | xargs -0 $(BIN)/trailing-whitespace-fixer

# Tests of one file share what they build, so that they stay in one of the two processes; those of
# whole runs come first by name, and last would leave one process idle.
PYTEST := $(BIN)/python -m pytest -p no:cacheprovider
BOTH := -n 2 --dist loadfile --no-loadscope-reorder
# A test that hangs tells where, and fails, long before continuous integration gives up.
HANGS := -o faulthandler_exit_on_timeout=true -o faulthandler_timeout
# Continuous integration measures coverage, but not of tests that measure time.
COVERAGE ?=

test: lint ## Lint, dbt unit tests and data tests, and the tests in Python that are not slow
	rm -rf $(CHECK)
	$(BIN)/ipbr-rank score $(FIXTURES) --database $(CHECK)/ipbr.duckdb --out $(CHECK)/out
	IPBR_DATABASE=$(CHECK)/ipbr.duckdb $(BIN)/dbt build --target-path $(CHECK)/target \
		--log-path $(CHECK)/logs
	$(PYTEST) $(BOTH) $(HANGS)=600 $(COVERAGE) -m "not slow and not timed and not live"
	$(PYTEST) -m "timed and not slow and not live"

test-slow: dev ## What takes minutes: killed runs, a fortnight of them, browser, the pages on adding
	$(PYTEST) $(BOTH) $(HANGS)=1800 $(COVERAGE) -m "slow and not live"

test-all: test test-slow ## Every test

live: dev ## Ask the live endpoints of all sources
	$(PYTEST) -m live tests/unit/ingest/fetch/test_live.py

mutants: dev ## Change Python and SQL in 20 places each, one at a time, and see whether a test notices
	$(BIN)/python scripts/mutants.py
	$(BIN)/python scripts/mutants.py --sql

browser: $(BROWSER) ## Install what the tests of the site in a browser need (npm)
	@for program in chromium java; do command -v $$program >/dev/null \
		|| echo "$$program is not installed, so tests that need it are skipped" \
			"(Debian: apt-get install chromium default-jre-headless)" >&2; done

AUDIT := target/audit
audit: demo $(LIGHTHOUSE) ## Measure the site of the demo, in both editions, with Lighthouse (npm, Chromium)
	$(BIN)/ipbr-rank --quiet all $(FIXTURES) --edition publishable \
		--database $(AUDIT)/ipbr.duckdb --out $(AUDIT)/out
	for site in out/site $(AUDIT)/out/site; do \
		node tests/lighthouse/measure.mjs $$site index.html models/openai-gpt-5-5.html || exit 1; \
	done

pictures: demo $(BROWSER) ## Draw the pictures of the README anew
	node tests/browser/pictures.cjs "$$(command -v chromium)" "file://$(CURDIR)/out/site/" docs/images

%/node_modules/.stamp: %/package.json %/package-lock.json
	@command -v npm >/dev/null || { echo "npm is not installed: install Node.js 20 or newer" >&2; exit 1; }
	cd $* && npm ci --no-progress
	@touch $@

golden: reference ## Rewrite what the tests expect of the board; look at the difference
	$(BIN)/python -m tests.support.golden $(REFERENCE)/out/scoreboard.toml $(REFERENCE)/ipbr.duckdb
	$(BIN)/python scripts/count_matched.py $(REFERENCE)/ipbr.duckdb

queries: reference ## Print the query results in the documentation anew
	$(BIN)/python scripts/print_queries.py $(REFERENCE)/ipbr.duckdb

sources: setup ## Write what the seeds say into docs/sources.md anew
	$(BIN)/python scripts/source_facts.py

coefficients: setup ## Write the coefficients into docs/methodology.md anew
	$(BIN)/python scripts/print_coefficients.py

commands: setup ## Write docs/cli.md from the commands anew
	$(BIN)/python scripts/print_commands.py

schemas: setup ## Write what editors know of the configuration files anew
	$(BIN)/python -m ipbr_rank.config.schemas data/schemas

decisions: ## Number docs/decisions without gaps, mend references, list them
	@$(PYTHON) scripts/number_decisions.py

.PHONY: reference
# The board of the fixtures at the time that the tests take.
reference: setup
	rm -rf $(REFERENCE)
	$(BIN)/ipbr-rank score $(FIXTURES) --now 2026-01-01T00:00:00Z \
		--database $(REFERENCE)/ipbr.duckdb --out $(REFERENCE)/out

# Other responses: make backtest CACHE=folder ONLY=lmarena,gso
CACHE ?= data/fixtures
backtest: setup ## Hide what is known of models and see whether the 90 % intervals hold (docs/validity.md)
	$(BIN)/python scripts/backtest.py --cache $(CACHE) $(if $(ONLY),--only $(ONLY))

BENCH := target/bench
bench: setup ## Time whole runs side by side with the least that dbt takes (docs/performance.md)
	$(BIN)/python benchmarks/bench.py --folder $(BENCH)

scale: setup ## Time and memory at 1 to 1000 times the recorded size (docs/performance.md)
	$(BIN)/python benchmarks/scale.py --folder $(BENCH)

# A package stands in one lock: the second holds what the first does not.
COMPILE := uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --no-emit-index-url --custom-compile-command "make lock" --quiet
lock: ## Bring both locks up to date with pyproject.toml (needs uv)
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group dev --constraint requirements.lock --output-file requirements-dev.lock \
		$$(sed -nE 's/^([a-z0-9._-]+)(\[.*\])?==.*/--no-emit-package \1/p' requirements.lock)

clean: ## Remove everything that set-up and runs have written
	rm -rf $(VENV) *.egg-info out target logs .pytest_cache .ruff_cache .mypy_cache .hypothesis
	rm -rf tests/browser/node_modules tests/lighthouse/node_modules
	rm -rf data/ipbr.duckdb data/ipbr.duckdb.wal data/experiment.duckdb data/.ipbr
