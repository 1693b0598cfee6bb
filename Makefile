# Vatra: demo, test, lint, bench. Everything is set up on the way; a second run spends no time on it.
PARCELS ?= 20000
SERVE ?= yes
export PATH := $(CURDIR)/.venv/bin:$(PATH)

# What the map page's script is built from, and the last file that the build writes.
FRONTEND := $(shell find gis_app/map/frontend -name node_modules -prune -o -type f -print)
BUILT := gis_app/map/static/manifest.json

.PHONY: demo test lint bench docs frontend packages packages-test

demo: packages .venv/ready $(BUILT)
	PARCELS=$(PARCELS) SERVE=$(SERVE) scripts/demo

test: packages-test .venv/ready $(BUILT)
	scripts/test

lint: packages .venv/ready
	scripts/lint

bench: packages-test .venv/ready $(BUILT)
	vatra bench all

docs: packages .venv/ready
	mkdocs build --strict

frontend: $(BUILT)

packages:
	@scripts/install-packages packages.txt

packages-test:
	@scripts/install-packages packages.txt packages-test.txt

.venv/ready: requirements.txt setup.cfg scripts/make-environment | packages
	scripts/make-environment

$(BUILT): $(FRONTEND) scripts/build-frontend | .venv/ready
	scripts/build-frontend
	@touch $@
