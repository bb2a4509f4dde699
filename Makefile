# The one door. `make run` starts the product, `make test` is the gate.

ifeq ($(origin PYTHON), undefined)
PYTHON := $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
endif
BIN := .venv/bin
UV := .venv/uv/bin/uv
COMPILE := $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url

# A machine may forbid to keep compiled modules: each of the hundreds of processes would compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test lint audit bench faults fuzz bench-peers format messages lock setup setup-test clean

run: export FAHUO_DEMO ?= yes
run: setup
	@exec $(BIN)/fahuo run

test: lint
	FAHUO_DATA=var/test $(BIN)/python -W ignore::RuntimeWarning -m django makemigrations --check --dry-run --settings fahuo.settings
	FAHUO_DATA=var/test $(BIN)/python -m pytest -n 2 --dist worksteal

lint: export FAHUO_DATA = var/test
lint: setup-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/leaks.py
	$(BIN)/python scripts/audit.py

audit: setup-test
	$(BIN)/python scripts/audit.py --strict

faults: setup-test
	$(BIN)/python -m tests.faults

fuzz: setup-test
	$(BIN)/python -m tests.fuzz

bench: setup-test
	$(BIN)/python -m tests.bench

bench-peers: setup-test
	$(BIN)/python -m tests.bench.peers

format: setup-test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

messages: setup-test
	$(BIN)/python scripts/messages.py

lock: setup-test
	$(COMPILE) requirements/uv.in -o requirements/uv.txt
	$(COMPILE) requirements/test.in -o requirements/test.lock
	$(COMPILE) -c requirements/test.lock requirements/run.in -o requirements/run.lock
	for name in taobao mcp node; do $(COMPILE) requirements/clients/$$name.in -o requirements/clients/$$name.lock; done
	for name in oscar celery procrastinate helpdesk karrio; do $(COMPILE) requirements/peers/$$name.in -o requirements/peers/$$name.lock; done
	cd requirements/clients && npm install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved --no-audit --no-fund

setup setup-test:
	@test -n "$(PYTHON)" || { echo "fahuo: Python 3.11 or later is needed" >&2; exit 1; }
	@$(PYTHON) -I scripts/setup.py $(if $(filter setup-test,$@),test,run)

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache var/test
	find fahuo tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
