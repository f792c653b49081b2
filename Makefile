# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A thin front for Meson. make demo and make check install what is missing (they say what).

.PHONY: all demo check check-all bench bench-quality pages format clean install

all: build/build.ninja
	@ninja -C build

build/build.ninja:
	@sh scripts/need.sh build
	@meson setup build -Dtests=false >build.log 2>&1 || { cat build.log; rm -f build.log; exit 1; }
	@rm -f build.log

# One free song from a Debian package, or your own: make demo MIX=path
demo: all
	@sh scripts/demo.sh "$(MIX)"

check:
	@sh scripts/need.sh check
	@bash scripts/check.sh

check-all:
	@sh scripts/need.sh check
	@bash scripts/check.sh --all

# Every stage's speed in x real time, kept in bench-history.txt
bench: all
	@sh scripts/bench.sh

# Against the public tools at equal loudness. PEERS=folder with the drivers, CORPUS=folder with songs
bench-quality: all
	@sh scripts/need.sh quality
	@bash scripts/bench_quality.sh "$(PEERS)" "$(CORPUS)"

# docs/commands.md, docs/processors and docs/presets.md from what the program says and does
pages: all
	@sh scripts/need.sh quality
	@ninja -C build bench/chain_run
	@python3 bench/processor_pictures.py build
	@python3 scripts/processor_pages.py build/cli/lacquer
	@python3 scripts/command_reference.py build/cli/lacquer >docs/commands.md

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-14 -i

install: all
	@meson install -C build

clean:
	@rm -rf build build-*
