# The doors of the project. `make help` lists them.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
unexport PYTHONPATH PYTHONHOME

bin := .venv/bin
pytest := $(bin)/python -m pytest
setup := @sh scripts/setup.sh
code := $(wildcard src tests bench scripts examples)

.PHONY: help
help: ## 列出这些命令 · list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: setup setup-dev setup-postgres
setup:
	$(setup) runtime

setup-dev:
	$(setup) dev

setup-postgres: setup-dev
	$(setup) postgres

# ---- for everybody ---------------------------------------------------------------------------

.PHONY: demo
demo: setup ## 演示:一张发票变成可融资、可清偿的凭证(SERVE=0 演示后退出)· an invoice becomes a financed, settled claim (SERVE=0 exits afterwards)
	@$(bin)/xinlian demo $(if $(filter 0,$(SERVE)),--no-serve)

.PHONY: test
test: check setup-postgres ## 全部检查与功能测试 · every check, then the functional tests
	$(pytest) tests --ignore=tests/tidy

.PHONY: bench
bench: setup ## 性能测试,输出 JSON 与表格 · measure; prints JSON and a table
	@$(bin)/xinlian bench

# ---- for whoever changes the code ------------------------------------------------------------

.PHONY: check
check: check-style check-types check-imports check-tidy check-doctests check-docs ## 静态检查 · every check that runs no scenario

.PHONY: check-style check-types check-imports check-tidy check-doctests check-docs
check-style: setup-dev
	$(bin)/ruff check $(code)
	$(bin)/ruff format --check $(code)

check-types: setup-dev
	$(bin)/mypy $(wildcard src/xinlian tests bench)

check-imports: setup-dev
	$(bin)/lint-imports --no-logo

check-tidy: setup-dev
	$(pytest) tests/tidy

check-doctests: setup-dev
	$(pytest) --doctest-modules src/xinlian

check-docs: setup-dev
	$(bin)/mkdocs build --strict --quiet

.PHONY: format
format: setup-dev ## 整理代码格式 · format the code
	$(bin)/ruff check --fix $(code)
	$(bin)/ruff format $(code)

.PHONY: exported-names
exported-names: setup-dev ## 更新公开名称清单 · pin the public names anew
	PYTHONPATH=tests $(bin)/python -m tidy.exported_names

.PHONY: soak
soak: setup-postgres ## 长时间的性质测试与崩溃测试 · the long property and crash tests
	XINLIAN_TEST_PROFILE=soak $(pytest) tests --ignore=tests/tidy --timeout=7200

.PHONY: lock
lock: setup-dev ## 重新锁定依赖(UPGRADE=1 升级)· lock the dependencies (UPGRADE=1 renews them)
	@sh scripts/lock.sh $(if $(UPGRADE),--upgrade)

.PHONY: docs
docs: setup-dev ## 在本机浏览文档 · browse the documentation on this machine
	$(bin)/mkdocs serve

.PHONY: clean
clean: ## 删除生成物与虚拟环境 · remove everything that is generated
	rm -rf .venv site dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
