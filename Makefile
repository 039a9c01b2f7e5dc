# `make` lists the targets. Two of them are all a newcomer needs: example and test.
# PYTHON=… chooses the interpreter of .venv, PYTEST_ARGS=… is handed to pytest, LAB_ARGS=… to the lab (try --help).

PYTHON ?=
PYTEST_ARGS ?=
LAB_ARGS ?=

PY := .venv/bin/python
HYBRIDC := .venv/bin/hybridc
INSTALL := $(PY) tools/install.py
PIP := $(PY) -m pip --disable-pip-version-check --quiet
OFFLINE := { echo "hybridc: could not install the pinned packages: check the network and pip config list" >&2; exit 3; }

# Stamps carry a checksum of what they stand for, so a checkout that only touches files rebuilds nothing.
# The folder counts, since the editable install points into it; the settings of ruff and the like do not.
RUNTIME := .venv/.runtime-$(shell (pwd; echo '$(PYTHON)'; sed '/^\[tool\.ruff/,$$d' pyproject.toml; cat requirements/build.txt requirements/runtime.txt) | cksum | cut -d' ' -f1)
DEV := .venv/.dev-$(shell cksum < requirements/dev.txt | cut -d' ' -f1)

# Tests and benchmarks find the pinned tools before those of the machine.
export PATH := $(CURDIR)/.tools/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help example test test-all lowest highest out lint lint-python lint-shell lint-workflows unit check-out debian tools lint-tools lab bench bench-preflight bench-node goldens dist clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' Makefile

example: $(RUNTIME) ## compile examples/guide into build/example and say where to look
	@$(HYBRIDC) build examples/guide/hybrid.yaml -o build/example
	@printf '\nMade from examples/guide/hybrid.yaml:\n'
	@find build/example -type f | LC_ALL=C sort | sed 's/^/  /'
	@printf '\nLook first at:\n'
	@find build/example -name SUMMARY.md | sed 's/$$/   what a sync will do, and what is left to do by hand/; s/^/  /'
	@printf '\nTo have hybridc on your PATH, in this shell:\n  export PATH="%s/.venv/bin:$$PATH"\n' '$(CURDIR)'

test: tools lint check-out unit ## set up everything and run all that needs no root, no server and no long build

test-all: $(DEV) tools ## the other tests alone: servers, kubeadm, a booted node (as root on Debian)
	$(PY) -m pytest -m needs --set-up --quiet --no-summary $(PYTEST_ARGS)
	$(PY) -m pytest -m needs -n 2 --dist loadfile $(PYTEST_ARGS)

lowest: $(RUNTIME) ## a part of the tests with the lowest packages that pyproject.toml allows
	$(PY) tools/bounds.py $@

highest: $(RUNTIME) ## the same with the highest
	$(PY) tools/bounds.py $@

lint: lint-python lint-shell lint-workflows ## ruff, mypy, shfmt, shellcheck, actionlint

lint-python: $(DEV)
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

lint-shell: lint-tools
	.tools/bin/shfmt -f .ci tools | xargs .tools/bin/shfmt -i 2 -ci -d
	.tools/bin/shfmt -f .ci tools | xargs .tools/bin/shellcheck

lint-workflows: lint-tools
	.tools/bin/actionlint -shellcheck .tools/bin/shellcheck -pyflakes=

check-out: $(RUNTIME) ## out/ is what examples/ compile to
	$(HYBRIDC) build --check examples/*/hybrid.yaml -o out

unit: $(DEV) tools ## the tests of make test, four files at a time: many wait for a process or a pause
	$(PY) -m pytest -n 4 --dist loadfile $(PYTEST_ARGS)

debian:
	@tools/debian-packages

tools: $(RUNTIME) ## build or fetch the pinned tools of make test
	@$(INSTALL) --group core

lint-tools: $(RUNTIME)
	@$(INSTALL) shfmt shellcheck actionlint

lab: $(RUNTIME) debian ## Argo CD and an API server on loopback, with examples/guide synced: try it before production
	@$(INSTALL) --group kubernetes --group argocd argocd-crds kubectl kustomize helm3
	$(PY) -m tests.lab $(LAB_ARGS)

bench: $(DEV) ## time hybridc beside kustomize and helm, and the node script (as root)
	@$(INSTALL) kustomize helm3 helm4
	$(PY) tests/bench/run.py
	$(PY) tests/bench/shapes.py
	@$(MAKE) --no-print-directory bench-preflight
	@$(MAKE) --no-print-directory bench-node

bench-preflight: $(DEV) ## time only preflight and doctor, against 5,000 nodes and 50,000 pods on loopback
	$(PY) tests/bench/large_cluster.py

bench-node: $(DEV) debian ## time only the node script, on a booted Debian that joins a real API server
	@$(INSTALL) --group kubernetes --group kubeadm --group machine kubectl
	$(PY) tests/bench/node_script.py --quick

out: $(RUNTIME) ## rewrite out/ from examples/
	$(HYBRIDC) build examples/*/hybrid.yaml -o out

goldens: $(DEV) ## rewrite the expected files of tests/, to be reviewed with git diff
	$(PY) -m pytest --update-goldens $(PYTEST_ARGS)

dist: $(DEV) ## wheel, sdist and a wheelhouse for machines without an index, in dist/
	rm -rf dist
	$(PY) -m build --no-isolation --outdir dist
	$(PY) tools/wheelhouse.py dist/hybridc-*.whl

clean: ## remove what make made here (the tools' cache outside stays)
	rm -rf .venv .tools build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Made anew whenever its checksum changes: a half-made or outdated venv is never repaired.
$(RUNTIME):
	@python=$$(tools/find-python '$(PYTHON)') && echo "hybridc: setting up .venv with $$python" && "$$python" -m venv --clear .venv
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/runtime.txt || $(OFFLINE)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): $(RUNTIME)
	@echo "hybridc: adding the packages that tests need"
	@$(PIP) install --require-hashes -r requirements/dev.txt || $(OFFLINE)
	@touch $@
