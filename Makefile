# Every target sets up what it needs and says so. `make` alone lists them.
.DEFAULT_GOAL := help
PY := .venv/bin/python
.PHONY: help run demo test check lint types floors bench kill screenshots lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
