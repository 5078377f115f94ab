# Podium. `make demo` shows it, `make test` proves it, `make help` lists the rest.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON := .venv/bin/python
export PYTHONPATH := src

.PHONY: help setup demo image check test prove soak coverage lock clean

help: ## this list
	@sed -n 's/^\([a-z%-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | column -t -s '|'

setup: ## .venv/bin/podium and, as root on Debian, a running Docker Engine
	@tools/setup

demo: ## the main job, start to end, on real containers (KEEP=1 leaves it running, IN_DOCKER=1 runs Podium beside the engine)
	@tools/demo

image: ## podium/podium, the image that `podium up --in-docker` runs, from Debian's packages and the locked wheels
	@tools/image

check: ## format, lint, strict types, import contracts, house rules
	@tools/venv
	@tools/check

test: ## every kind of test, within its budget
	@tools/test

prove: ## the long proofs, whole; writes docs/proof.md (ONLY=words runs those whose name has them)
	@tools/prove $(ONLY)

soak: ## simulated weeks with faults, on every core (SEEDS=n, FIRST=seed, DAYS=n; PLANTED=1 plants bugs; WRITE=1 puts the result into docs/soak.md)
	@tools/venv
	@$(PYTHON) tools/soak.py $(or $(SEEDS),20) --first $(or $(FIRST),0) --days $(or $(DAYS),7) $(if $(PLANTED),--planted) $(if $(WRITE),--write)

coverage: ## docs/coverage.md and docs/api.md: what works and what is refused, made from the code
	@tools/venv
	$(PYTHON) tools/coverage.py
	$(PYTHON) tools/api_page.py

bench-%: ## bench-launch: create to RUNNING against bare Docker and Swarm; bench-api: an API call against moto and MiniStack; bench-agent: a task's start against bare Docker, and the agent's own cost; bench-placement: where one of 5,000 instances is decided; bench-control: a thousand agents and a hundred thousand tasks; bench-traffic: requests, changes and deployments through a load balancer against a static Envoy, HAProxy and Swarm; bench-logs: log lines into the journal and out of it again (QUICK=1 under 2 minutes)
	@tools/setup
	$(PYTHON) -m bench.$*

lock: ## resolve requirements.lock again, with hashes
	@tools/venv
	.venv/bin/uv pip compile -q --upgrade pyproject.toml --extra postgres --extra test --generate-hashes --no-emit-index-url --no-header --no-annotate -o requirements.lock

clean: ## remove the virtual environment and caches
	rm -rf .venv .mypy_cache .ruff_cache .hypothesis build src/*.egg-info
