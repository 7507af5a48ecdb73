# Every command makes the environment it needs in .venv from the pinned requirements.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= demo

.DEFAULT_GOAL := check
.PHONY: help survey months publish notebooks test check docs picture bench bench-crawl bench-judge bench-hostile bench-html bench-scale pins clean

.venv/base: requirements/base.txt requirements/build.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/dev: .venv/base requirements/test.txt requirements/lint.txt requirements/notebooks.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt -r requirements/lint.txt -r requirements/notebooks.txt
	touch $@

##@ See it
survey: .venv/base  ## survey the bundled demo web from panel to report
	$(BIN)/optout demo survey --out $(OUT)

months: survey  ## survey it again, as it is a month later
	$(BIN)/optout demo survey --month 2 --out $(OUT)

notebooks: .venv/dev months  ## run the notebooks on the demo survey, into pages
	$(BIN)/python -m analysis.notebooks.run --db $(OUT)/survey.db --out $(OUT)/notebooks

.venv/export: .venv/base requirements/export.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/export.txt
	touch $@

publish: .venv/export months  ## publish both demo waves as a bundle and verify that
	$(BIN)/optout publish --db $(OUT)/survey.db --wave demo --wave demo-2 --out $(OUT)/bundle
	$(BIN)/optout verify $(OUT)/bundle

##@ Work on it
help:  ## this list
	@awk 'BEGIN {FS = ":.*  ## "} /^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*  ## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

test: .venv/dev  ## everything: lint, types, contracts, docs in step, tests with coverage
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python -m pytest --numprocesses 2 --cov --cov-report= --cov-fail-under=90
	$(BIN)/coverage report --skip-covered --fail-under=100 --include="crawler/model.py,crawler/addresses.py,crawler/answers.py,crawler/hosts.py,crawler/registry/*,crawler/parsers/*,crawler/panel/*,crawler/signals/*,crawler/judge/*,crawler/creator/*,crawler/visit/*,analysis/statistics.py,analysis/safe_text.py,analysis/numbers/practicality.py"

check: test  ## the same

docs: .venv/dev  ## write the generated parts of the READMEs and the signal reference
	$(BIN)/python -m crawler.dictionary.signal_reference
	$(BIN)/optout dictionary --datasette > datasette.yml
	$(BIN)/python -m tests.documents

picture: .venv/dev survey  ## take the picture of the report for README (needs chromium)
	$(BIN)/python -m tests.documents --picture $(OUT)/report

##@ Measure it
bench: bench-judge bench-hostile bench-html  ## benchmarks, by hand: ratios to named rivals in one run
	$(BIN)/python -m tests.benchmarks.summary_bench --sites 20000
	$(BIN)/python -m tests.benchmarks.scale --sites 5000
	$(BIN)/python -m tests.benchmarks.coverage

bench-judge: .venv/dev  ## robots.txt bodies against Protego, urllib and Google's parser
	$(BIN)/python -m tests.benchmarks.judge

bench-crawl: .venv/dev  ## a whole survey against Scrapy, httpx and aiohttp on 2,000 local hosts (a quarter of an hour)
	$(BIN)/python -m tests.benchmarks.crawl

bench-hostile: .venv/dev  ## how the readers' time grows with hostile input
	$(BIN)/python -m tests.benchmarks.hostile

bench-html: .venv/dev  ## pages to signals against lxml and selectolax, and what either misses
	$(BIN)/python -m tests.benchmarks.html

bench-scale: .venv/dev  ## numbers, indicators, changes and report of two waves of a million sites
	$(BIN)/python -m tests.benchmarks.scale --sites 1000000

##@ Keep it
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-header --no-annotate --no-emit-index-url
pins:  ## resolve the requirement files anew (needs uv)
	$(COMPILE) pyproject.toml --output-file requirements/base.txt
	for group in build export history media redis serve test lint notebooks; do \
	  $(COMPILE) --constraint requirements/base.txt --group $$group --output-file requirements/$$group.txt; \
	done

clean:  ## remove the environment and the demo survey
	rm -rf .venv demo
