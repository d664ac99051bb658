# The commands of this repository. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test bench bench-program bench-serve fuzz demo lint check-cross manual icons clean \
  package-deb package-rpm package-tar package-appimage package-macos package-windows

# What `make run` shares where no tray can be shown.
FOLDER ?= sample
# Seconds a fuzz target of `make fuzz`.
T ?= 60

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-17s %s\n", $$1, $$2 }' Makefile

run: ## build Spot Serve, fetch its cloudflared, start it (FOLDER=... where there is no tray)
	@scripts/run.sh "$(FOLDER)"

test: ## install what tests need, run all of them
	@scripts/test.sh

bench: bench-program bench-serve ## measure all of it

bench-program: ## measure start, memory, wake-ups, click to link
	@benches/run.sh

bench-serve: ## measure the file server beside nginx, caddy, miniserve and dufs
	@benches/serve/run.sh

fuzz: ## fuzz what strangers send
	@fuzz/run.sh $(T)

demo: ## offline demonstration; leaves pictures in target/screenshots
	@scripts/demo.sh

lint: ## formatting and clippy, warnings are errors
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings

check-cross: ## type-check for Windows, macOS and Linux on ARM
	@installer/cross-check.sh

manual: ## the manual pages and completions, in target/manual
	@$$(scripts/build-debug.sh)/examples/manual target/manual

# ARGS=--without-sidecar: one that fetches its cloudflared when it is first needed.
package-deb: ## the package for Debian and Ubuntu, in target/packages (ARGS=--without-sidecar)
	@installer/linux/deb.sh $(ARGS)

package-rpm: ## the package for Fedora and openSUSE
	@installer/linux/rpm.sh $(ARGS)

package-tar: ## the portable archive for Linux
	@installer/linux/tar.sh $(ARGS)

package-appimage: ## the AppImage
	@installer/linux/appimage.sh $(ARGS)

package-macos: ## the disk image for macOS, on a Mac
	@installer/macos/dmg.sh $(ARGS)

package-windows: ## the installer for Windows, made on Linux
	@installer/package-windows.sh $(ARGS)

icons: ## draw and render the icons again
	@icons/render.sh

clean: ## remove all that was built
	cargo clean
