# motcua: make run, make test; the rest is listed by make help.

LISTEN ?= 127.0.0.1:8480
DATA   ?= build/demo
TAGS   := netgo osusergo sqlite_omit_load_extension
GO     ?= go
GOBUILD = CGO_ENABLED=1 $(GO) build -trimpath -tags '$(TAGS)'
STATICCHECK := build/tools/staticcheck
DEB     := build/tools/deb
VERSION  = $(shell sed -n 's/^const version = "\(.*\)"/\1/p' cmd/motcuad/daemon.go)
# The architectures of make deb: amd64 arm64 armhf; empty is this machine's.
ARCHES ?=

.PHONY: run test test-hardware test-rules build check bench gallery deb check-deb tools help needs cross browser clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: build ## build everything and start the demonstration office
	bin/motcuad --demo --listen $(LISTEN) --data $(DATA)

build: needs ## build the commands into bin/
	$(GOBUILD) -o bin/ ./cmd/...

test: needs browser ## run all tests, with what they need installed first
	$(GO) vet -tags '$(TAGS)' ./...
	$(GO) test -tags '$(TAGS)' -race -timeout 14m ./...

test-hardware: needs ## run the product on a kernel with gpio chips and USB printers, and its other packages under qemu
	$(GO) run ./internal/hardwaretest -tags '$(TAGS)'

bench: build ## print the product's figures, each beside its baseline
	@status=0; bin/motcua printer bench || status=1; \
	$(GO) run -tags '$(TAGS)' ./internal/bench || status=1; exit $$status

test-rules: needs ## prove the queue's rules at length: oracles, bound, second model
	$(GO) run -tags '$(TAGS)' ./internal/rules -tags '$(TAGS)'

check: needs tools browser ## everything a change must pass
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { echo "gofmt would change:"; gofmt -l $$(git ls-files '*.go'); exit 1; }
	$(GO) vet -tags '$(TAGS)' ./...
	$(STATICCHECK) -tags '$(TAGS)' ./...
	$(GO) mod tidy -diff
	$(GO) mod verify
	$(MAKE) test
	$(GO) test -tags '$(TAGS)' -run xxx -bench . -benchtime 1x ./... >/dev/null
	cd tools && $(GO) test ./...
	@test -z "$$(git status --porcelain)" || { echo "not committed:"; git status --short; exit 1; }

gallery: needs browser ## write the README's pictures into docs/
	$(GO) test -tags '$(TAGS)' -count=1 -run '^TestGallery$$' ./cmd/motcuad -args -gallery '$(CURDIR)/docs'

deb: needs $(DEB) ## build the Debian packages into build/deb; ARCHES="amd64 arm64 armhf" for all
	GO='$(GO)' VERSION='$(VERSION)' packaging/build.sh $(ARCHES)

check-deb: ARCHES = amd64 arm64 armhf
check-deb: cross deb ## hold the packages to lintian, systemd and a life in a throw-away root
	packaging/check.sh

tools: $(STATICCHECK) $(DEB)

$(DEB): tools/go.mod tools/go.sum tools/deb/main.go
	cd tools && $(GO) build -o ../$(DEB) ./deb

$(STATICCHECK): tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../$(STATICCHECK) honnef.co/go/tools/cmd/staticcheck

# What the build needs beside Go: a C compiler, for SQLite.
needs:
	@command -v cc >/dev/null || tools/install.sh gcc libc6-dev

# What building for the other processors needs, and playing them.
cross: needs
	@command -v aarch64-linux-gnu-gcc >/dev/null || tools/install.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross
	@command -v arm-linux-gnueabihf-gcc >/dev/null || tools/install.sh gcc-arm-linux-gnueabihf libc6-dev-armhf-cross
	@command -v qemu-aarch64-static >/dev/null || tools/install.sh qemu-user-static

# What the tests need: a browser, and curl for the watcher of wall displays. On a
# machine where they can't be installed the tests that need them say so and are
# skipped; with CI=true that is a failure.
browser:
	@test -x /usr/bin/chromium || tools/install.sh chromium
	@command -v curl >/dev/null || tools/install.sh curl

clean: ## remove what was built, the demonstration's data too
	rm -rf bin build
