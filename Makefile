# `make run` opens the portal with demonstration data, `make test` checks everything, `make` lists the rest.
# Each target sets up what it needs on a machine that has python3 (3.11 or newer, with venv) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ARGS ?=

# Each process of a portal or a test run would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-fast bench lint format docs docs-reference assets screenshots browser lock clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@echo "make run             start the portal with demonstration data at http://127.0.0.1:$(PORT) (PORT=8123 for another port)"
	@echo "make test            run every test, the linters and the type checker"
	@echo "make test-fast       run the tests that need no browser, no fault injection and no process of their own"
	@echo "make lint            run ruff, mypy and import-linter"
	@echo "make format          fix and format the code with ruff"
	@echo "make bench           run the benchmarks (ARGS=booking for one)"
	@echo "make docs            build the documentation as a site in site/"
	@echo "make docs-reference  write the pages of docs/ that are generated from the code"
	@echo "make assets          build the style sheet and icons of the pages"
	@echo "make screenshots     take pictures of the pages at three widths into var/screenshots (ARGS=--help for more)"
	@echo "make browser         install Chromium for the browser tests"
	@echo "make lock            resolve the dependencies again and write requirements/"
	@echo "make clean           delete the environments and everything that is built (not the data in var/)"

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

# Builds without the network once its tools are installed; a broken link is an error.
docs: var/docs-tools/.ready
	NO_MKDOCS_2_WARNING=1 var/docs-tools/bin/mkdocs build --quiet --strict --clean
	@echo "Open site/index.html."

# An environment of its own: the tools' versions don't constrain those of the portal.
var/docs-tools/.ready: requirements/docs.txt
	@rm -f $@
	@test -x var/docs-tools/bin/python || $(PYTHON) -m venv --clear var/docs-tools
	var/docs-tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@touch $@

# The marker is written last: an interrupted set-up starts over.
$(VENV)/.ready: requirements/dev.txt scripts/link.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ventanilla needs Python 3.11 or newer")'
	@rm -f $(VENV)/.ready
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python scripts/link.py
	@touch $(VENV)/.ready

# Starts a demonstration portal of its own on a free port, and deletes it afterwards.
screenshots: $(VENV)/.ready assets browser
	@$(BIN)/python -m scripts.screenshots $(ARGS)

browser:
	@sh scripts/chromium.sh

lock:
	$(PYTHON) -m venv --clear var/lock-tools
	var/lock-tools/bin/python -m pip install --quiet uv
	var/lock-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements/app.txt
	var/lock-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links pyproject.toml --group dev -o requirements/dev.txt
	var/lock-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --no-emit-index-url --no-emit-find-links --group docs -o requirements/docs.txt

clean:
	rm -rf $(VENV) var/docs-tools var/lock-tools site app/web/static .mypy_cache .ruff_cache .import_linter_cache
