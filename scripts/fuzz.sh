#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# fuzz.sh BUILD_DIR SECONDS: every fuzz target for SECONDS, two at a time, from the saved inputs. A find is left in
# BUILD_DIR/finds: mend it and move it to test/fuzz/inputs/TARGET.
set -u
cd "$(dirname "$0")/.."
build=$1 seconds=$2 failed=0
mkdir -p "$build/finds"
run() {
  local target=$1 grown=$build/grown-$1
  mkdir -p "$grown"
  "$build/test/fuzz/fuzz_$target" -max_total_time="$seconds" -rss_limit_mb=1024 -malloc_limit_mb=512 -timeout=10 -max_len=65536 \
    -print_final_stats=1 -artifact_prefix="$build/finds/$target-" "$grown" "test/fuzz/inputs/$target" >"$build/fuzz-$target.log" 2>&1
}
targets=$(cd test/fuzz/inputs && ls)
for target in $targets; do
  run "$target" &
  pids="${pids:-} $!:$target"
  [ "$(jobs -rp | wc -l)" -lt 2 ] || wait -n
done
for pair in $pids; do
  if wait "${pair%%:*}"; then
    grep -h 'stat::number_of_executed_units' "$build/fuzz-${pair##*:}.log" | sed "s/^/${pair##*:}: /"
  else
    failed=1
    echo "FAIL ${pair##*:}:"
    tail -n 30 "$build/fuzz-${pair##*:}.log"
  fi
done
exit $failed
