# make run, and you have a call; make test, and you know that it works.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
PACKAGES := server.py settings.py web webrtc pipeline models bench tests

# One more than cores: many tests wait for the clock.
WORKERS = $$($(BIN)/python -c 'import os; print(os.cpu_count() + 1)')

.PHONY: run test check lint format bench bench-peers soak screenshot install-models system clean

run: $(VENV)/.run
	@exec $(BIN)/python server.py

test: system check
	$(BIN)/python -m pytest -m "browser or slow"

check: $(VENV)/.dev
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -m "not browser and not slow" -n $(WORKERS) --dist worksteal

lint: $(VENV)/.dev
	$(BIN)/ruff format --check $(PACKAGES)
	$(BIN)/ruff check $(PACKAGES)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev
	$(BIN)/ruff format $(PACKAGES)
	$(BIN)/ruff check --fix $(PACKAGES)

bench: $(VENV)/.dev
	$(BIN)/python -m bench

bench-peers: .peers/fastrtc/.installed .peers/pipecat/.installed $(VENV)/.dev
	$(BIN)/python -m bench.peers

.peers/fastrtc/.installed: PACKAGES_THERE = fastrtc==0.0.34
.peers/pipecat/.installed: PACKAGES_THERE = "pipecat-ai[webrtc]" fastapi uvicorn
.peers/%/.installed:
	@echo "Installing $* into an environment of its own ..."
	@$(PYTHON) -m venv .peers/$*
	@.peers/$*/bin/python -m pip install --quiet --disable-pip-version-check $(PACKAGES_THERE)
	@touch $@

soak: $(VENV)/.dev system
	MUTATIONS=10000 $(BIN)/python -m pytest tests/faults/test_mutations.py

screenshot: $(VENV)/.dev system
	SCREENSHOTS=docs $(BIN)/python -m pytest tests/browser/test_call.py tests/browser/test_chat.py -k "smile and VP8 or seems"

install-models: $(VENV)/.models

system:
	@sh tests/system.sh

clean:
	rm -rf $(VENV) .peers tests/page/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.run: requirements-core.txt requirements-embedded.txt | $(VENV)/bin/python
	@echo "Installing what Mien needs into $(VENV) (about 400 MB, once) ..."
	@$(PIP) -r requirements-core.txt
	@$(PIP) --no-deps -r requirements-embedded.txt
	@touch $@

$(VENV)/.models: requirements.txt $(VENV)/.run
	@echo "Installing torch and transformers (on Linux, PyPI's torch is the CUDA build: about 3 GB, once) ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt tests/page/package.json $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(PIP) --no-warn-conflicts -r requirements-dev.txt
	@if command -v npm > /dev/null; then \
	  npm install --prefix tests/page --no-package-lock --no-audit --no-fund --silent || \
	  echo "npm could not install what tests the page: those tests are skipped"; fi
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "Mien needs Python 3.11 or newer; name one with: make run PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) has no venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
