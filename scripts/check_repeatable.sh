#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check_repeatable.sh LACQUER_A LACQUER_B: the same mix and the same recipe must give the same file from two builds
# (gcc -O3, clang -O2 with checks), for every CPU level and for 1, 2 and 4 threads, with the real-time limiter, the offline one and the
# clipper before it, and through the processors of presets; and a saved recipe must render the same bytes.
set -euo pipefail
a=$1 b=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$(dirname "$a")/../test/make_programme" "$work/mix.wav" 10
levels="baseline avx2"
! grep -qw avx512f /proc/cpuinfo || levels="$levels avx512" # asked of a CPU without it, avx2 would run again

declare -A ways=([fast]="--quality fast" [standard]="--quality standard" [best]="--quality best"
  [presets]="--preset gentle-glue --preset warm-tape --preset smooth-resonances --preset open-top --preset vocal-de-ess
    --preset small-room --preset wide-and-safe")
# masters PROGRAM NAME: in every way, with every level and number of threads; sums and recipes are left in the work folder
masters() {
  local way level threads
  for way in "${!ways[@]}"; do
    for level in $levels; do
      for threads in 1 2 4; do
        [ $threads = 4 ] && [ $level != avx2 ] && continue
        LACQUER_CPU=$level "$1" master "$work/mix.wav" --loudness -10 --rate 48000 ${ways[$way]} -q -j $threads \
          -o "$work/$2.wav" --save-recipe "$work/recipe-$way-$level-$threads-$2.json" -f || return 1
        echo "$way $(sha256sum <"$work/$2.wav") $1, $level, $threads threads" >>"$work/sums-$2"
      done
    done
    "$1" render "$work/recipe-$way-avx2-1-$2.json" "$work/mix.wav" -o "$work/$2.wav" -q -f || return 1
    echo "$way $(sha256sum <"$work/$2.wav") $1, the saved recipe rendered" >>"$work/sums-$2"
  done
}
masters "$a" a &
masters "$b" b
wait $!

cat "$work"/sums-*
for way in "${!ways[@]}"; do
  [ "$(grep -h "^$way " "$work"/sums-* | cut -d ' ' -f 2 | sort -u | wc -l)" = 1 ] || { echo "DIFFERENT: $way"; exit 1; }
  [ "$(sha256sum "$work"/recipe-$way-*.json | cut -d ' ' -f 1 | sort -u | wc -l)" = 1 ] || { echo "DIFFERENT: recipes of $way"; exit 1; }
done
echo "same: files and recipes"
