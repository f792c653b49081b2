#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# bench_quality.sh [PEERS] [CORPUS] [WORK]: the bars that need other people's tools or real songs. Prints every bar and
# whether it is met; what is not there is reported as not run, never passed. Exit status: 0 all met, 1 a bar missed,
# 2 something was not run.
#   PEERS   folder with a judge (quality.py) to quote noise-to-mask ratio and residual by instead of our own; optional
#   CORPUS  folder with songs, a folder per package
#   WORK    kept between runs (default BUILD/quality/work): what others did, the cuts. Its qs/N.wav are used as they are
# In the environment (or on make's line): WORK, BUILD=build, CUTS=40 songs besides the six cuts, TARGETS=-11,-9,-7
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build} peers=${1:-} corpus=${2:-}
work=${3:-${WORK:-$build/quality/work}} result=0
cuts=${CUTS:-40} targets=${TARGETS:--11,-9,-7}
python=/usr/bin/python3
mkdir -p "$work"

# A bar that was missed says more than one that was not run.
note() { if [ "$1" = 1 ]; then result=1; elif [ "$1" != 0 ] && [ "$result" = 0 ]; then result=2; fi; }
absent() { echo "NOT RUN: $1"; note 2; }

if ! "$python" -c 'import numpy, scipy, soundfile' 2>/dev/null; then
  echo "NOT RUN: python3-numpy, python3-scipy and python3-soundfile are needed (scripts/need.sh quality)"
  exit 2
fi
# The build may be older than the packages that were just installed for this job.
rules() { ninja -C "$build" -t targets all 2>/dev/null; }
if pkg-config --exists lilv-0 && ! rules | grep '^bench/lv2_host:' >/dev/null; then
  meson configure --clearcache "$build" && meson setup --reconfigure "$build" >/dev/null || exit 1
fi
ninja -C "$build" bench/targets_run bench/chain_run bench/measure >/dev/null || exit 1
if rules | grep '^bench/lv2_host:' >/dev/null; then
  ninja -C "$build" bench/lv2_host >/dev/null || exit 1
else
  absent "plugins: lilv is not installed"
fi

songs() {
  find "$corpus" -type f -regex '.*\.\(ogg\|opus\|mp3\|flac\|wav\)' -print0 | sort -z
}
if [ -n "$corpus" ] && [ "$(songs | tr -cd '\0' | wc -c)" -gt 0 ]; then
  if pkg-config --exists libebur128; then
    echo "== Meters against libebur128 and the judge"
    ninja -C "$build" bench/meters_vs_ebur128 >/dev/null || exit 1
    songs | awk -v RS='\0' -v ORS='\0' 'NR % 4 == 1' | xargs -0 "$build/bench/meters_vs_ebur128" || note 1
  else
    absent "meters: libebur128 is not installed"
  fi
  echo "== Loudness targets"
  "$python" bench/targets.py "$build" "$corpus" --songs 67 --jobs 2
  note $?
else
  absent "meters, loudness targets and unseen cuts need a folder with songs (CORPUS=folder)"
fi

echo "== Processors beside others, on made signals"
"$python" bench/processor_quality.py "$build" --out "$build/quality"
note $?

echo "== Limiters at equal loudness and equal true peak"
arguments=(--work "$work" --out "$build/quality" --cuts "$cuts" "--targets=$targets")
[ -n "$corpus" ] && arguments+=(--corpus "$corpus")
[ -n "$peers" ] && [ -r "$peers/quality.py" ] && arguments+=(--judge "$peers/quality.py")
"$python" bench/limiter_quality.py "$build" "${arguments[@]}"
note $?
exit $result
