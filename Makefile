# What each target does stands in tools/; this file only names them. Settings of the tools:
#   PYTHON  the interpreter that .venv is made with
#   ARGS    handed on: make run ARGS="--port 9000", make test ARGS="tests/storage",
#           make bench-resilience ARGS="--quick"
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test format docs bench clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: ## set up all that is needed and start MainHub on this machine
	@$(PYTHON) -m tools.setup run $(ARGS)

test: ## set up all that is needed and run every check and every test
	@$(PYTHON) -m tools.setup test $(ARGS)

format: ## let the formatters rewrite what they may
	@$(PYTHON) -m tools.setup format

docs: ## build the documentation site into site/
	@$(PYTHON) -m tools.setup docs

bench: ## measure every room of bench/ against its peers; one of them: make bench-resilience
	@$(PYTHON) -m tools.setup bench $(ARGS)

# No room is a file here, so each is measured whenever it is asked for.
bench-%:
	@$(PYTHON) -m tools.setup bench $* $(ARGS)

clean: ## remove all that these targets have made, save the state of `make run` (.mainhub/)
	rm -rf .make .venv .venv-bench bench/results site browser/node_modules src/mainhub/static .mypy_cache .ruff_cache .import_linter_cache
