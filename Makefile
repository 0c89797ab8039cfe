# Two commands: `make up` shows the shop, `make test` tries everything. They need Python 3.11 or newer, and make.

PORT ?= 8000
BIND ?= 127.0.0.1
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile
MESSAGES := --locale zh_Hans --no-wrap --no-location --ignore .venv --ignore static/vendor
TEMPLATES := git ls-files -z 'templates/*.html' | xargs -0
export PORT BIND

.PHONY: help up test promises bench chaos drill lint types rules format messages shell stop reset clean lock browser

help: ## Say what there is
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1@\2/' | awk -F@ '{ printf "%-18s%s\n", $$1, $$2 }'

up: $(VENV)/.installed locale/.compiled ## Start the shop with demo data on http://localhost:8000 (PORT=, BIND= to change)
	@$(BIN)/python -m config.up check
	@$(BIN)/python -m config.embedded start >/dev/null
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) ledger --catch-up
	@$(MANAGE) demo
	@exec $(BIN)/python -m config.up

test: $(VENV)/.installed-dev locale/.compiled browser ## Run all tests, browsers too (ARGS="tests/orders -k stock" for some)
	@$(BIN)/pytest -n auto $(ARGS)

# How large the promises are that `make test` tries smaller, and where these sizes are asked for.
FULL := BUYERS=200 LIVE_WATCHERS=500 LIVE_CUT_SECONDS=20 LEDGER_WALK_STEPS=10000 FUND_WALK_STEPS=5000 GUESSES=10000 \
	DELEGATION_STEPS=1000 CONTRACT_EXAMPLES=5 NASTY_ALL=1 IDEMPOTENCY_THREADS=50 DRILL_BUYERS=8 ROLL_UP_LINES=1000000
PROMISES := acceptance/test_guessing_codes acceptance/test_hot_lot acceptance/test_live_room acceptance/test_live_broadcast \
	acceptance/test_restore_drill acceptance/test_api_idempotency acceptance/test_ledger_walk acceptance/test_fund_walk \
	acceptance/test_delegation_matrix acceptance/test_api_contract acceptance/test_api_mass_assignment \
	config/test_nasty_input acceptance/test_roll_up_equals_recount

promises: $(VENV)/.installed-dev locale/.compiled browser ## Try at their full size the promises that `make test` tries smaller (takes hours)
	@echo "One after the other: it takes hours. A part: make promises ARGS='-k guesses'. A size: make promises FULL=BUYERS=1000"
	@env $(FULL) $(BIN)/pytest -n 0 -v -rA --show-capture=stdout --durations=0 --durations-min=1 $(PROMISES:%=tests/%.py) $(ARGS)

bench: $(VENV)/.installed-dev locale/.compiled ## Measure how fast the shop is, beside bare Django (ARGS="--quick" for three minutes)
	@$(BIN)/python -m bench $(ARGS)

chaos: $(VENV)/.installed-dev locale/.compiled ## Kill, freeze and empty everything under load, on services of its own (SEED=7 to repeat a run)
	@$(BIN)/python -m tests.chaos $(if $(SEED),--seed $(SEED)) $(ARGS)

drill: $(VENV)/.installed-dev locale/.compiled ## Save the shop while people buy, bring it back elsewhere, compare every figure
	@$(BIN)/pytest -n 0 tests/acceptance/test_restore_drill.py $(ARGS)

lint: $(VENV)/.installed-dev locale/.compiled ## Check style, types, import directions, templates, migrations, safety
	@$(MAKE) --no-print-directory --jobs 2 types rules

types: # takes as long as all the rest together
	$(BIN)/mypy .

rules:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(TEMPLATES) $(BIN)/djade --target-version 5.2 --check
	$(MANAGE) makemigrations --check --dry-run
	@$(BIN)/python -m config.embedded start >/dev/null
	$(BIN)/python -m tests.config.migration_locks
	@echo "manage.py check --deploy, as in production: no doubt about safety, no error anywhere"
	@set -e; export SECRET_KEY="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')" \
		CHUSHAN_ENV=production DATABASE_URL=postgres://nobody@localhost/none BROKER_URL=redis://localhost/0 \
		CACHE_URL=redis://localhost/1 SITE_URL=https://shop.example ALLOWED_HOSTS=shop.example; \
	$(MANAGE) check --deploy --tag security --fail-level WARNING; \
	$(MANAGE) check --deploy

format: $(VENV)/.installed-dev ## Put Python and templates into the one style
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	-$(TEMPLATES) $(BIN)/djade --target-version 5.2

messages: $(VENV)/.installed-dev ## Gather new words for translation into locale/, then compile them (needs GNU gettext)
	$(MANAGE) makemessages $(MESSAGES)
	$(MANAGE) makemessages --domain djangojs $(MESSAGES)
	@rm -f locale/.compiled && $(MAKE) --no-print-directory locale/.compiled

shell: $(VENV)/.installed ## Open a Python shell with the models loaded
	@$(MANAGE) shell

stop: ## Stop the embedded PostgreSQL and Valkey, which go on when `make up` ends
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m config.embedded stop; fi

reset: $(VENV)/.installed ## Delete this machine's orders, listings and photos, for good
	@printf 'Delete every order, listing and photo under .data/ for good? Type yes: '
	@read -r answer && [ "$$answer" = yes ]
	@$(BIN)/python -m config.embedded destroy
	@rm -rf .data

clean: stop ## Remove the environment and everything built; keep the shop's data
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache locale/.compiled
	@find . -path ./.data -prune -o \( -name __pycache__ -o -name '*.mo' \) -exec rm -rf {} +

lock: $(VENV)/.installed-dev ## Move to the newest versions of the libraries: rewrite requirements*.txt
	@$(PIP) uv
	@set -e; lock() { $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
		--no-emit-index-url --no-header --upgrade "$$@"; }; \
	lock -o requirements.txt; \
	lock -o requirements-channels.txt -c requirements.txt --extra sms --extra push; \
	lock -o requirements-embedded.txt -c requirements.txt --extra embedded; \
	lock -o requirements-dev.txt -c requirements-embedded.txt -c requirements-channels.txt --extra embedded --extra dev

# --- What the commands above stand on -------------------------------------------------------------------------------

$(BIN)/python:
	@for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14 python3 python; do \
		if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			if "$$python" -m venv $(VENV); then exit 0; fi; \
			rm -rf $(VENV); \
			echo "$$python can't make a virtual environment. On Debian and Ubuntu: apt-get install python3-venv" >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Chushan needs Python 3.11 or newer, and there is none here." >&2; \
	echo "Install it, or name it: make up PYTHON=/path/to/python3.11" >&2; \
	exit 1

$(VENV)/.installed: requirements-embedded.txt | $(BIN)/python
	@echo "Installing what the shop needs (a minute or two, once)"
	@$(PIP) -r requirements-embedded.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt | $(BIN)/python
	@echo "Installing what the tests need (a minute or two, once)"
	@$(PIP) -r requirements-dev.txt
	@touch $(VENV)/.installed $@

# Babel, because the program msgfmt is not everywhere.
locale/.compiled: $(wildcard locale/*/LC_MESSAGES/*.po) | $(BIN)/python
	@for file in $^; do $(BIN)/pybabel --quiet compile -i "$$file" -o "$${file%.po}.mo" || exit 1; done
	@mkdir -p locale && touch $@

browser: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.browser_setup
