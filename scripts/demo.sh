#!/bin/sh
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# demo.sh [MIX]: master a real song and say where the master and its report are. Without MIX, one free song with stems
# is taken from a Debian package (downloaded, not installed), and its stems are summed to a mix in float.
set -eu
out=build/demo
package=fretsonfire-songs-sectoid
mkdir -p "$out"
if [ -n "${1:-}" ]; then
  mix=$1
  [ -r "$mix" ] || { echo "There is no readable file $mix." >&2; exit 1; }
  name=$(basename "$mix")
  name=${name%.*}
else
  mix=$out/war-of-freedom.wav
  name=war-of-freedom
  if [ ! -s "$mix" ]; then
    echo "Getting one free song (\"War of freedom\" by Sectoid: Carlos Viola Iborra, MIT licence) from the Debian package $package ..."
    rm -rf "$out/package" && mkdir -p "$out/package"
    (cd "$out/package" && { apt-get download "$package" >apt.log 2>&1 || { [ "$(id -u)" = 0 ] && apt-get update -qq && apt-get download "$package" >apt.log 2>&1; }; }) ||
      { sed 's/^/  /' "$out/package/apt.log" >&2; echo "The package could not be downloaded. With a song of your own: make demo MIX=song.wav" >&2; exit 1; }
    dpkg-deb -x "$out"/package/*.deb "$out/package"
    song="$out/package/usr/share/games/fretsonfire/data/songs/sectoid/War of freedom"
    ninja -C build examples/sum_stems >/dev/null
    build/examples/sum_stems "$mix" "$song/song.ogg" "$song/guitar.ogg"
    rm -rf "$out/package"
  fi
fi
build/cli/lacquer master "$mix" -f -o "$out/$name.master.wav" --report "$out/$name.report.html" || [ $? = 5 ]
echo
echo "Mix:    $mix"
echo "Master: $out/$name.master.wav"
echo "Report: $out/$name.report.html (open it in a browser)"
