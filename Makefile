# The two commands: `make run` opens the portal with demonstration data, `make test` checks everything.
# Both set up what they need on a machine that has python3 (3.11 or newer, with venv) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ARGS ?=

# Each process of a portal or a test run would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-fast bench lint format lock assets docs-reference browser clean
.DELETE_ON_ERROR:

run: $(VENV)/.ready assets
	@VENTANILLA_PORT=$(PORT) exec $(BIN)/ventanilla up

test: $(VENV)/.ready assets browser lint
	$(BIN)/pytest -q -n 3 --dist loadscope

# Runs within a minute: rules, house rules, and tests that roll back. `make test` runs everything.
test-fast: $(VENV)/.ready assets
	$(BIN)/pytest -q -n 3 --dist loadscope -m "not slow and not faults and not journey"

bench: $(VENV)/.ready assets
	$(BIN)/python -m bench $(ARGS)

lint: $(VENV)/.ready
	$(BIN)/ruff check app tests bench migrations scripts
	$(BIN)/ruff format --check app tests bench migrations scripts
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready
	$(BIN)/ruff check --fix app tests bench migrations scripts
	$(BIN)/ruff format app tests bench migrations scripts

# Does nothing when the theme and its sources haven't changed.
assets: $(VENV)/.ready
	@$(BIN)/python -m app.web.assets

# The pages of docs/ that are made from the code; the tests fail when one is out of date.
docs-reference: $(VENV)/.ready
	@$(BIN)/python -m scripts.reference
	@$(BIN)/python -m scripts.published

# The marker is written last: an interrupted set-up starts over.
$(VENV)/.ready: requirements/dev.txt scripts/link.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ventanilla needs Python 3.11 or newer")'
	@rm -f $(VENV)/.ready
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python scripts/link.py
	@touch $(VENV)/.ready

browser:
	@sh scripts/chromium.sh

lock:
	$(PYTHON) -m venv --clear var/lock-tools
	var/lock-tools/bin/python -m pip install --quiet uv
	var/lock-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements/app.txt
	var/lock-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements/dev.txt

clean:
	rm -rf $(VENV) app/web/static .mypy_cache .ruff_cache .import_linter_cache
