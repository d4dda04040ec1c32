# Everything here sets itself up: Python 3.13 and make are enough.
# `make` alone lists what there is.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BASE_PYTHON ?= $(shell command -v python3.13 || command -v python3)
PYTHON := .venv/bin/python
UV := .venv/bin/uv
SAM := .venv-sam/bin/sam
ENV ?= dev
ARCHITECTURE ?= $(if $(filter prod,$(ENV)),arm64,x86_64)
export PYTHONPATH := layers/common:.
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-central-1

##@ Make a film
demo: .venv/.local ## A film from sample rooms, or your own: make demo PHOTOS=dir CLIPS=10 RATIO=9:16 MODEL=showreel/camera-motion
	@PHOTOS='$(PHOTOS)' CLIPS='$(CLIPS)' RATIO='$(RATIO)' MODEL='$(MODEL)' RESOLUTION='$(RESOLUTION)' \
	  MUSIC='$(MUSIC)' NATIVE_AUDIO='$(NATIVE_AUDIO)' DRAFT='$(DRAFT)' OUT='$(OUT)' $(PYTHON) -m local.demo

up: .venv/.local ## The whole stack on this machine, in the foreground
	@exec $(PYTHON) -m local up

##@ Work on it
test: .venv/.dev .local/sdk/google-genai-1/.done ## All tests
	$(PYTHON) -m pytest -n 2 --dist loadgroup tests

check: .venv/.dev ## Format, lint, types, import rules, template and state machines
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	$(PYTHON) -m mypy -p showreel -p showreel_client -p local -p functions
	.venv/bin/lint-imports
	.venv/bin/cfn-lint template.yaml
	$(PYTHON) -m tests.tools.openapi --check
	$(PYTHON) -m tests.tools.upgrades --check
	$(PYTHON) -m pytest -q tests/template

bench: bench-media bench-pipeline bench-coldstart bench-streams ## All benches

bench-media: .venv/.dev ## What making a film costs, against the obvious ways
	$(PYTHON) bench/media.py

bench-pipeline: .venv/.dev ## How close a film's makespan comes to the ideal schedule
	$(PYTHON) bench/pipeline.py

bench-coldstart: .venv/.dev ## What the first request of each function costs, against a bare one
	$(PYTHON) bench/coldstart.py

bench-streams: .venv/.dev ## How soon a streamed text reaches its reader
	$(PYTHON) bench/streams.py

cost: .venv/.dev ## What a film, a clip, a minute, a stream and an idle month cost on AWS: make cost ARCHITECTURE=arm64
	ARCHITECTURE=$(if $(filter command line environment,$(origin ARCHITECTURE)),$(ARCHITECTURE),arm64) $(PYTHON) bench/cost.py

format: .venv/.dev ## Formats the code
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

openapi: .venv/.dev ## Writes docs/api/openapi.json from the handlers
	$(PYTHON) -m tests.tools.openapi

upgrades: .venv/.dev ## Writes docs/api/upgrades.md from the catalogue
	$(PYTHON) -m tests.tools.upgrades

fault-table: .venv/.dev ## Runs five models times everything that goes wrong and writes the README's table
	WRITE_FAULT_TABLE=1 $(PYTHON) -m pytest -q tests/videos/test_fault_table.py

requirements: .venv/.dev ## Pins requirements/*.txt anew, with hashes
	cd requirements && for pair in runtime:../layers/common/requirements ffmpeg:../layers/ffmpeg/requirements uv:uv local:local dev:dev google-genai-1:google-genai-1 sam:sam; do \
	  ../$(UV) pip compile -q --upgrade --generate-hashes --no-emit-index-url --no-header --no-annotate \
	    --python-version 3.13 $${pair%%:*}.in -o $${pair##*:}.txt; done

##@ AWS
build: .venv/.dev .venv-sam/.done ## sam build, for ARCHITECTURE=x86_64 (default) or arm64
	PATH="$(CURDIR)/.venv/bin:$$PATH" ARCHITECTURE=$(ARCHITECTURE) $(SAM) build
	$(PYTHON) -m tests.tools.artefacts .aws-sam/build

sam-local: build ## `sam local invoke` in a container against a local stack: FUNCTION=… (needs Docker)
	$(PYTHON) -m local.sam_local $(FUNCTION)

deploy: build ## sam deploy with the parameters of samconfig.toml: make deploy ENV=prod
	$(SAM) deploy --config-env $(ENV)

##@ Set-up (done by the others)
.venv/bin/uv: requirements/uv.txt
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 13))' || \
	  { echo "showreel needs Python 3.13 (found $$($(BASE_PYTHON) --version)); set BASE_PYTHON=/path/to/python3.13" >&2; exit 1; }
	@$(BASE_PYTHON) -m venv .venv
	@$(PYTHON) -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.local: .venv/bin/uv requirements/local.txt
	@test -e .venv/.dev || $(UV) pip install -q --python $(PYTHON) --require-hashes -r requirements/local.txt
	@touch $@

.venv/.dev: .venv/bin/uv requirements/dev.txt
	@$(UV) pip install -q --python $(PYTHON) --require-hashes -r requirements/dev.txt
	@touch $@ .venv/.local

.local/sdk/google-genai-1/.done: .venv/bin/uv requirements/google-genai-1.txt
	@rm -rf $(@D)
	@$(UV) pip install -q --python $(PYTHON) --target $(@D) --require-hashes -r requirements/google-genai-1.txt
	@touch $@

.venv-sam/.done: .venv/bin/uv requirements/sam.txt
	@$(UV) venv -q --clear --python $(PYTHON) .venv-sam
	@$(UV) pip install -q --python .venv-sam/bin/python --require-hashes -r requirements/sam.txt
	@touch $@

clean: ## Removes what was made here
	rm -rf .venv .venv-sam .local .aws-sam out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

help:
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: help demo up test check bench bench-media bench-pipeline bench-coldstart bench-streams cost format openapi upgrades requirements build sam-local deploy clean
