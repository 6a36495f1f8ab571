# `make run` and `make test` each set everything up first; nothing else is needed.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
RUN_STAMP := .venv/.run-installed
DEV_STAMP := .venv/.dev-installed
# files in their order, whole: what a file has set up serves all of its tests
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

.PHONY: help setup run test check fix bench bench-log bench-index bench-recovery screenshots lock image clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(RUN_STAMP) ## create .venv with what the gateway needs

$(RUN_STAMP): requirements/run.txt pyproject.toml deploy/setup.sh
	sh deploy/setup.sh run
	@touch $@

$(DEV_STAMP): requirements/dev.txt pyproject.toml deploy/setup.sh
	sh deploy/setup.sh dev
	@touch $@ $(RUN_STAMP)

run: $(RUN_STAMP) ## the main job: mocks, gateway, one signed pre-fill (KEEP=1 stays up)
	$(BIN)/gateway demo $(if $(KEEP),--keep) $(if $(DATA_DIR),--data-dir $(DATA_DIR)) $(if $(READY_FILE),--ready-file $(READY_FILE))

test: $(DEV_STAMP) ## the tests, on up to four cores
	$(BIN)/pytest $(SPREAD)

check: $(DEV_STAMP) ## ruff, format, mypy --strict, import rules, configuration
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/gateway check

fix: $(DEV_STAMP) ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEV_STAMP) ## signed look-ups beside a plain zeep/httpx client, as ratios of one run
	$(BIN)/python -m tests.bench

bench-log: $(DEV_STAMP) ## how the console's times grow with the log (ENTRIES=10000000, takes hours; KEEP=1 keeps the logs)
	$(BIN)/python -m tests.bench_log

bench-index: $(DEV_STAMP) ## the console's index alone, ENTRIES=10000000 takes half an hour and more
	$(BIN)/python -m tests.bench_log.rows

bench-recovery: $(DEV_STAMP) ## what callers meet while the log's store is full or gone, and after
	$(BIN)/python -m tests.bench.recovery

screenshots: $(DEV_STAMP) ## every page of the console in Chromium, into build/screenshots
	$(BIN)/python -m tests.browser.screenshots

lock: ## rewrite the hashed requirements (needs uv)
	cd requirements && for f in run dev; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	    --no-annotate --no-emit-index-url $$f.in -o $$f.txt; done

image: ## build the container image with buildah (BASE=local/base to swap the base image)
	buildah bud --format docker $(if $(BASE),--build-arg BASE=$(BASE)) -t lienthong-gateway .

clean: ## remove what the targets made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
