#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# bench_quality.sh PEERS CORPUS [WORK]: the bars that need other people's tools or real songs.
#   PEERS   folder with the peers' drivers and judges (limiters.py, quality.py, prep.sh, lv2run.c, ebur.c, tp8.c)
#   CORPUS  folder with songs (any depth); what is not there is reported as not run and ends with 2
#   WORK    scratch folder, kept between runs (default build/quality)
set -uo pipefail
cd "$(dirname "$0")/.."
peers=${1:-} corpus=${2:-} work=${3:-build/quality} result=0
python=/usr/bin/python3
mkdir -p "$work"
ninja -C build bench/meters_vs_ebur128 bench/targets_run bench/limiter_run >/dev/null || exit 1

prepare_peers() {
  local package
  [ -s "$work/qs/6.wav" ] && [ -x "$work/tp8" ] && return 0
  mkdir -p "$work/src"
  for package in wesnoth-1.16-music warzone2100-music fretsonfire-songs-muldjord fretsonfire-songs-sectoid; do
    [ -d "$work/src/.$package" ] && continue
    (cd "$work" && apt-get -qq download "$package" && dpkg-deb -x "$package"_*.deb src && rm "$package"_*.deb && mkdir "src/.$package") || return 1
  done
  gcc -O2 "$peers/lv2run.c" -o "$work/lv2run" $(pkg-config --cflags --libs lilv-0 sndfile) -lm &&
    gcc -O2 "$peers/ebur.c" -o "$work/ebur" -lebur128 -lsndfile -lm &&
    gcc -O3 -march=native -ffast-math "$peers/tp8.c" -o "$work/tp8" -lsndfile -lm &&
    bash "$peers/prep.sh" "$work/src" "$work"
}

if [ -n "$corpus" ] && [ -d "$corpus" ]; then
  echo "== Meters against libebur128 and the judge"
  find "$corpus" -type f \( -name '*.ogg' -o -name '*.opus' -o -name '*.mp3' -o -name '*.flac' -o -name '*.wav' \) -print0 | sort -z |
    awk -v RS='\0' -v ORS='\0' 'NR % 4 == 1' | xargs -0 build/bench/meters_vs_ebur128 || result=1
  echo "== Loudness targets"
  $python bench/targets.py build "$corpus" --songs 67 --jobs 2 || result=1
else
  echo "NOT RUN: meters and targets need a folder with songs (CORPUS=folder)"
  result=2
fi
if [ -n "$peers" ] && [ -r "$peers/limiters.py" ]; then
  echo "== Limiters at equal loudness"
  prepare_peers >"$work/prepare.log" 2>&1 || { tail -n 5 "$work/prepare.log"; exit 1; }
  $python bench/limiter_quality.py build/bench/limiter_run "$peers" "$work" --targets=-11,-9,-7 \
    --peers="x42 dpl TP rel 10ms;x42 dpl TP rel 50ms;LSP HermThin x8" || result=1
else
  echo "NOT RUN: limiters need a folder with the peers' drivers (PEERS=folder)"
  result=2
fi
exit $result
