#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our processors beside ffmpeg, SoX and the packaged LV2 plugins, on made signals with known answers.

    processor_quality.py BUILD [--out FOLDER] [--only equalizer,reverb]

Prints a table per topic with bars, who leads, and every axis on which a peer wins; writes processors.json and
processors.html. Exit status: 0 all bars met, 1 a bar missed, 2 something was not run. A peer that wins changes
nothing in it: that is a finding.
"""
import argparse
import json
import os
import sys
import tempfile
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"): # speeds are those of one core
    os.environ.setdefault(variable, "1")
sys.dont_write_bytecode = True # a source tree stays a source tree

from limiter_quality import finite
from quality import processors_colour, processors_dynamics, processors_sheet, processors_space, processors_spectral
from quality import processors_tone
from quality.drivers import package_version
from quality.processors_tools import PACKAGES, Bench

TOPICS = { # name: what makes one topic, or a list of them
    "equalizer": processors_tone.equalizer, "compressor": processors_dynamics.compressor,
    "multiband": processors_dynamics.multiband, "saturator": processors_colour.saturator,
    "widening": processors_space.widening, "spreading": processors_space.spreading,
    "mono_bass": processors_space.mono_bass, "reverb": processors_space.reverb, "match_eq": processors_tone.match_eq,
    "resonance": processors_spectral.resonance, "deesser": processors_spectral.deesser,
    "dc_filter": processors_tone.dc_filter,
}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="build folder with bench/chain_run and bench/lv2_host")
    parser.add_argument("--out", default="build/quality")
    parser.add_argument("--only", default=",".join(TOPICS), help="topics, separated by commas")
    return parser.parse_args()


def write(topics, out, wall_s):
    os.makedirs(out, exist_ok=True)
    versions, date = {name: package_version(name) for name in PACKAGES}, time.strftime("%Y-%m-%d")
    result = dict(schema="lacquer.processor-quality/1", date=date, wall_s=wall_s, versions=versions,
                  topics=[topic.result() for topic in topics])
    with open(os.path.join(out, "processors.json"), "w", encoding="utf-8") as file:
        json.dump(finite(result), file, indent=1)
    with open(os.path.join(out, "processors.html"), "w", encoding="utf-8") as file:
        file.write(processors_sheet.make_page(topics, date, wall_s, versions))


def summary(topics):
    """Prints the verdicts together; the exit status."""
    print("\nVerdicts (at least as good as the best of the others on every axis, better on one)")
    for topic in topics:
        print("  %-40s %-8s %s" % (topic.title, *topic.verdict()))
    states = [status for topic in topics for _, _, status in topic.bars()]
    print(f"{states.count('pass')} bars met, {states.count('MISSED')} missed, {states.count('not run')} not run")
    if "MISSED" in states:
        return 1
    return 2 if "not run" in states or any(topic.absent for topic in topics) else 0


def main():
    options, topics, start = parse(), [], time.time()
    if not os.access(os.path.join(options.build, "bench", "chain_run"), os.X_OK):
        print("NOT RUN: bench/chain_run is not built", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(os.path.abspath(options.build), folder)
        for name in options.only.split(","):
            began, made = time.time(), TOPICS[name](bench)
            for topic in made if isinstance(made, list) else [made]:
                processors_sheet.show(topic)
                topics.append(topic)
            print(f"{name}: {time.time() - began:.0f} s", file=sys.stderr, flush=True)
    wall_s = round(time.time() - start)
    write(topics, options.out, wall_s)
    result = summary(topics)
    print(f"\nWritten: processors.html, processors.json ({wall_s} s)")
    return result


if __name__ == "__main__":
    sys.exit(main())
