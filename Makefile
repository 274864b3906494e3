# Everything that is done with a checkout. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
NAME ?= dev
REPEATS ?= 1
PROJECT ?= long
TESTS ?=
# Takes the versions of the lock file and does not write it. Not `npm ci`: that refuses a lock file that leaves out the
# binaries of other platforms, which not every registry has.
NPM_INSTALL := npm install --no-save --no-audit --no-fund --loglevel=error

.PHONY: help install build lint format unit test test-long faults guards soak bench demo up down status fetch docker-up clean

help: ## list these targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Installed again when the lock file changed.
node_modules/.installed: package-lock.json
	@$(NPM_INSTALL)
	@touch $@

install: node_modules/.installed ## install the npm packages

build: install ## generate the schemas' code and compile to dist/
	@npm run --silent build

demo: build ## install what is missing, run the real stack, play the main job, check the exports as a phone
	@node dist/test/demo/main.js

test: build ## lint, then all tests on the real stack (installs what is missing)
	@npm run --silent lint
	@npm run --silent format:check
	@npx vitest run --project unit --project stack

unit: build ## only the tests that need no stack
	@npx vitest run --project unit

test-long: build ## the long forms of the tests; REPEATS=n in a row, TESTS="paths", PROJECT=stack for the short ones
	@for run in $$(seq $(REPEATS)); do echo "run $$run of $(REPEATS)"; \
	  TEKSTREAM_KEEP=1 npx vitest run --project $(PROJECT) $(TESTS) || { failed=1; break; }; done; \
	  [ "$$TEKSTREAM_KEEP" = 1 ] || node dist/compose/main.js down --name test --purge; \
	  exit $${failed:-0}

faults: build ## seeded faults under load, then compare everything: SCHEDULES=n SEED=s FROM=k BROKERS=3
	@node dist/test/faults/main.js

guards: build ## take the guards out one by one, and see the fault suite notice: GUARD="words of its name"
	@node dist/test/guards/main.js

soak: build ## a steady load, and a picture of what it needs: MINUTES=30 RATE=300 PERIOD=10
	@node dist/test/soak/main.js

bench: build ## benchmarks, printed as ratios within one run: PARTS=publish,export,replay SECONDS=n GATEWAYS=n BEFORE=commit
	@node dist/test/bench/main.js

up: build ## start the stack NAME (default dev) and our processes
	@node dist/compose/main.js up --name $(NAME)

down: build ## stop exactly what up started
	@node dist/compose/main.js down --name $(NAME)

status: build ## what runs in the stack NAME
	@node dist/compose/main.js status --name $(NAME)

fetch: build ## fill the cache of everything that is fetched
	@node dist/compose/main.js fetch

docker-up: ## the same with Docker
	@mkdir -p -m 700 compose/secrets
	@# Readable for the user of the image; on this machine the folder keeps others out.
	@test -s compose/secrets/master-key || openssl rand -base64 32 > compose/secrets/master-key
	docker compose -f compose/docker-compose.yml up --build

lint: build ## lint and check the format
	@npm run --silent lint
	@npm run --silent format:check

format: install ## format everything
	@npm run --silent format

clean: ## remove what was built
	rm -rf dist schemas/generated
