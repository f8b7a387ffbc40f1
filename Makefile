# The two commands of the README are `make demo` and `make test`; each sets up what it needs.
PY := .venv/bin/python
SERVE ?= 1
ENGINE ?= embedded
# Hundreds of short processes run here; each would compile the whole source again.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help demo test check bench soak engine lock clean runtime dev postgres try-engine

help: ## What can be run / 可用命令
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/'

runtime:
	@sh scripts/setup.sh runtime

dev:
	@sh scripts/setup.sh dev

postgres: dev
	@sh scripts/setup.sh postgres

engine: ## Build the consensus engine into .tools / 构建共识引擎
	@sh scripts/engine.sh

try-engine:
	@sh scripts/engine.sh if-possible

demo: runtime $(if $(filter cometbft,$(ENGINE)),engine) ## One real trade, from invoice to money / 演示一笔真实贸易
	@$(PY) -m xinlian.cli demo --engine $(ENGINE) $(if $(filter 0,$(SERVE)),--no-serve,)

check: dev ## Lint, types, layers, docs, doctests / 静态检查
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy src tests bench docs_tools
	.venv/bin/lint-imports
	$(PY) -m mkdocs build --strict --quiet
	$(PY) -m pytest --doctest-modules src/xinlian

test: check postgres try-engine ## Everything that must hold, at reduced scale / 全部测试
	$(PY) -m pytest -n 2 tests

soak: dev postgres try-engine ## The same at full scale, for hours of machine time / 完整规模测试
	XINLIAN_TEST_PROFILE=soak $(PY) -m pytest -n 2 tests

bench: dev ## The figures of this machine / 性能测量
	$(PY) bench/run.py
	$(PY) -m bench.prune
	$(PY) -m bench.readmodel
	$(PY) -m bench.paging

lock: dev ## Renew the locked packages / 更新依赖锁定
	$(PY) -m pip install --quiet uv
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header pyproject.toml -o requirements/runtime.txt
	.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --all-extras pyproject.toml \
	  requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt

clean: ## Remove what was set up / 清理
	rm -rf .venv .tools site .mypy_cache .ruff_cache .import_linter_cache .hypothesis var
