#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Give songs the levels of other songs and measure how near they come.

    dynamics_trials.py BUILD CORPUS [--pairs 15] [--seconds 150] [--neighbours] [--bands N]... [--out TSV]

Takes excerpts of songs spread over the corpus and pairs them: of the songs sorted by how widely their levels spread, the
narrower half are the targets of the wider half, rank by rank (a compressor cannot expand); or, with --neighbours, songs
in the order of the corpus, the wider of two the source. Settings come from bench/dynamics_match, the sound from `lacquer
render`, the levels from ffmpeg's ebur128, which shares no code with ours: momentary loudness (K-weighted, 400 ms) ten
times a second, gated at -70 LUFS and 10 LU under the mean, minus the loudness of what is left. The distance is the mean
absolute difference of 50 quantiles (1 %, 3 %, ... 99 %).

Exit status: 0 bars met (45 % of the mean distance gone with one compressor, 65 % with its upward stage), 1 one is missed,
2 nothing could be run. --bands 3 adds three bands, without a bar.
"""
import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile

from preset_trials import songs_of

BARS = {(1, ""): 45.0, (1, "lift"): 65.0}
QUANTILES = [(q + 0.5) / 50 for q in range(50)]


def excerpt(song, path, seconds):
    """From the beginning, fades and quiet introductions too; False when shorter than half of it or not stereo."""
    shown = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "format=duration:stream=channels", "-of", "json", song],
                           capture_output=True, check=False).stdout
    try:
        info = json.loads(shown)
        length, channels = float(info["format"]["duration"]), info["streams"][0]["channels"]
    except (ValueError, KeyError, IndexError):
        return False
    return length >= seconds / 2 and channels == 2 and subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", "-t", str(seconds), "-i", song, "-c:a", "pcm_s24le", path],
        stderr=subprocess.DEVNULL, check=False).returncode == 0


def momentary(path):
    shown = subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-i", path, "-af",
                            "ebur128=metadata=1,ametadata=print:key=lavfi.r128.M:file=-", "-f", "null", "-"],
                           capture_output=True, check=True).stdout.decode()
    return [float(v) for v in re.findall(r"r128\.M=(\S+)", shown)][3:]  # the first windows are not full


def quantiles(path):
    """Of the gated levels against their own loudness; empty when there is too little."""
    power = lambda levels: statistics.fmean(10 ** (level / 10) for level in levels)
    levels = [level for level in momentary(path) if level > -70]
    if len(levels) < 100:
        return []
    gate = 10 * math.log10(power(levels)) - 10
    levels = sorted(level for level in levels if level > gate)
    loudness, found = 10 * math.log10(power(levels)), []
    for fraction in QUANTILES:
        place = fraction * (len(levels) - 1)
        below = int(place)
        above = min(below + 1, len(levels) - 1)
        found.append(levels[below] + (place - below) * (levels[above] - levels[below]) - loudness)
    return found


def distance(a, b):
    return statistics.fmean(abs(x - y) for x, y in zip(a, b))


def span(quantiles_of):
    return quantiles_of[44] - quantiles_of[5]


def mean_of(done, column):
    """Of the bands, those left out that say nothing."""
    values = [float(line.split(b"\t")[column]) for line in done.stderr.splitlines()]
    return statistics.fmean(value for value in values if not math.isnan(value))


def match(options, source, target, bands, lift, folder):
    """Distances before, as rendered and as predicted, and the settings. One band: by ffmpeg. Several: the mean of the
    bands by our own analysis, since nothing else splits into the same."""
    command = [os.path.join(options.build, "bench/dynamics_match"), source, target, str(bands)] + ([lift] if lift else [])
    done = subprocess.run(command, capture_output=True, check=True)
    recipe, out = os.path.join(folder, "recipe.json"), os.path.join(folder, "out.wav")
    with open(recipe, "wb") as file:
        file.write(done.stdout)
    subprocess.run([os.path.join(options.build, "cli/lacquer"), "render", recipe, source, "-o", out, "-f", "-q", "--bits",
                    "32f"], check=True)
    chain = json.loads(done.stdout)["chain"]
    parameters = chain[0]["parameters"] if chain else {}
    if bands == 1:
        wanted = quantiles(target)
        return distance(quantiles(source), wanted), distance(quantiles(out), wanted), mean_of(done, 1), parameters
    left = subprocess.run(command[:1] + [out] + command[2:], capture_output=True, check=True)
    return mean_of(done, 0), mean_of(left, 0), mean_of(done, 1), parameters


def pairs_of(songs, options):
    if not options.neighbours:
        ranked = sorted(songs, key=lambda song: span(song[2]))
        half = len(ranked) // 2
        return [(ranked[i + half], ranked[i]) for i in range(half)]
    return [sorted(songs[i:i + 2], key=lambda song: -span(song[2])) for i in range(0, len(songs) - 1, 2)]


def settings_text(parameters):
    if not parameters:
        return "nothing"
    of = lambda name: parameters.get("band1_" + name, 0)
    text = f"{of('threshold_db'):.1f} dB {of('ratio') or 1:.2f}:1 knee {of('knee_db'):.1f} makeup {of('makeup_db'):+.1f}"
    lift = f", lift under {of('upward_threshold_db'):.1f} dB {of('upward_ratio'):.2f}:1 by {of('upward_range_db'):.1f}"
    return text + (lift if of("upward_ratio") else "")


def show(rows, ways):
    is_met = True
    for way in ways:
        before = [b for name, b, _, _ in rows if name == way]
        after = [a for name, _, a, _ in rows if name == way]
        gone = 100 * (1 - statistics.fmean(after) / statistics.fmean(before))
        each = statistics.fmean(100 * (1 - a / b) for a, b in zip(after, before))
        bar = BARS.get(way)
        good = bar is None or gone >= bar
        is_met &= good
        print(f"{way[0]} band{'s' if way[0] > 1 else ''} {way[1]:4}: {statistics.fmean(before):.2f} -> "
              f"{statistics.fmean(after):.2f} dB, {gone:.1f} % gone (mean of pairs {each:.1f} %)"
              + (f", bar {bar:g} %: {'ok' if good else 'MISSED'}" if bar else ""))
    return is_met


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("corpus")
    parser.add_argument("--pairs", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--neighbours", action="store_true")
    parser.add_argument("--bands", type=int, action="append")
    parser.add_argument("--out")
    options = parser.parse_args()
    ways = list(BARS) + [(n, lift) for n in options.bands or [] for lift in ("", "lift")]
    with tempfile.TemporaryDirectory() as folder:
        songs = []
        for song in songs_of(options.corpus):
            path = os.path.join(folder, f"{len(songs):02d}.wav")
            levels = quantiles(path) if excerpt(song, path, options.seconds) else []
            if levels:
                songs.append((path, os.path.splitext(os.path.basename(song))[0], levels))
            if len(songs) == 2 * options.pairs:
                break
        if len(songs) < 2 * options.pairs:
            print(f"NOT RUN: {len(songs)} of {2 * options.pairs} songs in {options.corpus}", file=sys.stderr)
            return 2
        rows = []
        for (source, name, levels), (target, other, wanted) in pairs_of(songs, options):
            print(f"{name} -> {other}: spans {span(levels):.1f} and {span(wanted):.1f} dB")
            for way in ways:
                before, after, predicted, parameters = match(options, source, target, *way, folder)
                rows.append((way, before, after, predicted))
                print(f"  {way[0]} {way[1]:4} {before:.2f} -> {after:.2f} (predicted {predicted:.2f}): "
                      f"{settings_text(parameters)}", flush=True)
    if options.out:
        with open(options.out, "w", encoding="utf-8") as file:
            file.writelines(f"{n}\t{lift}\t{b:.3f}\t{a:.3f}\t{p:.3f}\n" for (n, lift), b, a, p in rows)
    return 0 if show(rows, ways) else 1


if __name__ == "__main__":
    sys.exit(main())
