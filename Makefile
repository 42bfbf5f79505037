# The two commands: "make run" shows the hub at work, "make test" proves it.
# Everything else is for daily work; "make help" lists it.

GO      ?= go
BIN     := bin/hub
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
# What the tests use beside Go. On Debian, root has them installed; elsewhere the
# names say what to look for.
TEST_PACKAGES := libhttp-oai-perl libxml2-utils poppler-utils wordpress mariadb-server-core php-cli php-mysql raptor2-utils prometheus clickhouse-server zookeeper default-jre-headless

.PHONY: help run build release test test-deps lint race bench eval fuzz golden clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

run: build ## Build the hub and take the two-minute tour on http://127.0.0.1:8080
	./$(BIN) demo

build: ## Build the one binary, without cgo
	CGO_ENABLED=0 $(GO) build -ldflags "-X main.release=$(VERSION)" -o $(BIN) ./cmd/hub

release: ## Build the binary as it is shipped: small, without paths of the machine
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags "-s -w -X main.release=$(VERSION)" -o $(BIN) ./cmd/hub

test: test-deps lint ## Run every test of the project
	$(GO) test -shuffle=on -timeout 8m ./...

test-deps: ## Install what the tests need (Debian, as root) or say what is missing
	@sh .ci/test-deps.sh $(TEST_PACKAGES)

lint: ## Formatting and vet
	@files=$$(gofmt -l $$(git ls-files '*.go')); if [ -n "$$files" ]; then echo "not gofmt-ed: $$files"; exit 1; fi
	$(GO) vet ./...

race: ## The tests of the concurrent parts under the race detector (needs a C compiler)
	CGO_ENABLED=1 $(GO) test -race -shuffle=on -timeout 20m ./catalog/... ./harvester/... ./internal/fetch/... ./internal/ingest/... ./exporter/... ./portal/...

bench: ## The benchmarks of docs/benchmarks.md
	$(GO) test -run '^$$' -bench . -benchmem -timeout 60m ./internal/bench/... ./analytics/...

eval: ## Precision and recall on judged resources; JUDGED=file.csv measures one more file
	@mkdir -p bin; $(GO) test ./normalizer -run '^TestJudgedResources$$' -count=1 -v $(if $(JUDGED),-judged $(abspath $(JUDGED))) > bin/eval.txt 2>&1; ok=$$?; grep -A6 ' resources of ' bin/eval.txt | grep -v '^--'; \
	echo "every row judged otherwise is listed in bin/eval.txt"; exit $$ok

fuzz: ## Run each fuzz target for a minute
	@sh .ci/fuzz.sh

golden: ## Refresh the golden files; review the diff
	for p in $$(grep -lr --include='*_test.go' 'flag.Bool("update"' . | xargs -n1 dirname | sort -u); do $(GO) test $$p -update || exit 1; done

clean: ## Remove what was built and the demo's data
	rm -rf bin data
