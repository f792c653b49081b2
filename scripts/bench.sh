#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# bench.sh [SONG.wav]: every stage in times real time, then the whole master of a 4-minute song in wall seconds and
# memory. A line per stage is added to bench-history.tsv, so that a regression is seen.
set -eu
cd "$(dirname "$0")/.."
song=${1:-build/bench/song.wav}
mkdir -p build/bench
ninja -C build bench/stages test/make_programme >/dev/null
[ -s "$song" ] || build/test/make_programme "$song" 240
build/bench/stages "$song" | tee build/bench/stages.txt
for loudness in -14 -9; do
  best=
  for run in 1 2 3; do
    line=$(/usr/bin/env python3 - "$song" $loudness <<'P'
import resource, subprocess, sys, time
song, loudness = sys.argv[1:]
start = time.time()
done = subprocess.run(["build/cli/lacquer", "master", song, "--loudness", loudness, "-f", "-q", "-o", "build/bench/master.wav", "--max-limiting", "20"])
wall = time.time() - start
use = resource.getrusage(resource.RUSAGE_CHILDREN)
print("%.2f %.2f %.0f %d" % (wall, use.ru_utime + use.ru_stime, use.ru_maxrss / 1024, done.returncode))
P
    )
    best=$(printf '%s\n%s\n' "$best" "$line" | sed '/^$/d' | sort -n | head -n 1)
  done
  set -- $best
  printf 'master of the song to %s LUFS      %6s s wall %6s s CPU %6s MB (exit %s)\n' "$loudness" "$1" "$2" "$3" "$4" | tee -a build/bench/stages.txt
done
commit=$(git rev-parse --short HEAD 2>/dev/null || echo none)
sed "s/^/$(date -u +%Y-%m-%dT%H:%M) $commit  /" build/bench/stages.txt >>bench-history.txt
echo "Added to bench-history.txt"
