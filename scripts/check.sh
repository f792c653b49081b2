#!/bin/bash
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check.sh [--all] [STAGE...]: build and run every test, stage by stage; the last line counts them. --all runs the long
# forms (fuzzing for 10 minutes a target, the long fault sweep).
set -uo pipefail
cd "$(dirname "$0")/.."
long=
[ "${1:-}" = --all ] && { long=1; shift; }
only=" $* "
logs=build-check
mkdir -p $logs
passed=0 failed=0 names=
fuzz_seconds=12
[ -n "$long" ] && fuzz_seconds=600

# stage NAME COMMAND...: one line with its time; the log only when it fails
stage() {
  local name=$1 start=$SECONDS
  shift
  [ "$only" = "  " ] || [[ $only == *" $name "* ]] || return 0
  if "$@" >"$logs/$name.log" 2>&1; then
    passed=$((passed + 1))
    printf 'ok   %-12s %4d s\n' "$name" $((SECONDS - start))
  else
    failed=$((failed + 1)) names="$names $name"
    printf 'FAIL %-12s %4d s  (%s)\n' "$name" $((SECONDS - start)) "$logs/$name.log"
    tail -n 60 "$logs/$name.log"
  fi
}

# configure DIR COMPILER OPTIONS...: once; later runs only rebuild
configure() {
  local dir=$1 compiler=$2
  shift 2
  [ -f "$dir/build.ninja" ] || CC=$compiler meson setup "$dir" -Dwerror=true "$@"
}
build() { configure "$@" && ninja -C "$1"; }
# tests DIR OPTIONS... [NAMES...]: with names, only what these need is built
tests() { meson test -C "$1" --print-errorlogs --num-processes 2 "${@:2}"; }

release() { build build-release gcc && tests build-release; }
# sanitizers look for faults, not for figures: their builds carry only lines of debugging, and run the short tests
sanitized() { # DIR SANITIZERS OPTIONS...
  configure "$1" clang-14 -Dbuildtype=custom -Doptimization=2 -Ddebug=false -Dc_args=-gline-tables-only -Db_sanitize="$2" -Db_lundef=false "${@:3}"
}
with_asan() { sanitized build-asan address,undefined -Dfaults=true -Dfuzz=true && ninja -C build-asan "$@"; }
sanitize() {
  with_asan &&
    LACQUER_TEST_SHORT=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 tests build-asan --timeout-multiplier 8 --no-suite house
}
# master_with BUILD QUALITY THREADS: a whole job, for what a sanitizer sees in it
master_with() {
  local work status=0
  work=$(mktemp -d)
  "$1/test/make_programme" "$work/mix.wav" 12 &&
    "$1/cli/lacquer" master "$work/mix.wav" --preset gentle-glue --preset warm-tape --loudness -10 --quality "$2" -j "$3" -q -o "$work/out.wav" || status=1
  rm -rf "$work"
  return $status
}
thread() {
  sanitized build-tsan thread && ninja -C build-tsan cli/lacquer test/make_programme &&
    tests build-tsan --timeout-multiplier 10 core_threads render_render render_render_job render_pipeline render_measure_source render_spool &&
    master_with build-tsan best 4
}
memory() {
  # the large transforms, resamplers and fits take minutes here and run under the sanitizers above
  local units
  units=$(meson test -C build-release --list 2>/dev/null | sed -n 's/^lacquer:\(core\|text\|dsp\) \/ //p' | grep -vE '^(fft|resampler|biquad_fit|true_peak|elementary|core_random|core_sha256)$')
  LACQUER_TEST_SHORT=1 tests build-release --timeout-multiplier 40 --wrapper 'valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite' $units
}
repeat() { with_asan cli/lacquer && scripts/check_repeatable.sh build-release/cli/lacquer build-asan/cli/lacquer; }
fuzz() {
  with_asan $(cd test/fuzz/inputs && printf 'test/fuzz/fuzz_%s ' *) && scripts/fuzz.sh build-asan $fuzz_seconds
}
faults_all() { build-asan/test/test_faults build-asan/test/second.wav; } # every allocation, not every 13th
layers() { python3 scripts/check_layers.py; }
format() { git ls-files '*.c' '*.h' | xargs clang-format-14 --dry-run -Werror; }

stage layers layers
stage format format
stage release release
stage sanitize sanitize
stage thread thread
stage memory memory
stage repeat repeat
stage fuzz fuzz
[ -n "$long" ] && stage faults-all faults_all
[ -n "$names" ] && echo "Failed:$names"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
