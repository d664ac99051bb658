# The commands of this repository. Plain `make` lists them.
.DEFAULT_GOAL := help
.PHONY: help run test test-quick test-desktops bench bench-program bench-serve bench-page bench-compare fuzz soak demo lint check-cross manual icons clean \
  package-deb package-rpm package-tar package-appimage package-container package-macos package-windows

# What `make run` shares if there is no tray.
FOLDER ?= sample
# Seconds for `make soak`, and per target for `make fuzz`.
T ?= 60
# The commit for `make bench-compare`.
BASE ?= HEAD~1

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' Makefile

run: ## build and start Spot Serve (FOLDER=... to share without a tray)
	@exec scripts/run.sh "$(FOLDER)"

test: ## install what the tests need and run all of them (STRICT=1: no unexpected skips)
	@scripts/test.sh $(if $(STRICT),--strict)

test-quick: ## run the short tests, which need nothing but Rust
	@scripts/test-quick.sh

test-desktops: ## drive the program in real desktops with a real pointer (needs root on Debian 12)
	@status=0; for suite in tests/real-desktops/*-test.sh tests/real-desktops/more/*-test.sh; do echo "== $$suite"; $$suite || status=1; done; exit $$status

bench: bench-program bench-serve bench-page ## run all benchmarks

bench-program: ## measure start-up, memory, wake-ups and click to link
	@benches/run.sh

bench-serve: ## compare the file server with nginx, caddy, miniserve and dufs
	@benches/serve/run.sh

bench-page: ## compare what visitors wait for with copyparty, dufs and caddy
	@benches/page/run.sh

bench-compare: ## compare the file server with that of an earlier commit (BASE=...)
	@benches/serve/compare.sh "$(BASE)"

fuzz: ## fuzz everything that visitors send (T=60, seconds per target)
	@fuzz/run.sh $(T)

soak: ## run a share under mixed load and print what it uses each minute (T=3600 for an hour)
	@tests/soak/soak.sh $(T)

demo: ## demonstrate offline, with screenshots in target/screenshots
	@scripts/demo.sh

lint: ## check formatting and run clippy
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

check-cross: ## type-check for Windows, macOS and Linux on ARM
	@installer/cross-check.sh

manual: ## write man pages and completions to target/manual
	@$$(scripts/build-debug.sh)/examples/manual target/manual

# ARGS=--without-sidecar leaves cloudflared out; the program downloads it when it is first needed.
package-deb: ## build the .deb in target/packages (ARGS=--without-sidecar)
	@installer/linux/deb.sh $(ARGS)

package-rpm: ## build the .rpm
	@installer/linux/rpm.sh $(ARGS)

package-tar: ## build the portable archive for Linux
	@installer/linux/tar.sh $(ARGS)

package-appimage: ## build the AppImage
	@installer/linux/appimage.sh $(ARGS)

package-container: ## build the container image for servers
	@installer/container/image.sh $(ARGS)

package-macos: ## build the disk image for macOS (on a Mac)
	@installer/macos/dmg.sh $(ARGS)

package-windows: ## build the installer for Windows (on Linux)
	@installer/package-windows.sh $(ARGS)

icons: ## redraw the icons
	@icons/render.sh

clean: ## remove everything that was built
	cargo clean
