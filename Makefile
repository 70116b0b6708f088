# GNU make. Everything is installed into .venv; nothing is ever removed from it.

.ONESHELL:
.SILENT:
.NOTPARALLEL:
.SHELLFLAGS := -euc
.DEFAULT_GOAL := help
.PHONY: help serve install test check lint types format pins venv

# Ask a Python for its version: it prints 3.11, 3.12 or 3.13, or why it cannot be used.
QUESTION := import sys; version = "%d.%d" % sys.version_info[:2]; \
  print("Python " + version if version not in ("3.11", "3.12", "3.13") else \
  version if __import__("importlib.util").util.find_spec("ensurepip") else "no venv module")
answer = $(or $(shell "$(1)" -c '$(QUESTION)' 2>/dev/null),does not run)
suits = $(filter 3.11 3.12 3.13,$(call answer,$(1)))
NEEDED := Python 3.11, 3.12 or 3.13 with its venv module (on Debian and Ubuntu: python3-venv)

# `make serve PYTHON=/path/to/python` chooses one; the default is the first of these that works.
PYTHON ?= $(firstword $(foreach name,python3 python3.12 python3.13 python3.11,\
  $(if $(call suits,$(name)),$(name))))
NAMED := $(filter-out file,$(origin PYTHON))

PIP := .venv/bin/python -m pip --quiet --disable-pip-version-check --no-input

# An interrupted run may leave half a package behind, so the next run installs every file again.
define install
	.venv/bin/python -m ensurepip >/dev/null
	again=$$(test ! -e .venv/unfinished || echo --force-reinstall)
	touch .venv/unfinished
	$(PIP) install $$again --require-hashes --requirement $(1)
	rm .venv/unfinished
endef

help: ## list the targets
	sed -n 's/^\([a-z-]*\):.*## /\1:/p' Makefile | while IFS=: read -r name text; do
	  printf 'make %-18s%s\n' "$$name" "$$text"
	done

serve: .venv/serving ## serve the shipped model on http://127.0.0.1:8000 until Ctrl-C
	exec .venv/bin/python -m service

install: .venv/everything ## install everything, with TensorFlow (about 2.7 GB)
	if [ "$$(cat .venv/everything)" != "$(CURDIR)" ]; then  # new, or the checkout has moved
	  $(PIP) install --no-deps --no-build-isolation --editable .
	  echo "$(CURDIR)" > .venv/everything
	fi

test: install ## run all tests with coverage: about 25 minutes on two cores
	.venv/bin/python -m pytest --cov

check: lint types test ## check format, lint and types, then run all tests

lint: install ## check format and style
	.venv/bin/python -m ruff format --check .
	.venv/bin/python -m ruff check .

types: install ## check the types
	.venv/bin/python -m mypy

format: install ## format the code
	.venv/bin/python -m ruff check --fix-only .
	.venv/bin/python -m ruff format .

pins: install ## update the pinned versions in requirements/
	pin() { .venv/bin/python -m uv pip compile pyproject.toml --universal --python-version 3.11 \
	  --fork-strategy fewest --generate-hashes --no-strip-extras --no-annotate --no-header \
	  --upgrade --quiet "$$@"; }
	pin --extra dev --output-file requirements/development.txt
	pin --constraint requirements/development.txt --output-file requirements/serving.txt
	pin requirements/training-image.in --extra training --override requirements/training-image.in \
	  --constraint requirements/development.txt --output-file requirements/training-image.txt

.venv/serving: requirements/serving.txt | venv
	echo "installing the packages for serving (about 380 MB) into .venv ..."
	$(call install,$<)
	touch $@

.venv/everything: requirements/development.txt pyproject.toml | venv
	echo "installing everything, with TensorFlow (about 2.7 GB), into .venv ..."
	$(call install,$<)
	touch .venv/serving
	: > $@

venv: .venv/bin/python
	$(if $(call suits,$<),,$(error $< cannot be used ($(call answer,$<)), $(NEEDED) is needed: \
	  move .venv away and try again))
	$(if $(NAMED),$(if $(filter $(call answer,$<),$(call answer,$(PYTHON))),,$(error \
	  PYTHON=$(PYTHON) ($(call answer,$(PYTHON))) is not the version of .venv ($(call answer,$<)): \
	  leave PYTHON unset, or move .venv away)))

# Runs if .venv is missing, half made, or links to a Python that is gone: its packages are useless then.
.venv/bin/python:
	$(if $(call suits,$(PYTHON)),,$(error $(or $(PYTHON),python3) cannot be used \
	  ($(call answer,$(or $(PYTHON),python3))), $(NEEDED) is needed))
	echo "making .venv with $(PYTHON) ..."
	rm -f .venv/serving .venv/everything .venv/bin/python*
	"$(PYTHON)" -m venv .venv

.PHONY: bench bench-steps bench-growth bench-photographs bench-pins

# The peers are installed only if they are measured.
PEERS := $(if $(findstring --only,$(OPTIONS)),$(findstring litserve,$(OPTIONS))$(findstring bentoml,$(OPTIONS)),all)

bench: install $(if $(PEERS),.venv-bench/everything) ## compare with other servers, OPTIONS="--quick --only ceiling"
	.venv/bin/python -m benchmarks $(OPTIONS)

bench-steps: install ## time each step of a prediction
	.venv/bin/python -m benchmarks.steps

bench-growth: install ## measure growing load and draw the plots in docs/pictures
	.venv/bin/python -m benchmarks.growth $(OPTIONS)

bench-photographs: install ## measure the gain of each step on photographs, OPTIONS="DIR --mapping FILE"
	.venv/bin/python -m benchmarks.ablation $(OPTIONS)

bench-pins: install
	.venv/bin/python -m uv --no-config pip compile requirements/benchmarks.in --universal \
	  --python-version 3.11 --fork-strategy fewest --generate-hashes --no-strip-extras \
	  --no-annotate --no-header --quiet --output-file requirements/benchmarks.txt

.venv-bench/everything: requirements/benchmarks.txt | install
	echo "installing the other servers (about 2.1 GB) into .venv-bench ..."
	.venv/bin/python -m venv .venv-bench
	.venv-bench/bin/python -m pip --quiet --disable-pip-version-check --no-input \
	  install --require-hashes --requirement $<
	touch $@

.PHONY: image container-test

image: ## build the container image for serving, tagged with the version
	version=$$(sed -n 's/^__version__ = "\(.*\)"/\1/p' service/__init__.py)
	docker build --target service --build-arg VERSION="$$version" \
	  --tag "fashion-mnist-serving:$$version" .

container-test: install ## test images, Compose and docs/deployment.md with a Docker engine
	.venv/bin/python -m pytest -m docker -rP tests/deploy

.PHONY: fuzz soak

SECONDS ?= $(if $(filter soak,$(MAKECMDGOALS)),3600,60)

fuzz: install ## send randomly damaged pictures and models for 60 s, SECONDS=3600 for an hour
	.venv/bin/python -m tests.hostile.fuzz_pictures $$(($(SECONDS) / 2))
	.venv/bin/python -m tests.hostile.fuzz_models $$(($(SECONDS) / 2))

soak: install ## mix load and model swaps for an hour, SECONDS=120 for two minutes
	.venv/bin/python -m tests.hostile.soak $(SECONDS)
