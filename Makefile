# Needs python3 (3.10 or newer), git and make; everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
PIP := $(BIN)/python -m pip --disable-pip-version-check
DEMO := build/demo
BUILT_FROM := pyproject.toml hatch_build.py $(wildcard src/tightlip/*/*.c src/tightlip/*/*/*.c)
PYTEST_ARGS ?= -n auto --dist loadgroup

.PHONY: help test test-servers kills scan lint format types bench bench-history bench-purge bench-quality bench-sweep bench-known wheel clean

help:
	@echo "make test             install into .venv and run every test"
	@echo "make test-servers     the tests that need real servers (a vault, AWS's), of 300 MB, which it installs"
	@echo "make kills            kill a purge at hundreds of moments, and look what is left each time (minutes)"
	@echo "make scan [REPO=dir]  scan the history of a repository, or of a demo repository made on the spot"
	@echo "make lint             ruff and the layer contract"
	@echo "make format           let ruff rewrite what it can"
	@echo "make types            mypy --strict"
	@echo "make bench            the hook's time beside that of other scanners"
	@echo "make bench-history    a history scan's time and memory beside theirs: REPOS=\"dir dir ...\""
	@echo "make bench-purge      taking a value out, beside git-filter-repo: WORK=\"repo=value ...\""
	@echo "make bench-quality    what is found of labelled candidates, beside other scanners: DATA=file.jsonl.gz"
	@echo "make bench-known      a history scan for one and for 1,000 known secrets: REPOS=\"dir dir ...\""
	@echo "make bench-sweep      false alarms in code that holds no secret, beside theirs: TREES=\"dir dir ...\""
	@echo "make wheel            build the wheel and the sdist into dist/"
	@echo "make clean            remove everything that these commands made"

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: $(BUILT_FROM) | $(BIN)/python
	$(PIP) install --quiet --editable .
	@touch $@

$(VENV)/installed-dev: $(BUILT_FROM) | $(BIN)/python
	$(PIP) install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/installed

test: $(VENV)/installed-dev
	$(BIN)/python -m pytest $(PYTEST_ARGS)

test-servers: $(VENV)/installed-dev
	$(PIP) install --quiet --editable '.[servers]'
	$(BIN)/python -m pytest tests/rotate tests/known/sources $(PYTEST_ARGS)

kills: $(VENV)/installed-dev
	$(BIN)/python -m pytest -m kills --timeout 3600 $(PYTEST_ARGS)

ifdef REPO
scan: $(VENV)/installed
	$(BIN)/tightlip scan-history '$(REPO)'
else
scan: $(VENV)/installed
	@rm -rf $(DEMO)
	$(BIN)/python -m tightlip.demo $(DEMO)
	@$(BIN)/tightlip scan-history $(DEMO); status=$$?; \
	if [ $$status -ne 1 ]; then echo "make scan: expected exit code 1 (findings), got $$status" >&2; exit 1; fi; \
	echo; \
	echo "The scan left with exit code 1, as it does whenever it finds something; here that was expected."; \
	echo "$(DEMO) is an ordinary repository made for this, and its secrets are invented. Yours: make scan REPO=path/to/it"
endif

lint: $(VENV)/installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

format: $(VENV)/installed-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(VENV)/installed-dev
	$(BIN)/mypy --strict src

bench: $(VENV)/installed-dev
	$(BIN)/python benchmarks/hook.py

bench-history: $(VENV)/installed-dev
	$(BIN)/python benchmarks/history.py $(REPOS)

bench-purge: $(VENV)/installed-dev
	$(BIN)/python benchmarks/purge.py $(WORK)

bench-quality: $(VENV)/installed-dev
	$(BIN)/python benchmarks/quality.py $(DATA)

bench-sweep: $(VENV)/installed-dev
	$(BIN)/python benchmarks/sweep.py $(TREES)

bench-known: $(VENV)/installed-dev
	$(BIN)/python benchmarks/known.py $(REPOS)

wheel: $(VENV)/installed-dev
	$(BIN)/python -m build --outdir dist .

clean:
	rm -f $(wildcard src/tightlip/*/*.so src/tightlip/*/*/*.so src/tightlip/*/*.pyd src/tightlip/*/*/*.pyd)
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
