#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judge our limiter beside the public ones at equal loudness and equal true peak.

    limiter_quality.py BUILD [--corpus FOLDER] [--work FOLDER] [--out FOLDER] [--cuts 40] [--judge quality.py] ...

Every limiter is driven until a cut has the wanted loudness, its ceiling lowered until -1 dBTP really holds by a 32x
judge; then three judges compare what it did to the sound. Prints a table and the bars; writes results.json and
report.html. What others did is kept in the work folder (by their version, the cut and the judges), so that a second run
measures ours only. Exit status: 0 all bars met, 1 a bar missed, 2 something was not run.
"""
import argparse
import concurrent.futures
import hashlib
import importlib.util
import json
import math
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"): # one thread each: the processes share the machine
    os.environ.setdefault(variable, "1")
sys.dont_write_bytecode = True # a source tree stays a source tree

import numpy as np

from quality import bars, check_judges, cuts, drivers, judge, page, peaq, pictures, search, second_judge
from quality import signals, synthetic, table

HERE = os.path.dirname(os.path.abspath(__file__))
PICTURE_CUTS, PICTURE_TARGET = ("3", "4"), -9
OTHERS_BESIDE = (bars.RIVAL,) # on the many cuts only the best of the others


def stamp(options):
    """Changes whenever the judges or the search do: then nothing kept is used."""
    digest = hashlib.sha256(f"{options.tolerance}".encode())
    for path in [os.path.join(HERE, "quality", name) for name in
                 ("judge.py", "second_judge.py", "peaq.py", "signals.py", "synthetic.py", "search.py",
                  "pictures.py")] + ([options.judge] if options.judge else []):
        with open(path, "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()[:12]


def load_judge(path):
    spec = importlib.util.spec_from_file_location("outside_judge", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judge_cut(options, driver, cut, target, memory, out):
    """The whole row of one limiter on one cut at one loudness."""
    name, group, path = cut["name"], cut["group"], cut["path"]
    row = search.solve(driver, name, path, target, memory, options.measure, out, options.tolerance)
    source, rate = signals.read(path)
    output, _ = signals.read(out)
    pair = judge.Pair(source, output, rate, driver.delay)
    found = judge.compare(pair)
    bands = found.pop("bands")
    row.update(found, **second_judge.compare(pair, row["drive"]))
    if group == "six": # a second of CPU time each: on the many cuts the other judges do
        row.update(peaq.compare(source, output, rate, pair.lag, row["lufs"] - cuts.LEVEL_LUFS))
    if options.judge:
        theirs = load_judge(options.judge).compare(source, output, rate)
        row.update(own_nmr=row["nmr"], nmr=theirs["nmr"], residual=theirs["resid"], residual_k=theirs["resid_k"],
                   over_share=theirs["nmr_over"])
    if group == "six" and name in PICTURE_CUTS and target == PICTURE_TARGET:
        row["picture"] = pictures.draw_data(pair, row["drive"], bands)
    row.update(driver=driver.key, cut=name, group=group, target=target)
    search.remove(out)
    return row


def kept(options, key):
    return os.path.join(options.work, "kept", key + ".json")


def keep(options, key, value):
    path = kept(options, key)
    with open(f"{path}.{os.getpid()}", "w", encoding="utf-8") as file:
        json.dump(value, file)
    os.replace(f"{path}.{os.getpid()}", path)


def recall(options, driver, key):
    """What was measured before, of others only; of ours with --again."""
    if (driver.is_ours and not options.again) or not os.path.exists(kept(options, key)):
        return None
    with open(kept(options, key), encoding="utf-8") as file:
        return json.load(file)


def key_of(options, driver, content, target):
    what = "|".join([driver.key, driver.version, driver.fingerprint, content, str(target), options.stamp])
    return hashlib.sha256(what.encode()).hexdigest()[:24]


def work_on_cut(job):
    """All limiters and targets of one cut, in one process: what one needed starts the next."""
    options, cut, runs, hints = job
    memory, rows, failures = search.Memory(hints), [], []
    out = os.path.join(options.work, f"run{os.getpid()}.wav")
    content = cuts.sha(cut["path"])
    for target in options.targets:
        for driver in runs:
            key = key_of(options, driver, content, target)
            row = recall(options, driver, key)
            try:
                row = row or judge_cut(options, driver, cut, target, memory, out)
            except (drivers.Failed, OSError, ValueError, IndexError) as error: # one cut must not end a long run
                failures.append(f"{driver.key} on cut {cut['name']} at {target:g} LUFS: {error}")
                continue
            row["group"], row["cut"] = cut["group"], cut["name"]
            keep(options, key, row)
            if row["is_reached"]:
                memory.keep(driver.key, cut["name"], target, [row["drive"], row["ceiling"], 0.7])
            rows.append(row)
    return cut["name"], rows, failures, memory.hints


def work_on_signals(job):
    options, driver, paths = job
    key = key_of(options, driver, "made signals", 0)
    found = recall(options, driver, key)
    try:
        found = found or synthetic.measure_all(driver, paths, options.measure,
                                               os.path.join(options.work, f"made{os.getpid()}.wav"))
    except (drivers.Failed, OSError, ValueError, IndexError) as error:
        return driver.key, None, str(error)
    keep(options, key, found)
    return driver.key, found, None


def ours_wanted(options):
    """Ours by --with and --ours KEY=CHAIN."""
    wanted = {key: drivers.OURS[key] for key in options.forms.split(",") if key}
    for assignment in options.ours:
        key, _, chain = assignment.partition("=")
        wanted[key] = (drivers.OURS.get(key, ("Lacquer " + key,))[0], chain)
    return wanted


def present_drivers(options, probe):
    """Those that run here, with their delay in frames; those that do not, with the reason."""
    present, absent = [], {}
    for driver in drivers.everyone(options.build, ours_wanted(options)):
        if options.only and not driver.is_ours and driver.key not in options.only.split(","):
            continue
        reason = driver.absent(probe)
        if reason:
            absent[driver.title] = reason
        else:
            (source, rate), (output, _) = signals.read(probe), signals.read(probe + ".out.wav")
            driver.delay = judge.delay_frames(source, output, rate)
            present.append(driver)
    return present, absent


def gather_cuts(options, absent):
    """Cut dicts; what is missing goes to `absent`."""
    found = []
    if options.six:
        try:
            names = options.six.split(",")
            found = [dict(name=name, group="six", title=kind, path=path) for name, kind, path in
                     cuts.six(options.corpus, options.work, options.measure) if name in names]
        except (drivers.Failed, OSError, StopIteration, ValueError, cuts.subprocess.CalledProcessError) as error:
            absent["the six cuts"] = f"cannot be made: {error}"
    if not options.cuts:
        absent["unseen cuts"] = "not asked for (--cuts)"
    else:
        if not options.corpus or not os.path.isdir(options.corpus):
            absent["unseen cuts"] = "no folder with songs (--corpus)"
        else:
            others = cuts.others(options.corpus, options.work, options.measure, options.cuts)
            found += [dict(name=name, group="others", title=song, path=path) for name, song, path in others]
            if len(others) < options.cuts:
                absent["unseen cuts"] = f"only {len(others)} of {options.cuts} songs serve"
    return found


def hints_of(options):
    path = os.path.join(options.work, "hints.json")
    if not os.path.exists(path):
        return {}
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def run_all(options, present, found_cuts, absent):
    """(rows, synthetic results)."""
    hints, rows, made = hints_of(options), [], {}
    jobs = [(options, cut, [d for d in present if cut["group"] == "six" or d.is_ours or d.key in OTHERS_BESIDE], hints)
            for cut in found_cuts]
    paths = synthetic.make(os.path.join(options.work, "made"))
    start = time.time()
    with concurrent.futures.ProcessPoolExecutor(options.jobs) as pool:
        signal_runs = [pool.submit(work_on_signals, (options, driver, paths)) for driver in present] \
            if options.synthetic else []
        for number, done in enumerate(pool.map(work_on_cut, jobs)):
            name, cut_rows, failures, new_hints = done
            rows += cut_rows
            hints.update({k: v for k, v in new_hints.items() if f"|{name}|" in k})
            for failure in failures:
                absent[failure.split(":")[0]] = failure
            print(f"cut {number + 1} of {len(jobs)}, {time.time() - start:.0f} s", file=sys.stderr, flush=True)
        for run in signal_runs:
            key, result, error = run.result()
            if error:
                absent[f"{key} on made signals"] = error
            else:
                made[key] = result
    keep_hints = os.path.join(options.work, "hints.json")
    with open(keep_hints, "w", encoding="utf-8") as file:
        json.dump(hints, file)
    return rows, {driver.key: made[driver.key] for driver in present if driver.key in made}


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", help="build folder with bench/chain_run, bench/measure and bench/lv2_host")
    parser.add_argument("--corpus", help="folder with songs, a folder per package")
    parser.add_argument("--work", default="build/quality/work",
                        help="kept between runs; its qs/N.wav are used as they are")
    parser.add_argument("--out", default="build/quality")
    parser.add_argument("--six", default="1,2,3,4,5,6", help="which of the six; empty for none")
    parser.add_argument("--cuts", type=int, default=0, help="how many cuts of other songs")
    parser.add_argument("--targets", default="-11,-9,-7", type=lambda text: [float(t) for t in text.split(",")])
    parser.add_argument("--with", dest="forms", default="realtime,offline,best", help="which of ours")
    parser.add_argument("--ours", action="append", default=[], metavar="KEY=CHAIN",
                        help="one more, or another chain for one, see quality/drivers.py")
    parser.add_argument("--only", default="", help="keys of the others to judge, all unless told")
    parser.add_argument("--judge", help="a Python file with compare(reference, output, rate) to quote NMR by")
    parser.add_argument("--no-synthetic", dest="synthetic", action="store_false")
    parser.add_argument("--again", action="store_true", help="use what was kept of ours too: to draw the page again")
    parser.add_argument("--tolerance", type=float, default=0.02, help="LU around the wanted loudness")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


def finite(value):
    """JSON has no infinities: what is exact or silent becomes "-inf", what is not known null."""
    if isinstance(value, dict):
        return {key: finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else "inf" if value > 0 else "-inf"
    return value


def main():
    options = parse()
    options.build, options.work = os.path.abspath(options.build), os.path.abspath(options.work)
    options.measure = os.path.join(options.build, "bench", "measure")
    options.stamp = stamp(options)
    for folder in (options.out, os.path.join(options.work, "kept")):
        os.makedirs(folder, exist_ok=True)
    if not os.access(options.measure, os.X_OK) or not search.has_program("ffmpeg"):
        print("NOT RUN: needs bench/measure built and ffmpeg", file=sys.stderr)
        return 2
    wrong = check_judges.run()
    if wrong:
        print("the judges cannot be trusted: " + "; ".join(wrong), file=sys.stderr)
        return 1
    start = time.time()
    probe = os.path.join(options.work, "probe.wav")
    signals.write(probe, 0.03 * np.random.default_rng(1).standard_normal((cuts.RATE, 2)), cuts.RATE)
    present, absent = present_drivers(options, probe)
    found_cuts = gather_cuts(options, absent)
    rows, made = run_all(options, present, found_cuts, absent)
    groups = [g for g in ("six", "others") if any(cut["group"] == g for cut in found_cuts)]
    verdicts = bars.evaluate(rows, made, list(ours_wanted(options)), groups, options.targets)
    result = dict(schema="lacquer.limiter-quality/1", date=time.strftime("%Y-%m-%d"), wall_s=round(time.time() - start),
                  targets=options.targets, judge=os.path.basename(options.judge) if options.judge else "own",
                  drivers=[dict(key=d.key, title=d.title, version=d.version, settings=d.settings, is_ours=d.is_ours)
                           for d in present],
                  cuts=[dict(name=c["name"], group=c["group"], title=c["title"]) for c in found_cuts],
                  absent=absent, rows=rows, synthetic=made, bars=verdicts)
    with open(os.path.join(options.out, "results.json"), "w", encoding="utf-8") as file:
        json.dump(finite(result), file, indent=1)
    with open(os.path.join(options.out, "report.html"), "w", encoding="utf-8") as file:
        file.write(page.make(result))
    table.show(result)
    print(f"\nWritten: {options.out}/report.html, {options.out}/results.json ({result['wall_s']} s)")
    if any(v["status"] == "FAIL" for v in verdicts):
        return 1
    return 2 if absent or not rows or any(v["status"] == "not run" for v in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
