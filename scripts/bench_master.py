#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""bench_master.py SONG LACQUER OUTPUT: the whole master of a song, measured from outside, beside its budgets.

A song of four minutes at 44.1 kHz on two cores: 2 s of wall time at -14 LUFS, 4 s at -9, and 200 MB + 0.25 byte a
frame. Other lengths are scaled. The best of five runs counts, for wall and CPU seconds each by itself."""

import json
import os
import subprocess
import sys
import time

RUNS = 5
WALL_BUDGETS = {-14: 2.0, -9: 4.0}  # seconds for 240 s of music


def run_once(song, lacquer, output, loudness):
    """One master: wall seconds, CPU seconds, MB at most, exit code, and what it says about itself."""
    options = ["--loudness", str(loudness), "--max-limiting", "20", "-f", "-q", "--json"]
    command = [lacquer, "master", song, *options, "-o", output]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    text = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.stdout.close()
    said = json.loads(text)["files"][0] if text else {}
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, os.waitstatus_to_exitcode(status), said


def verdict(value, budget):
    return f"budget {budget:6.2f}  {'ok' if value <= budget else 'MISSED'}"


def bench(song, lacquer, output, loudness):
    title = f"master to {loudness} LUFS"
    runs = [run_once(song, lacquer, output, loudness) for _ in range(RUNS)]
    for *_, code, said in runs:
        if code != 0 or not said:
            sys.exit(f"{title}: {lacquer} ended with {code}; no time counts")
    wall, _, memory, code, said = min(runs, key=lambda run: run[0])
    cpu = min(run[1] for run in runs)
    shape = said.get("input", {}).get("format", {})
    seconds, frames = shape.get("seconds", 240), shape.get("frames", 0)
    judged = verdict(wall, WALL_BUDGETS[loudness] * seconds / 240)
    print(f"{title:<36} {seconds / wall:8.0f}x {wall:9.2f} s wall   {judged}"
          f"   {cpu:.2f} s CPU   renders {said.get('renders', 0)}   exit {code}")
    print(f"{'  memory':<36} {'':9} {memory:9.0f} MB       {verdict(memory, 200 + 0.25 * frames / 1e6)}")
    for step, took in said.get("seconds", {}).items():
        speed = seconds / took if took else 0
        print(f"{'  ' + step:<36} {speed:8.0f}x {took:9.3f} s wall   {100 * took / wall:.0f} % of it")


if __name__ == "__main__":
    for target in WALL_BUDGETS:
        bench(sys.argv[1], sys.argv[2], sys.argv[3], target)
