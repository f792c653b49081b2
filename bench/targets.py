#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Masters the songs of a folder to -14, -11 and -9 LUFS at -1 dBTP, judges the written files and prints a table with
the bars.

usage: targets.py BUILD FOLDER [--songs N] [--jobs N] [--scratch FOLDER] [--list FILE]

BUILD    build folder; BUILD/bench/targets_run must exist (ninja -C BUILD bench/targets_run)
FOLDER   searched for .wav .flac .ogg .opus .mp3 .aiff of at least 20 s; every N-th of them in path order is taken, so
         that the sample is the same each time and spreads over the packages
--list   a file with one song per line instead
Exit status: 0 all bars met, 1 not, 2 nothing could be measured.
"""
import argparse
import concurrent.futures
import os
import statistics
import subprocess
import sys
import tempfile

CASES = [(-14.0, -1.0, 8.0), (-11.0, -1.0, 8.0), (-9.0, -1.0, 8.0), (-9.0, -1.0, 15.0)]
FIELDS = ["song", "lufs", "dbtp", "max_limiting", "state", "in_lufs", "plr", "seconds", "predicted", "out_lufs",
          "judged_dbtp", "renders", "limited", "p95", "edit_db", "out_dbtp", "wall_s", "analyse_s", "decide_s",
          "render_s", "verify_s", "first_lufs"]
ENDINGS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".aiff", ".aif")


def find_songs(folder, count):
    songs = []
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            if name.lower().endswith(ENDINGS) and os.path.getsize(path) > 300_000:
                songs.append(path)
    songs.sort()
    if not count or count >= len(songs):
        return songs
    return [songs[i * len(songs) // count] for i in range(count)]


def run_song(runner, scratch, song):
    cases = ",".join("%g:%g:%g" % case for case in CASES)
    done = subprocess.run([runner, scratch, cases, song], capture_output=True, text=True, check=False)
    rows = []
    for line in done.stdout.splitlines():
        parts = line.split("\t")
        row = dict(zip(FIELDS, parts))
        if row.get("state") == "ok" and len(parts) == len(FIELDS):
            rows.append({key: value if key in ("song", "state") else float(value) for key, value in row.items()})
        else:
            print("not measured:", line, file=sys.stderr)
    if done.returncode:
        print("stopped with", done.returncode, song, file=sys.stderr)
    return rows


def show(row):
    print("%-34.34s %6.1f %6.1f %5.1f | %4.0f %4.0f | %8.3f %+7.3f %8.3f %3.0f %3s %6.2f %6.2f %6.2f %6.2f" % (
        os.path.basename(row["song"]), row["in_lufs"], row["plr"], row["seconds"], row["lufs"], row["max_limiting"],
        row["out_lufs"], row["first_lufs"] - row["lufs"], row["judged_dbtp"], row["renders"],
        "yes" if row["limited"] else "", row["p95"], row["edit_db"], row["wall_s"], row["wall_s"] * 240 / row["seconds"]))


def share(rows, test):
    return 100.0 * sum(1 for row in rows if test(row)) / len(rows) if rows else 0.0


def bar(text, value, limit, unit):
    met = value <= limit
    print("%-4s %-66s %9.3f %s (bar %g)" % ("ok" if met else "MISS", text, value, unit, limit))
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("folder")
    parser.add_argument("--songs", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--scratch")
    parser.add_argument("--list")
    options = parser.parse_args()
    runner = os.path.join(options.build, "bench", "targets_run")
    if options.list:
        with open(options.list, encoding="utf-8") as file:
            songs = [line.rstrip("\n") for line in file if line.strip()]
    else:
        songs = find_songs(options.folder, options.songs)
    rows = []
    print("%-34s %6s %6s %5s | %4s %4s | %8s %7s %8s %3s %3s %6s %6s %6s %6s" % (
        "song", "LUFS", "PLR", "s", "to", "max", "reached", "first", "judge", "n", "lim", "p95", "edit", "wall", "/4min"))
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folders = []
        for job in range(len(songs)):
            folders.append(os.path.join(scratch, str(job)))
            os.mkdir(folders[-1])
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            for found in pool.map(lambda pair: run_song(runner, *pair), zip(folders, songs)):
                for row in found:
                    show(row)
                    rows.append(row)
                sys.stdout.flush()
    if not rows:
        print("nothing could be measured", file=sys.stderr)
        return 2
    default = [row for row in rows if row["max_limiting"] == 8.0]
    free = [row for row in rows if not row["limited"]]
    met = [bar("largest |error| unless TARGET_LIMITED", max((abs(row["out_lufs"] - row["lufs"]) for row in free),
                                                            default=0.0), 0.05, "LU"),
           bar("largest judged true peak over the ceiling", max(row["judged_dbtp"] - row["dbtp"] for row in rows), 0.03,
               "dB")]
    for lufs, limit in ((-14.0, 0.0), (-11.0, 5.0), (-9.0, 25.0)):
        met.append(bar("TARGET_LIMITED at %g LUFS, 8 dB allowed" % lufs,
                       share([row for row in default if row["lufs"] == lufs], lambda row: row["limited"]), limit, "%"))
    met.append(bar("TARGET_LIMITED at -9 LUFS, 15 dB allowed",
                   share([row for row in rows if row["max_limiting"] == 15.0], lambda row: row["limited"]), 0.0, "%"))
    met.append(bar("runs that needed more than 2 renders", share(rows, lambda row: row["renders"] > 2), 5.0, "%"))
    edits = [row["edit_db"] for row in default if row["lufs"] == -14.0]
    if edits:
        met.append(bar("median tone edit at -14 LUFS", statistics.median(edits), 0.5, "dB"))
    print("%d songs, %d runs; first render within 0.05 LU in %.0f %%" % (
        len({row["song"] for row in rows}), len(rows), share(rows, lambda row: row["renders"] < 2)))
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
