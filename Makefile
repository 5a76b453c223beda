.DEFAULT_GOAL := help
SHELL := bash

version := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
assets := internal/web/assets
manifest := $(assets)/dist/manifest.json

.PHONY: help build run demo test fmt generate bench pictures

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(manifest) ## bin/beckon, with its pages bundled
	@go build -ldflags '-X main.version=$(version)' -o bin/beckon ./cmd/beckon

run: build ## serve on the data in beckon-data/
	@exec bin/beckon serve

demo: build ## a realistic institution on a throw-away folder; prints sign-in links
	@exec bin/beckon demo

test: ## everything that is checked before a change lands
	@scripts/check

fmt: ## format Go and templ
	@gofmt -w cmd internal e2e
	@go tool templ fmt internal

generate: ## make the Go files of templ files again
	@go tool templ generate -path internal

pictures: build ## take the pictures of the help pages anew, after pages have changed; look at them
	@go test -count=1 -run 'TestDemo/pages/pictures' ./e2e -take-pictures

bench: ## measure import, list and sending; takes some minutes
	@go test -run '^$$' -bench . -benchtime 1x ./bench ./internal/contact/... ./internal/invite/ ./internal/mail/

# npm runs only when the lock file is newer than what is installed; without npm, pages are
# plainer and complete.
node_modules/.package-lock.json: package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefer-offline --no-audit --no-fund --loglevel=error && touch $@; \
	else echo 'npm is not installed: pages will be plainer (Debian: apt-get install nodejs npm)' >&2; fi

$(manifest): $(wildcard $(assets)/src/*) $(assets)/build.mjs node_modules/.package-lock.json
	@if [ -d node_modules/esbuild ]; then node $(assets)/build.mjs; fi
