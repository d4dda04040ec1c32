# Everything here sets itself up: Python from 3.9 on and make are enough.
# `make` alone lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON := .venv/bin/python
UV := .venv/bin/uv
SAM := .venv-sam/bin/sam
ENV ?= dev
ARCHITECTURE ?= $(if $(filter staging prod,$(ENV)),arm64,x86_64)
BUILD := .aws-sam/$(ARCHITECTURE)/build
# Test processes: those that drive a stack mostly wait, so that two cores carry seven.
WORKERS ?= 7
NPM_TOOLS := $(if $(shell command -v npm),tools/npm/node_modules/.done)
export PYTHONPATH := layers/common:layers/otio:.:client/src
export SAM_CLI_TELEMETRY := 0
# Everything here starts many Pythons; without byte code each compiles every module again.
unexport PYTHONDONTWRITEBYTECODE
# Nothing here has a region but what goes to AWS, and that is the caller's.
ifeq ($(filter deploy delete,$(MAKECMDGOALS)),)
export AWS_DEFAULT_REGION ?= eu-central-1
endif

##@ Make a film
# What is given here is in the recipe's environment, a sentence as it was written.
demo: override export STORY := $(value STORY)
demo: .venv/.local ## A film from sample rooms, or your own: make demo PHOTOS=dir CLIPS=10 RATIO=9:16 MODEL=showreel/camera-motion; or of a sentence: make demo STORY="…" SHOTS=6
	@$(PYTHON) -m local.demo

up: .venv/.local ## The whole stack on this machine, in the foreground
	@exec $(PYTHON) -m local up

##@ Work on it
test: ## All tests but those of the template (make check) and what takes too long for each change (make chaos)
	@$(MAKE) --no-print-directory --jobs=3 test-setup
	$(PYTHON) -m pytest -p tests.support.sharing -n $(WORKERS) -m 'not deep' tests --ignore tests/chaos --ignore tests/template

chaos: .venv/.dev $(if $(N),,.local/sdk/google-genai-1/.done) ## Histories of faults, 40 fixed ones and every aimed moment; or so many others: make chaos N=1000 SEED=41
ifdef N
	$(PYTHON) -m tests.chaos.histories --count $(N) --seed $(or $(SEED),1) $(if $(AT_ONCE),--at-once $(AT_ONCE)) $(if $(FILM_EVERY),--film-every $(FILM_EVERY))
else
	HISTORIES=200 EXAMPLES=300 $(PYTHON) -m pytest -n 2 -m 'deep or hypothesis' tests/unit tests/media tests/simulators
	$(PYTHON) -m pytest tests/videos/test_fault_table.py
	$(PYTHON) -m pytest -n 3 -m deep tests/films tests/functions tests/npm tests/statemachines tests/videos/test_kill_points.py
	$(PYTHON) -m pytest -n 3 tests/chaos
endif

fuzz: .venv/.dev ## Requests made from the OpenAPI document by Schemathesis, to a stack on this machine: make fuzz EACH=30 SEED=41
	$(PYTHON) -m tests.fuzz --each $(or $(EACH),30) --seed $(or $(SEED),41)

check: types lint lint-template check-template check-docs ## Format, lint, types, import rules, template, state machines and the OpenAPI document; make -j2 check does two things at once

types: .venv/.dev # the slowest of them
	$(PYTHON) -m mypy -p showreel -p showreel_otio -p showreel_client -p local -p functions -p tools

lint: .venv/.dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/lint-imports

check-template: .venv/.dev
	$(PYTHON) -m tools.limits
	$(PYTHON) -m pytest -q tests/template

check-docs: .venv/.dev $(NPM_TOOLS)
	$(PYTHON) -m tools.openapi --check
	$(MAKE) --no-print-directory lint-openapi
	$(PYTHON) -m tools.upgrades --check
	$(PYTHON) -m tools.permissions --check
	$(PYTHON) -m tools.vocabulary

lint-template: .venv/.dev $(NPM_TOOLS) ## cfn-lint with every rule; asl-validator over the state machines, where Node is
	.venv/bin/cfn-lint --include-checks I --non-zero-exit-code informational --template template.yaml
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-machines; \
	  else echo 'no Node here: the state machines were not given to asl-validator' >&2; fi

lint-openapi: ## Redocly's rules over the OpenAPI document, where Node is
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory redocly; \
	  else echo 'no Node here: the OpenAPI document was not given to Redocly' >&2; fi

redocly: tools/npm/node_modules/.done
	@REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true tools/npm/node_modules/.bin/redocly lint \
	  --config tools/npm/redocly.yaml functions/api_docs/openapi.json 2>&1 || exit 1

lint-machines: tools/npm/node_modules/.done
	@tools/npm/node_modules/.bin/asl-validator $(addprefix --json-path ,$(wildcard statemachines/*.asl.json))

checkov: .venv-checkov/.done ## Security rules over the template; what is skipped says why in its Metadata
	.venv-checkov/bin/python -m tools.checkov --file template.yaml --framework cloudformation --compact --quiet --skip-download

bench: bench-media bench-pipeline bench-coldstart bench-streams bench-reads bench-graph ## All benches

bench-media: .venv/.dev ## What making a film costs, against the obvious ways
	$(PYTHON) bench/media.py

bench-pipeline: .venv/.dev ## How close a film's makespan comes to the ideal schedule
	$(PYTHON) bench/pipeline.py

bench-coldstart: .venv/.dev ## What the first request of each function costs, against a bare one
	$(PYTHON) bench/coldstart.py

bench-streams: .venv/.dev ## How soon a streamed text reaches its reader
	$(PYTHON) bench/streams.py

bench-reads: .venv/.dev ## What lists read of 10 and of 100,000 rows: make bench-reads ROWS=1000
	ROWS=$(or $(ROWS),100000) $(PYTHON) bench/reads.py

bench-graph: .venv/.dev ## How close a graph's makespan comes to its critical path, and what running it again costs
	$(PYTHON) bench/graph.py

cost: .venv/.dev ## What a film, a clip, a minute, a stream and an idle month cost on AWS: make cost ARCHITECTURE=arm64
	ARCHITECTURE=$(if $(filter command line environment,$(origin ARCHITECTURE)),$(ARCHITECTURE),arm64) $(PYTHON) bench/cost.py

format: .venv/.dev ## Formats the code
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

openapi: .venv/.dev ## Writes docs/api/openapi.json from the handlers
	$(PYTHON) -m tools.openapi

redoc: ## Takes Redoc, which shows the document at /docs, anew from npm: make redoc VERSION=2.5.4
	@folder=$$(mktemp -d); npm pack --silent --pack-destination $$folder redoc@$(or $(VERSION),2.5.4) >/dev/null; \
	  tar -xzf $$folder/*.tgz -C $$folder; \
	  cp $$folder/package/bundles/redoc.standalone.js $$folder/package/LICENSE functions/api_docs/redoc/; \
	  cp $$folder/package/bundles/redoc.standalone.js.LICENSE.txt functions/api_docs/redoc/THIRD-PARTY-LICENSES.txt; \
	  rm -r $$folder

upgrades: .venv/.dev ## Writes docs/api/upgrades.md from the catalogue
	$(PYTHON) -m tools.upgrades

permissions: .venv/.dev ## Writes docs/security.md's table of roles from the template
	$(PYTHON) -m tools.permissions

limits: .venv/.dev ## What SAM makes of the template, against AWS's quotas
	$(PYTHON) -m tools.limits

fault-table: .venv/.dev ## Runs five models times everything that goes wrong and writes the README's table
	WRITE_FAULT_TABLE=1 $(PYTHON) -m pytest -q tests/videos/test_fault_table.py

requirements: .venv/.dev ## Pins requirements/*.txt anew, with hashes
	cd requirements && for pair in runtime:../layers/common/requirements wallet:../layers/wallet/requirements otio:../layers/otio/requirements ffmpeg:../layers/ffmpeg/requirements uv:uv local:local dev:dev google-genai-1:google-genai-1 sam:sam checkov:checkov; do \
	  ../$(UV) pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --python-version 3.13 $${pair%%:*}.in -o $${pair##*:}.txt; done

##@ AWS
build: .venv/.dev .venv-sam/.done ## sam build, for ARCHITECTURE=x86_64 (default) or arm64, and a check of what came out
	PATH="$(CURDIR)/.venv/bin:$$PATH" $(SAM) build --build-dir $(BUILD) --cache-dir $(BUILD:build=cache) \
	  --parameter-overrides Architecture=$(ARCHITECTURE)
	$(PYTHON) -m tools.artefacts $(BUILD) $(ARCHITECTURE)

validate: .venv-sam/.done ## sam validate --lint
	$(SAM) validate --lint

sam-local: build ## Functions in containers by `sam local invoke`, against a local stack: FUNCTION=health or ALL=1 (needs Docker)
	@$(PYTHON) -m local.sam_local --build $(BUILD) --architecture $(ARCHITECTURE) \
	  $(if $(ALL),--all) $(if $(IF_DOCKER),--if-docker) $(if $(KEEP),--keep) $(FUNCTION)

sam-api: build ## `sam local start-api` against a local stack, and a few requests to it (needs Docker)
	@$(PYTHON) -m local.sam_local --build $(BUILD) --architecture $(ARCHITECTURE) --api $(if $(IF_DOCKER),--if-docker)

deploy: check-deployment build ## To AWS: make deploy ENV=dev|staging|prod [STACK=name] [PARAMETERS='Name=value …']
	$(SAM) deploy --config-env $(ENV) --template-file $(BUILD)/template.yaml \
	  $(if $(CI),--no-confirm-changeset) $$($(PYTHON) -m tools.deployment arguments $(ENV) $(if $(STACK),--stack $(STACK)) $(PARAMETERS))

check-deployment: .venv/.dev # before anything is built
	@$(PYTHON) -m tools.deployment check $(ENV) $(if $(STACK),--stack $(STACK)) $(PARAMETERS)

delete: .venv/.dev .venv-sam/.done ## Deletes a stack and says what stays: make delete ENV=dev [STACK=name]
	@$(PYTHON) -m tools.deployment retained $(ENV) $(if $(STACK),--stack $(STACK))
	$(SAM) delete --config-env $(ENV) $(if $(STACK),--stack-name $(STACK)) $(if $(CI),--no-prompts)

##@ Set-up (done by the others)
test-setup: .venv/.compiled $(if $(shell command -v npm),tests/npm/node_modules/.done) ## What make test needs, so that it can come while something else computes

.venv/bin/uv: requirements/uv.txt
	@BASE_PYTHON='$(BASE_PYTHON)' sh tools/bootstrap.sh

.venv/.local: .venv/bin/uv requirements/local.txt
	@test -e .venv/.dev || $(UV) pip install -q --python $(PYTHON) --require-hashes -r requirements/local.txt
	@touch $@

.venv/.dev: .venv/bin/uv requirements/dev.txt
	@$(UV) pip install -q --python $(PYTHON) --require-hashes -r requirements/dev.txt
	@touch $@ .venv/.local

# Else each of the test processes, which start together, compiles every module that all of them import.
.venv/.compiled: .venv/.dev
	@$(PYTHON) -c 'import importlib, tests.conftest; from local.settings import product_modules; [importlib.import_module(name) for name in product_modules()]'
	@touch $@

.local/sdk/google-genai-1/.done: .venv/bin/uv requirements/google-genai-1.txt
	@rm -rf $(@D)
	@$(UV) pip install -q --python $(PYTHON) --target $(@D) --require-hashes -r requirements/google-genai-1.txt
	@touch $@

.venv-checkov/.done: .venv/bin/uv requirements/checkov.txt
	@$(UV) venv -q --clear --python $(PYTHON) .venv-checkov
	@$(UV) pip install -q --python .venv-checkov/bin/python --require-hashes -r requirements/checkov.txt
	@touch $@

%/node_modules/.done: %/package-lock.json
	@cd $* && npm ci --silent
	@touch $@

.venv-sam/.done: .venv/bin/uv requirements/sam.txt
	@$(UV) venv -q --clear --python $(PYTHON) .venv-sam
	@$(UV) pip install -q --python .venv-sam/bin/python --require-hashes -r requirements/sam.txt
	@touch $@

clean: ## Removes what was made here
	rm -rf .venv .venv-sam .venv-checkov tools/npm/node_modules tests/npm/node_modules .local .aws-sam out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: help demo up test test-setup chaos fuzz check types lint check-template check-docs lint-template lint-machines lint-openapi redocly checkov bench bench-media bench-pipeline bench-coldstart bench-streams bench-reads bench-graph cost format openapi redoc upgrades permissions limits requirements build validate sam-local sam-api deploy check-deployment delete clean
