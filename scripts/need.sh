#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# need.sh build|check|quality: install the Debian packages that are missing for a job. Says what is missing, and asks
# for root only when something is.
set -eu
build='build-essential pkg-config python3 meson ninja-build libsndfile1-dev libflac-dev libvorbis-dev libogg-dev libmpg123-dev libjansson-dev'
check="$build libcmocka-dev libebur128-dev libfftw3-dev libsoxr-dev clang-14 libclang-rt-14-dev clang-format-14 valgrind"
quality="$check ffmpeg sox libsox-fmt-all x42-plugins lsp-plugins-lv2 calf-plugins zam-plugins liblilv-dev lv2-dev python3-numpy python3-scipy python3-soundfile"
case ${1:-build} in
  build) wanted=$build ;;
  check) wanted=$check ;;
  quality) wanted=$quality ;;
  *) echo "usage: $0 build|check|quality" >&2; exit 2 ;;
esac
missing=
for package in $wanted; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "Lacquer needs these Debian packages:$missing"
if [ "$(id -u)" = 0 ]; then
  root=
elif command -v sudo >/dev/null; then
  root=sudo
  echo "They are installed with sudo, which may ask for your password."
else
  echo "Install them as root: apt-get install$missing" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
$root apt-get install -y -qq $missing >/dev/null 2>&1 || { $root apt-get update -qq; $root apt-get install -y -qq $missing >/dev/null; }
echo "Installed."
