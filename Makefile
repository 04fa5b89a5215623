# Heartwood. `make demo` runs it, `make test` tests it; needs Go and Node only.
# What else the tests need (Chromium, PostgreSQL) test/need.sh installs where
# it can, and names where it cannot.

GO      ?= go
VERSION ?= $(shell git describe --always --dirty 2>/dev/null || echo dev)

.PHONY: demo build test test-go test-browser check soak bench generate prompts clean need-go need-node help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

demo: build ## run three practices of an invented network on 127.0.0.1:8080
	bin/heartwood demo $(ARGS)

build: need-go web/dist/manifest.json ## build bin/heartwood with the web assets in it
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/heartwood ./cmd/heartwood

web/dist/manifest.json: node_modules/.installed $(wildcard web/src/*) web/build/main.go
	$(GO) run ./web/build

node_modules/.installed: package.json package-lock.json
	@$(MAKE) -s need-node
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# The packages of which tests run without the race detector: CONTRIBUTING.md.
PLAIN = $(shell grep -rl --include=*_test.go '^//go:build !race' cmd internal test | xargs -n1 dirname | sort -u | sed 's|^|./|')
# The compressor only computes; watching each of its steps costs a third of the run.
RACE  = -race -gcflags='github.com/klauspost/compress/...=-race=false'

test: build ## Go tests with the race detector, browser tests, script tests, side by side
	@sh test/need.sh
	@$(MAKE) -j2 test-go test-browser

test-go: need-go # vet is left to `make check`
	$(GO) run ./test/run $(RACE) -vet=off -timeout 20m ./...
	$(GO) run ./test/run -vet=off -timeout 20m $(PLAIN)

test-browser:
	node test/browser/run.mjs

check: need-go node_modules/.installed ## format, vet, lint, types, import directions, generated files, vulnerabilities
	sh test/check.sh

soak: need-go ## events with kills and cuts, then a count: make soak EVENTS=1000000
	$(GO) test ./test/soak -v -count=1 -timeout 0 -events $(or $(EVENTS),100000)

bench: build ## durable creates, reads, searches and imports a second, and memory
	bin/heartwood bench $(ARGS)

generate: node_modules/.installed ## make the generated tables again
	$(GO) generate ./...

prompts: ## render what the telephone says again (needs espeak-ng and sox)
	$(GO) test ./internal/call/prompts -run TestWordsAreThoseOfPlans -update
	sh internal/call/prompts/render.sh

clean: ## remove what was built
	rm -rf bin node_modules web/dist/*.js web/dist/*.css web/dist/*.svg web/dist/manifest.json

need-go:
	@command -v $(GO) >/dev/null || { echo "Go 1.26 or newer is needed: https://go.dev/dl/"; exit 1; }

need-node:
	@command -v npm >/dev/null || { echo "Node 20 or newer with npm is needed: https://nodejs.org/"; exit 1; }
