# Vatra: demo, test, lint, bench. Everything is set up on the way; a second run spends no time on it.
PARCELS ?= 20000
SERVE ?= yes
export PATH := $(CURDIR)/.venv/bin:$(PATH)

.PHONY: demo test lint bench docs packages packages-test

demo: packages .venv/ready
	PARCELS=$(PARCELS) SERVE=$(SERVE) scripts/demo

test: packages-test .venv/ready
	scripts/test

lint: packages .venv/ready
	scripts/lint

bench: packages-test .venv/ready
	vatra bench all

docs: packages .venv/ready
	mkdocs build --strict

packages:
	@scripts/install-packages packages.txt

packages-test:
	@scripts/install-packages packages.txt packages-test.txt

.venv/ready: requirements.txt setup.cfg scripts/make-environment | packages
	scripts/make-environment
