#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check_repeatable.sh LACQUER_A LACQUER_B: the same mix and the same recipe must give the same file from two builds
# (gcc -O3, clang -O1), for every CPU level and for one and two threads; and a saved recipe must render the same bytes.
set -euo pipefail
a=$1 b=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(dirname "$a")/../test/make_programme" "$work/mix.wav" 20
expected=
check() { # NAME FILE
  local sum
  sum=$(sha256sum <"$2")
  expected=${expected:-$sum}
  if [ "$sum" = "$expected" ]; then echo "same: $1"; else echo "DIFFERENT: $1"; exit 1; fi
  rm -f "$2"
}
for program in "$a" "$b"; do
  for level in baseline avx2 avx512; do
    for threads in 1 2; do
      LACQUER_CPU=$level "$program" master "$work/mix.wav" --loudness -10 --rate 48000 -q -j $threads -o "$work/out.wav" --save-recipe "$work/recipe-$level-$threads.json" -f
      check "$program $level, $threads threads" "$work/out.wav"
    done
  done
done
"$b" render "$work/recipe-avx2-1.json" "$work/mix.wav" -o "$work/out.wav" -q
check "the saved recipe, rendered" "$work/out.wav"
cmp "$work/recipe-baseline-1.json" "$work/recipe-avx512-2.json"
echo "same: recipes"
