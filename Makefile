# Two commands matter: `make run` starts the service, `make test` checks
# everything. The steps of the latter are targets of their own.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := run

GO ?= go
# The generated executor without inlining compiles in half the time. The flag is
# in the environment so that build, vet, test and lint share one build cache.
export GOFLAGS += -gcflags=zoomgraph/graph/exec=-l
# The program is built without cgo, as it is deployed, so that all steps but the
# race detector share what is compiled.
export CGO_ENABLED := 0

GOFUMPT_VERSION   := v0.12.0
LINT_VERSION      := v2.15.0
KUSTOMIZE_VERSION := v5.8.1
GOFUMPT         := $(CURDIR)/.tools/gofumpt-$(GOFUMPT_VERSION)/gofumpt
LINT            := $(CURDIR)/.tools/golangci-lint-$(LINT_VERSION)/golangci-lint
KUSTOMIZE       := $(CURDIR)/.tools/kustomize-$(KUSTOMIZE_VERSION)/kustomize
# Where the reference for people is written to.
DOCS            ?= docs/reference
# npm writes its own record of what it installed last.
RIVET           := test/rivet/node_modules/.package-lock.json
LIVE            := test/live/node_modules/.package-lock.json
AUDIT           := test/audit/node_modules/.package-lock.json
WEB             := web/node_modules/.package-lock.json
# Vite writes its manifest with the pages.
PAGES           := web/dist/manifest.json.gz
PAGES_OF        := $(shell find web -name node_modules -prune -o -name dist -prune -o -name gql -prune -o -name e2e -prune -o -type f -print) schema.graphqls $(wildcard graph/schema/*.graphqls)

.PHONY: run
run: console ## start the service; options in ARGS="--addr 127.0.0.1:9000"
	$(GO) build -o bin/zoomgraph .
	exec bin/zoomgraph $(ARGS)

# What the checks need is fetched and built first, side by side: much of that is
# waiting for the network. The checks themselves run one after another, since
# many of them time things.
.PHONY: test
test: ## check everything
	@$(MAKE) --no-print-directory --output-sync=target -j4 tools
	$(MAKE) --no-print-directory checks

.PHONY: tools
tools: linter console redis browsers systemd built rivet live audit kustomize formatter
browsers: | redis # apt takes one at a time
systemd: | browsers

# Nothing runs beside the tests in a browser: they keep two cores busy, and a page that gets too little is too slow.
.PHONY: checks
checks: format generated alone race measured
	@$(MAKE) --no-print-directory --output-sync=target -j2 lint pages
	@$(MAKE) --no-print-directory browser

.PHONY: generate
generate: ## write all generated code anew
	$(GO) generate ./...

# Compares before and after instead of asking git, so that it also judges a tree
# with changes that are not committed yet.
.PHONY: generated
generated: ## is the generated code what the generators write?
	@digest() { find . -path ./.tools -prune -o \( -name '*.gen.go' -o -name '*.generated.go' \) -type f -print0 | sort -z | xargs -0 -r sha256sum; }
	before=$$(digest)
	$(MAKE) --no-print-directory generate
	if ! changed=$$(diff <(echo "$$before") <(digest)); then
		echo "Generated code was not current; it has been written anew:" >&2
		echo "$$changed" | awk '/^[<>]/ {print "  " $$NF}' | sort -u >&2
		exit 1
	fi

.PHONY: format
format: ## is everything formatted?
	@$(call with,$(GOFUMPT),formatting)
	unformatted=$$($(GOFUMPT) -l .)
	if [ -n "$$unformatted" ]; then
		echo "Not formatted (gofumpt -w mends it):" $$unformatted >&2
		exit 1
	fi

.PHONY: formatter
formatter:
	@$(call with,$(GOFUMPT),formatting)

.PHONY: vet
vet: ## what lint says too, sooner
	$(GO) vet ./...

.PHONY: built
built: ## the program, without its pages where they are not built yet
	@$(GO) build ./...

.PHONY: linter
linter:
	@$(call with,$(LINT),linting)

# It looks at the program as it is compiled for the race detector, so that nothing is compiled for it alone.
.PHONY: lint
lint:
	@$(call with,$(LINT),linting)
	GOFLAGS="$(GOFLAGS) -race" CGO_ENABLED=1 $(LINT) run

.PHONY: rivet
rivet: ## Zoom's own SDK, which a test lets talk to the sandbox
	@$(call with,$(RIVET),the test with Zoom's SDK)

# The tests find the server on PATH, and say themselves that they are skipped.
.PHONY: live
live: ## clients that front-end developers use, which tests let talk to the service
	@$(call with,$(LIVE),the tests with clients of subscriptions)

.PHONY: audit
audit: ## the audit of GraphQL over HTTP
	@$(call with,$(AUDIT),the GraphQL over HTTP audit)

.PHONY: redis
redis: ## a Redis or Valkey for the tests of many replicas
	@$(call with,redis-server,the tests with Redis)

.PHONY: redis-server
redis-server:
	$(call apt,redis-server valkey-server,redis-server)

.PHONY: docs
docs: ## the reference for people, as pages in DOCS=docs/reference
	$(GO) run . schema --docs $(DOCS)

.PHONY: console
console: ## the pages, which the service embeds
	@$(call with,$(PAGES),the console)

$(PAGES): $(WEB) $(PAGES_OF)
	cd web && npm run --silent build

.PHONY: pages
pages: ## the console's code: format, lint, types, unit tests
	@$(call with,$(WEB),the checks of the console)
	cd web && npm run --silent check

.PHONY: browser
browser: console ## the console in a real browser
	@$(call with,chromium,the tests in a browser)
	$(GO) build -o bin/zoomgraph .
	cd web && npm run --silent browser

.PHONY: browsers
browsers:
	@$(call with,chromium,the tests in a browser)

.PHONY: chromium
chromium:
	$(call apt,chromium,chromium)

.PHONY: systemd
systemd: ## systemd-analyze, which judges the unit file of deploy/
	@$(call with,systemd-analyze,what systemd says of the unit file)

.PHONY: systemd-analyze
systemd-analyze:
	$(call apt,systemd-analyze,systemd)

.PHONY: kustomize
kustomize: ## kustomize, which builds the manifests of deploy/
	@$(call with,$(KUSTOMIZE),what kustomize makes of the manifests)

.PHONY: unit
unit: ## all tests, and the seeds of the fuzz targets
	$(GO) test ./...

# What starts no goroutine that shares anything has no races to look for, and the
# race detector makes it five times as slow; so do programs that are run from
# outside. The tests of graph that are named TestWholeSchema… ask for all that the schema
# has, one thing after another: they run here too, and not there.
ALONE := docs graph/cursor graph/plan graph/price graph/program graph/project graph/window internal/command internal/config internal/footprint internal/gctarget internal/origin internal/peer internal/rawjson internal/redact internal/redisurl internal/reference internal/reqid internal/scopes internal/sensitive internal/unseen internal/zoomgen test/audit test/deploy test/rivet

# Tests make much that lives for a moment, and machines that run all of them have memory: less is collected.
TESTED := GOGC=400

DAYS ?= 90
.PHONY: later
later: ## the Go tests as in so many DAYS: which of them does a date make red?
	$(TESTED) test/later.sh $(DAYS)

.PHONY: alone
alone: ## the tests of what has nothing to do at the same time
	$(TESTED) $(GO) test -vet=off $(ALONE:%=./%)
	$(TESTED) $(GO) test -vet=off -run '^TestWholeSchema' ./graph

# vet is off, because lint runs all of it. Tests also wait, so there is one package more at a time than usual CI machines have
# cores.
# What test/history sees hangs on when things happen, so nothing runs beside it. On a slow machine the largest package takes
# longer than the ten minutes that Go allows by default.
.PHONY: race
race: ## all other tests, under the race detector
	$(TESTED) CGO_ENABLED=1 $(GO) test -race -p 3 -timeout 30m -vet=off -skip '^TestWholeSchema' $$($(GO) list ./... | grep -vxF "$$(printf 'zoomgraph/%s\n' $(ALONE) test/history)")
	CGO_ENABLED=1 $(GO) test -race -vet=off -run Concurrent ./graph/project
	CGO_ENABLED=1 $(GO) test -race -vet=off ./test/history

# The race detector takes several times the memory, so tests named TestMemory… are
# run without it, one package after another: they measure the service under load.
# Their packages have a norace.go or a norace_test.go.
.PHONY: measured
measured: ## the tests that the race detector would falsify
	$(GO) test -count=1 -p 1 -vet=off -run '^TestMemory' $(sort $(dir $(shell find . -name node_modules -prune -o -name 'norace*.go' -print)))

.PHONY: bench
bench: bench-peers ## all benchmarks, and the service beside its peers
	$(GO) test -run '^$$' -bench . -benchmem ./...

# PEERS are those of ../shared/bench, such as "go-proxy tailcall". What a workload is compared with is REF.
PEERS ?= go-proxy gqlgen-dataloader
.PHONY: bench-peers
bench-peers: ## the service beside its peers, where ../shared/bench is present; WORKLOADS="w1 w4"
	$(GO) build -o bin/zoomgraph .
	test/bench/peers.sh bin/zoomgraph $(PEERS)

.PHONY: bench-against
bench-against: ## the benchmarks of this state and of REF=commit, compared
	test/bench/against.sh $(REF)

.PHONY: bench-console
bench-console: console chromium ## what the dashboard takes in a browser, as figures
	$(GO) build -o bin/zoomgraph .
	cd web && BENCH=1 npm run --silent browser

# with fetches the tool $(1) if it is missing. Where that fails, a machine of
# the CI fails; anyone else is told that the step $(2) is left out.
define with
if ! MAKEFLAGS= $(MAKE) --silent $(1); then
	if [ "$${CI:-}" = true ]; then exit 1; fi
	echo "SKIPPED $(2): $(1:$(CURDIR)/%=%) is not there, and could not be fetched or built; the reason stands above." >&2
	exit 0
fi
endef

# apt installs Debian's package $(2) unless one of the programs $(1) is there.
define apt
if type -P $(1) >/dev/null; then exit 0; fi
as_root=$$([ "$$(id -u)" = 0 ] || echo sudo -n)
$$as_root apt-get -q update >&2
$$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $(2) >&2
endef

$(GOFUMPT):
	GOBIN=$(@D) $(GO) install mvdan.cc/gofumpt@$(GOFUMPT_VERSION)

$(LINT):
	GOBIN=$(@D) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

$(KUSTOMIZE):
	GOBIN=$(@D) $(GO) install sigs.k8s.io/kustomize/kustomize/v5@$(KUSTOMIZE_VERSION)

$(RIVET): test/rivet/package-lock.json
	cd test/rivet && npm ci

$(LIVE): test/live/package-lock.json
	cd test/live && npm ci

$(AUDIT): test/audit/package-lock.json
	cd test/audit && npm ci

$(WEB): web/package-lock.json
	cd web && npm ci
