# Every target sets up what it needs and says so. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PY := .venv/bin/python
# One worker more than there are cores: who tests a program waits for it.
WORKERS := $(shell expr $$(nproc) + 1)
.PHONY: help run demo demo-sources demo-campaign test test-long test-fast check lint types floors format bench scale survey timing browser kill kill-campaign model lab fuzz differential inspect-real rehost-speed clients screenshots lock clean setup-run setup-dev

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup-run ## start the index and its worker on http://127.0.0.1:8417, everything below ./var
	@exec .venv/bin/homeport serve

demo: setup-dev ## play the whole story in this terminal, against a web site on loopback
	@$(PY) -m tools.demo

demo-sources: setup-dev ## a forge, a page of wheels, a large index and an old home page, each brought home; in this terminal
	@$(PY) -m tools.demo sources

demo-campaign: setup-dev ## an index of 200 projects through a whole campaign: four months in a minute or two, charts at the end (ARGS="--projects 50")
	@$(PY) -m tools.demo_campaign $(ARGS)

test: setup-dev ## every test, with coverage and its floors
	@$(PY) -m coverage erase
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not clients and not long" --cov --cov-report= $(ARGS)
	@$(PY) tools/coverage_floors.py

test-long: setup-dev ## what takes too long for every run: a real browser, the demos of sources and campaigns, kills, a database of the large size
	$(PY) -m pytest -m long -q $(ARGS)

test-fast: setup-dev ## tests without the journeys
	$(PY) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not journey and not kill and not clients and not long" -x -q $(ARGS)

check: lint types floors test ## the gate: lint, types, floors, tests

lint: setup-dev ## ruff, everything on
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: setup-dev ## mypy, strict
	$(PY) -m mypy

floors: setup-dev ## import-linter: a floor imports only the floors below it
	.venv/bin/lint-imports

format: setup-dev ## lay the code out
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

bench: setup-dev ## Homeport beside nginx and other indexes; writes docs/benchmarks.md (ARGS=--quick: a minute)
	@$(PY) -m tools.bench $(ARGS)

scale: setup-dev ## an index of 700,000 projects beside one of 1,000; writes docs/scale.md (ARGS="--projects 20000": minutes)
	@$(PY) -m tools.scale $(ARGS)

survey: setup-dev ## survey 25,000 projects with 18,000 external links, on a simulated outside; writes docs/survey.md (ARGS="--projects 1250": a minute)
	@$(PY) -m tools.survey $(ARGS)

N ?= 200
kill: setup-dev ## kill -9 an upload and a rehost N times each (N=1000)
	HOMEPORT_KILLS=$(N) $(PY) -m pytest -m kill -q tests/journeys

browser: setup-dev ## people's journeys in a real browser: desk, phone, without scripts
	$(PY) -m pytest -q tests/journeys/test_browser_maintainer.py tests/journeys/test_browser_administrator.py

kill-campaign: N := 100
kill-campaign: setup-dev ## kill -9 the worker N times while a campaign of 5,000 projects is announced, and N times on its day
	HOMEPORT_CAMPAIGN_KILLS=$(N) HOMEPORT_CAMPAIGN_PROJECTS=5000 $(PY) -m pytest -q -s tests/journeys/test_campaign_kill.py

model: RUNS := 5000
model: setup-dev ## RUNS stories of 50 steps each of everything that moves projects, against a model of what must be (RUNS=200)
	HOMEPORT_MODEL_RUNS=$(RUNS) $(PY) -m pytest -q --timeout=0 tests/flows/test_transition_machine.py

differential: N := 100000
differential: setup-dev ## change accepted files N times and ask every reader of archives there is (N=1000000)
	HOMEPORT_MUTATIONS=$(N) $(PY) -m pytest -q --timeout=0 tests/formats/test_differential.py

inspect-real: setup-dev ## put real wheels and sdists, fetched as pip is configured, before the inspector; writes docs/inspect-real.md
	@$(PY) -m tools.inspect_real $(ARGS)

lab: setup-dev ## a network of its own in which every address is a canary: nothing inside is ever spoken to
	HOMEPORT_LAB=required $(PY) -m pytest -q tests/lab $(ARGS)

rehost-speed: setup-dev ## files of eight hosts come home side by side; writes its section of docs/benchmarks.md (ARGS="--hosts 4")
	@$(PY) tools/rehost_speed.py --write $(ARGS)

clients: setup-dev ## every installer and publisher there is, old and new, against a running index
	$(PY) -m pytest -m clients -q tests/journeys

screenshots: setup-dev ## pictures of the pages, by a headless browser; writes docs/images
	$(PY) -m tools.screenshots

T ?= zip
SECONDS ?= 60
fuzz: setup-dev ## give one parser bytes that nobody meant (T=zip SECONDS=60; python -m tools.fuzz --help lists them)
	@$(PY) -m pip install --quiet --require-hashes --no-deps --only-binary=:all: -r requirements/fuzz.txt || \
		echo "fuzz: atheris cannot be installed here; going on without coverage"
	@$(PY) -m tools.fuzz $(T) --seconds $(SECONDS)

timing: setup-dev ## whether the time of a refusal tells who has an account (ARGS="--pairs 5000")
	@$(PY) -m tools.timing $(ARGS)

lock: setup-dev ## compile the locked requirements anew
	$(PY) tools/lock.py

clean: ## forget the environment and the caches; ./var stays
	rm -rf .venv .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

setup-run:
	@python3 tools/setup.py run

setup-dev:
	@python3 tools/setup.py dev
