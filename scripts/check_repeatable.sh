#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check_repeatable.sh LACQUER_A LACQUER_B: the same mix and the same recipe must give the same file from two builds
# (gcc -O3, clang -O2 with checks), for every CPU level and for 1, 2 and 4 threads, with the real-time limiter, the offline one and the
# clipper before it; and a saved recipe must render the same bytes.
set -euo pipefail
a=$1 b=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(dirname "$a")/../test/make_programme" "$work/mix.wav" 10
expected=
check() { # NAME FILE
  local sum
  sum=$(sha256sum <"$2")
  expected=${expected:-$sum}
  if [ "$sum" = "$expected" ]; then echo "same: $1"; else echo "DIFFERENT: $1"; exit 1; fi
  rm -f "$2"
}
for quality in fast standard best; do
  expected=
  for program in "$a" "$b"; do
    for level in baseline avx2 avx512; do
      for threads in 1 2 4; do
        [ $threads = 4 ] && [ $level != avx2 ] && continue
        LACQUER_CPU=$level "$program" master "$work/mix.wav" --loudness -10 --rate 48000 --quality $quality -q -j $threads \
          -o "$work/out.wav" --save-recipe "$work/recipe-$quality-$level-$threads.json" -f
        check "$program $quality, $level, $threads threads" "$work/out.wav"
      done
    done
  done
  "$b" render "$work/recipe-$quality-avx2-1.json" "$work/mix.wav" -o "$work/out.wav" -q
  check "the saved recipe of $quality, rendered" "$work/out.wav"
  cmp "$work/recipe-$quality-baseline-1.json" "$work/recipe-$quality-avx512-2.json"
done
echo "same: recipes"
