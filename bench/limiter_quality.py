#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judge our limiter beside others at equal loudness and equal true peak.

    limiter_quality.py RUNNER SCRIPTS WORK [--targets=-9,-7] [--peers="NAME;NAME"] [--set="param=value ..."]

RUNNER   bench/limiter_run, built
SCRIPTS  folder with the peers' drivers and judges (limiters.py, quality.py)
WORK     their work folder: lv2run, ebur, tp8, qs/1.wav ... qs/6.wav (12-s cuts at -20 LUFS)

Each limiter is driven until the cut has the target loudness; ceilings are lowered until -1 dBTP really holds by tp8.
Prints NMR, residual, drive and true peak per limiter.
Ends with 2 when a folder or tool is missing: nothing was judged then.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

NEEDED = {"SCRIPTS": ["limiters.py", "quality.py"], "WORK": ["ebur", "tp8", "qs/1.wav"]}


def shell(command):
    done = subprocess.run(command, shell=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode(errors="replace")


class Judge:
    def __init__(self, options, quality, limiters):
        self.options, self.quality, self.limiters = options, quality, limiters
        self.folder = tempfile.mkdtemp(prefix="limiter_quality_")

    def loudness(self, path):
        found = re.search(r"I (-?[\d.]+)", shell(f"{self.options.work}/ebur {path} i"))
        return float(found.group(1)) if found else -99.0

    def apply(self, name, source, out, drive, ceiling, target):
        if name == "lacquer":
            shell(f"NO_JUDGE=1 {self.options.runner} {source} {out} limiter drive_db={max(drive, 0)} "
                  f"ceiling_dbtp={ceiling} {self.options.set}")
        else:
            self.limiters.apply(name, source, out, drive, ceiling, self.options.work, target)

    def drive_to(self, name, source, out, ceiling, target, drive):
        """Secant search for the drive that gives the target loudness; returns drive and what was reached."""
        points = []
        for step in range(7):
            self.apply(name, source, out, drive, ceiling, target)
            points.append((drive, self.loudness(out)))
            if abs(points[-1][1] - target) < 0.06:
                break
            slope = 0.8
            if step and abs(points[-1][0] - points[-2][0]) > 1e-3:
                slope = (points[-1][1] - points[-2][1]) / (points[-1][0] - points[-2][0])
                slope = min(max(slope, 0.15), 1.5)
            drive = min(max(drive + min(max((target - points[-1][1]) / slope, -8), 8), -5), 40)
        return points[-1]

    def cut(self, name, number, target):
        source = f"{self.options.work}/qs/{number}.wav"
        out = f"{self.folder}/{os.getpid()}.wav"
        ceiling, drive = -1.0, target + 20.0
        for _ in range(4):
            drive, reached = self.drive_to(name, source, out, ceiling, target, drive)
            true_peak = float(shell(f"{self.options.work}/tp8 {out}").split()[1])
            if true_peak + 1 < 0.03:
                break
            ceiling -= true_peak + 1 + 0.005
        x, rate = self.quality.read(source)
        y, _ = self.quality.read(out)
        found = self.quality.compare(x, y, rate)
        os.remove(out)
        return dict(nmr=found["nmr"], residual=found["resid"], drive=drive, reached=reached, true_peak=true_peak)

    def table(self, names, targets):
        for target in targets:
            print(f"{target} LUFS, -1 dBTP: NMR dB / residual dB / drive dB, mean of six; NMR per cut; worst dBTP; reached")
            for name in names:
                cuts = [self.cut(name, number, target) for number in range(1, 7)]
                mean = [sum(c[key] for c in cuts) / 6 for key in ("nmr", "residual", "drive", "reached")]
                per_cut = " ".join("%.1f" % c["nmr"] for c in cuts)
                print("  %-24s %6.2f / %6.2f / %5.2f   %s   %+.3f   %.2f" % (
                    name, mean[0], mean[1], mean[2], per_cut, max(c["true_peak"] for c in cuts), mean[3]), flush=True)


def missing(options):
    wanted = [options.runner]
    wanted += [f"{options.scripts}/{f}" for f in NEEDED["SCRIPTS"]] + [f"{options.work}/{f}" for f in NEEDED["WORK"]]
    return [path for path in wanted if not os.path.exists(path)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runner")
    parser.add_argument("scripts")
    parser.add_argument("work")
    parser.add_argument("--targets", default="-11,-9,-7")
    parser.add_argument("--peers", default="x42 dpl TP rel 10ms;x42 dpl TP rel 50ms;LSP HermThin x8")
    parser.add_argument("--set", default="", help="further parameters of ours")
    options = parser.parse_args()
    options.runner = os.path.abspath(options.runner)
    absent = missing(options)
    if absent:
        print("limiter_quality: not run, missing: " + ", ".join(absent), file=sys.stderr)
        return 2
    sys.path.insert(0, options.scripts)
    import limiters
    import quality
    names = ["lacquer"] + [name for name in options.peers.split(";") if name]
    Judge(options, quality, limiters).table(names, [int(t) for t in options.targets.split(",")])
    return 0


if __name__ == "__main__":
    sys.exit(main())
