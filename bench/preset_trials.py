#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Put songs through every preset and hold what comes out against the bars.

    preset_trials.py LACQUER CORPUS [--songs 20] [--seconds 40] [--loudness -12] [--preset ID]... [--jobs 2] [--out TSV]

Takes excerpts from the middle of songs spread over the corpus, masters each with each preset, and prints per preset:
largest loudness error, highest true peak, how much more the mono sum loses than that of the input, and on the mean what
the preset changed (against the same song without one): peak to loudness, low, middle and high bands, width. Needs
ffmpeg. Exit status: 0 all bars met, 1 one is missed, 2 nothing could be run.
"""
import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import tempfile

LOUDNESS_LU, PEAK_DB, MONO_LU, CEILING = 0.05, 0.0, 1.0, -1.0
BANDS = (("low", 30, 150), ("middle", 400, 2500), ("high", 6000, 15000))


def songs_of(corpus):
    """Spread evenly over what there is, one per folder first."""
    found = {}
    for folder, _, names in sorted(os.walk(corpus)):
        for name in sorted(names):
            if name.lower().endswith((".ogg", ".opus", ".mp3", ".flac", ".wav")):
                found.setdefault(folder, []).append(os.path.join(folder, name))
    rounds = max((len(paths) for paths in found.values()), default=0)
    ordered = [paths[i] for i in range(rounds) for paths in found.values() if i < len(paths)]
    return ordered


def excerpt(song, path, seconds):
    """From the middle; False when the song is shorter or not stereo."""
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration:stream=channels", "-of", "json", song],
                           capture_output=True, check=False).stdout
    try:
        info = json.loads(shown)
        length, channels = float(info["format"]["duration"]), info["streams"][0]["channels"]
    except (ValueError, KeyError, IndexError):
        return False
    if length < seconds + 10 or channels != 2:
        return False
    return subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-ss", str(length / 2 - seconds / 2), "-t",
                           str(seconds), "-i", song, "-c:a", "pcm_s24le", path], check=False).returncode == 0


def master(lacquer, source, out, loudness, preset):
    command = [lacquer, "master", source, "-o", out, "-f", "--json", "--strength", "0", "--loudness", str(loudness),
               "--ceiling", str(CEILING), "--max-limiting", "15"] + (["--preset", preset] if preset else [])
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 5):
        raise RuntimeError(f"{preset} on {source}: {done.stderr.decode()[-300:]}")
    return json.loads(done.stdout)["files"][0]


def tone(analysis):
    """Level of three ranges against the whole, dB."""
    spectrum = analysis["spectrum"]
    at = lambda low, high: [db for hz, db in zip(spectrum["bands_hz"], spectrum["mid_db"]) if low <= hz <= high and db]
    return [statistics.fmean(at(low, high) or [0.0]) for _, low, high in BANDS]


def figures(file, plain):
    before, after = file["input"], file["output"]
    width = lambda a: statistics.fmean(w for w in a["stereo"]["width_db"][8:32] if w is not None and w > -60) \
        if any(w is not None and w > -60 for w in a["stereo"]["width_db"][8:32]) else -60.0
    now, then = tone(after), tone(plain["output"])
    return dict(error=abs(after["loudness"]["integrated_lufs"] - file["targets"]["integrated_lufs"]),
                over=after["loudness"]["true_peak_dbtp"] - CEILING, met=file["targets_met"],
                mono=(after["stereo"]["mono_loss_lu"] or 0) - (before["stereo"]["mono_loss_lu"] or 0),
                plr=after["loudness"]["plr_lu"] - plain["output"]["loudness"]["plr_lu"],
                width=width(after) - width(plain["output"]), renders=file["renders"],
                tone=[a - b for a, b in zip(now, then)])


def work(job):
    options, source, presets, out = job
    plain = master(options.lacquer, source, out, options.loudness, None)
    rows = [(preset, figures(master(options.lacquer, source, out, options.loudness, preset), plain)) for preset in presets]
    os.remove(out)
    return os.path.basename(source), rows


def show(rows, options):
    """The table; True when every bar is met."""
    print(f"{'preset':22} {'error LU':>8} {'over dB':>8} {'mono LU':>8} {'renders':>8} {'PLR':>6} {'low':>6} {'middle':>6}"
          f" {'high':>6} {'width':>6}")
    is_met = True
    for preset in dict.fromkeys(p for p, _, _ in rows):
        mine = [f for p, _, f in rows if p == preset]
        worst = lambda key: max(f[key] for f in mine)
        mean = lambda key: statistics.fmean(f[key] for f in mine)
        limited = sum(not f["met"] for f in mine)
        good = worst("over") <= PEAK_DB and worst("mono") <= MONO_LU and worst("error") <= LOUDNESS_LU
        is_met &= good
        tones = [statistics.fmean(f["tone"][k] for f in mine) for k in range(3)]
        print(f"{preset:22} {worst('error'):8.3f} {worst('over'):8.3f} {worst('mono'):8.2f} {worst('renders'):8d} "
              f"{mean('plr'):6.2f} {tones[0]:6.2f} {tones[1]:6.2f} {tones[2]:6.2f} {mean('width'):6.2f}"
              f"  {'ok' if good else 'MISSED'}{f', {limited} limited' if limited else ''}")
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            for preset, song, f in rows:
                file.write("\t".join([preset, song] + [f"{v:.3f}" for v in (f["error"], f["over"], f["mono"], f["plr"],
                                                                              f["width"], *f["tone"])]) + "\n")
    return is_met


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lacquer")
    parser.add_argument("corpus")
    parser.add_argument("--songs", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=40)
    parser.add_argument("--loudness", type=float, default=-12)
    parser.add_argument("--preset", action="append")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out")
    options = parser.parse_args()
    listed = json.loads(subprocess.run([options.lacquer, "list", "presets", "--json"], capture_output=True,
                                       check=True).stdout)["presets"]
    presets = options.preset or [p["id"] for p in listed]
    with tempfile.TemporaryDirectory() as folder:
        jobs = []
        for song in songs_of(options.corpus):
            path = os.path.join(folder, f"{len(jobs):02d}-{os.path.splitext(os.path.basename(song))[0]}.wav")
            if excerpt(song, path, options.seconds):
                jobs.append((options, path, presets, os.path.join(folder, f"out{len(jobs)}.wav")))
            if len(jobs) == options.songs:
                break
        if not jobs:
            print("NOT RUN: no songs in " + options.corpus, file=sys.stderr)
            return 2
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            rows = [(preset, song, f) for song, found in pool.map(work, jobs) for preset, f in found]
    print(f"{len(jobs)} songs of {options.seconds:g} s to {options.loudness:g} LUFS")
    return 0 if show(rows, options) else 1


if __name__ == "__main__":
    sys.exit(main())
