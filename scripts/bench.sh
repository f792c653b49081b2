#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# bench.sh [SONG.wav]: every stage in times real time and bytes, with its bar; then the whole master of the song (a
# four-minute one is made when none is named) at -14 and -9 LUFS: best of five, in wall and CPU seconds, memory, and
# what every step of it took; between them every processor in ns per frame, and its share of whole chains. All lines
# are added to bench-history.txt, so that a regression is seen.
set -eu
cd "$(dirname "$0")/.."
mkdir -p build/bench
ninja -C build bench/stages bench/processor_speed test/make_programme cli/lacquer >/dev/null
song=${1:-build/bench/song.wav}
[ -s "$song" ] || build/test/make_programme "$song" 240
build/bench/stages "$song" | tee build/bench/stages.txt
{ build/bench/processor_speed || true; } | tee -a build/bench/stages.txt # a missed bar is in its row
/usr/bin/env python3 scripts/bench_master.py "$song" build/cli/lacquer build/bench/master.wav |
  tee -a build/bench/stages.txt
rm -f build/bench/master.wav
commit=$(git rev-parse --short HEAD 2>/dev/null || echo none)
sed "s/^/$(date -u +%Y-%m-%dT%H:%M) $commit  /" build/bench/stages.txt >>bench-history.txt
echo "Added to bench-history.txt"
