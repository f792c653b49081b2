#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure what `lacquer render` leaves of a quiet sine in 16 bits, beside sox, and draw it.

    dither_spectra.py BUILD [--write]

Renders a sine of 997 Hz at -90 dBFS with every dither and at several rates, prints the table and the bars, and with
--write puts table and pictures into docs/dither.md, docs/dither_44100.svg and docs/dither_rates.svg. Needs numpy;
sox for the comparison. Exit status: 0 the bars are met, 1 one is missed, 2 sox is not there and was left out.
"""
import argparse
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import numpy

import figure

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SIZE, SECONDS, FULL_SCALE_SPL = 65536, 20, 110.0
RATES = (32000, 48000, 88200, 96000, 192000)
SOX = (("sox", "dither", "TPDF"), ("sox shibata", "dither -f shibata", "shibata"),
       ("sox improved-e-weighted", "dither -f improved-e-weighted", "improved E"),
       ("sox f-weighted", "dither -f f-weighted", "F-weighted"))
BEGIN, END = "<!-- figures: bench/dither_spectra.py BUILD --write -->\n", "<!-- end of figures -->\n"


def threshold_db(hz):
    """Threshold of hearing in quiet, dB SPL (Terhardt 1979)."""
    khz = numpy.maximum(hz, 20) / 1000
    return 3.64 * khz ** -0.8 - 6.5 * numpy.exp(-0.6 * (khz - 3.3) ** 2) + 1e-3 * khz ** 4


def write_float_wav(path, rate, x):
    data = x.astype("<f4").tobytes()
    form = struct.pack("<HHIIHHH", 3, 1, rate, 4 * rate, 4, 32, 0)
    with open(path, "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", 4 + 8 + len(form) + 12 + 8 + len(data)) + b"WAVE")
        file.write(b"fmt " + struct.pack("<I", len(form)) + form)
        file.write(b"fact" + struct.pack("<II", 4, len(x)) + b"data" + struct.pack("<I", len(data)) + data)


def read_words(path):
    with open(path, "rb") as file:
        data = file.read()
    at = 12
    while data[at:at + 4] != b"data":
        at += 8 + struct.unpack("<I", data[at + 4:at + 8])[0]
    n_bytes = struct.unpack("<I", data[at + 4:at + 8])[0]
    return numpy.frombuffer(data[at + 8:at + 8 + n_bytes], "<i2") / 32768.0


def tone_bin(rate):
    return round(997 * SIZE / rate)


def measure(path, rate):
    """Levels re a full-scale sine; power per bin, Hann frames at 50 %."""
    x, window = read_words(path), numpy.hanning(SIZE + 1)[:-1]
    starts = range(SIZE, len(x) - 2 * SIZE, SIZE // 2)
    power = sum(numpy.abs(numpy.fft.rfft(x[s:s + SIZE] * window)) ** 2 for s in starts)
    power = power * 4 / (len(starts) * (window ** 2).sum() * SIZE)
    hz, tone = numpy.arange(len(power)) * rate / SIZE, tone_bin(rate)
    is_noise = numpy.ones(len(power), bool)
    is_noise[tone - 4:tone + 5] = is_noise[:10] = False
    weight = 10 ** (-(threshold_db(hz) - 3.37) / 10)
    harmonics = [10 * math.log10(power[h * tone - 2:h * tone + 3].sum() /
                                 (5 * numpy.median(power[h * tone - 200:h * tone + 200]))) for h in range(2, 12)]
    return {"hz": hz, "power": power, "is_noise": is_noise, "total_db": 10 * math.log10(power[is_noise].sum()),
            "weighted_db": 10 * math.log10((power * weight)[is_noise].sum()), "harmonic_db": max(harmonics),
            "tone_db": 10 * math.log10(power[tone - 4:tone + 5].sum())}


def render(build, folder, rate, dither):
    tone, recipe, out = (os.path.join(folder, name) for name in ("tone.wav", "recipe.json", "out.wav"))
    t = numpy.arange(SECONDS * rate)
    write_float_wav(tone, rate, 10 ** (-90 / 20) * numpy.sin(2 * math.pi * tone_bin(rate) / SIZE * t))
    with open(recipe, "w", encoding="utf-8") as file:
        json.dump({"schema": "lacquer.recipe/1", "output": {"bits": 16, "dither": dither}, "chain": []}, file)
    subprocess.run([os.path.join(build, "cli/lacquer"), "render", recipe, tone, "-o", out, "-f", "-q"], check=True)
    return measure(out, rate)


def run_sox(folder, rate, arguments):
    tone, out = os.path.join(folder, "tone.wav"), os.path.join(folder, "sox.wav")
    subprocess.run(["sox", "-R", tone, "-b", "16", out] + arguments.split(), check=True)
    return measure(out, rate)


def measure_all(build, has_sox):
    """[(name, short name, rate, result)]; those of 44.1 kHz first."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for dither in ("none", "tpdf", "shaped"):
            rows.append((f"lacquer `{dither}`", dither, 44100, render(build, folder, 44100, dither)))
        for name, arguments, short in SOX if has_sox else ():
            rows.append((name, short, 44100, run_sox(folder, 44100, arguments)))
        for rate in RATES:
            for dither in ("tpdf", "shaped"):
                rows.append((f"lacquer `{dither}`", dither, rate, render(build, folder, rate, dither)))
    return rows


# --- What is shown --------------------------------------------------------------------------------------------------

def per_ear_band(result, from_hz, to_hz, count=160):
    """Noise per equivalent rectangular band of the ear (Glasberg and Moore 1990), dB SPL when full scale is loud."""
    points = []
    for hz in numpy.geomspace(from_hz, to_hz, count):
        half = 0.5 * 24.7 * (4.37 * hz / 1000 + 1)
        inside = (result["hz"] > hz - half) & (result["hz"] < hz + half) & result["is_noise"]
        if inside.sum() > 2 and hz + half < result["hz"][-1]:
            density = result["power"][inside].mean() / (result["hz"][1])
            points.append((hz, 10 * math.log10(density * 2 * half) + FULL_SCALE_SPL))
    return points


def draw(rows):
    found = {(short, rate): result for _, short, rate, result in rows}
    level = figure.Axis(-50, 50, f"dB SPL per band of the ear, full-scale sine at {FULL_SCALE_SPL:g} dB SPL", step=10)
    one = figure.Figure(figure.frequencies(40, 20000), level, "16-bit noise at 44.1 kHz")
    two = figure.Figure(figure.frequencies(40, 90000), level, "Shaped 16-bit noise at four rates")
    for plot in (one, two):
        ear = [(hz, float(threshold_db(hz))) for hz in numpy.geomspace(40, 15500, 120)]
        plot.line(ear, "threshold of hearing", "ear", "5 3")
    one.line(per_ear_band(found["tpdf", 44100], 40, 20000), "tpdf", "plain")
    if ("shibata", 44100) in found:
        one.line(per_ear_band(found["shibata", 44100], 40, 20000), "sox shibata", "other")
    one.line(per_ear_band(found["shaped", 44100], 40, 20000), "shaped", "ours")
    for rate, kind in ((44100, "ours"), (48000, "plain"), (96000, "mid"), (192000, "top")):
        two.line(per_ear_band(found["shaped", rate], 40, 90000), f"shaped, {rate / 1000:g} kHz", kind)
    return {"dither_44100.svg": one.svg(), "dither_rates.svg": two.svg()}


def table(rows):
    plain = {rate: result["total_db"] for _, short, rate, result in rows if short == "tpdf"}
    lines = ["| 16 bits | kHz | noise, dBFS | over `tpdf` | weighted by threshold | worst harmonic over the floor |",
             "| --- | --- | --- | --- | --- | --- |"]
    for name, _, rate, result in rows:
        more_db = round(result["total_db"] - plain[rate], 1) + 0.0 # no -0.0
        lines.append(f"| {name} | {rate / 1000:g} | {result['total_db']:.1f} | {more_db:+.1f} dB | "
                     f"{result['weighted_db']:.1f} dB | {result['harmonic_db']:.1f} dB |")
    return "\n".join(lines) + "\n"


def write_page(text, pictures):
    for name, svg in pictures.items():
        with open(os.path.join(ROOT, "docs", name), "w", encoding="utf-8") as file:
            file.write(svg)
    page = os.path.join(ROOT, "docs/dither.md")
    with open(page, encoding="utf-8") as file:
        before, rest = file.read().split(BEGIN)
    with open(page, "w", encoding="utf-8") as file:
        file.write(before + BEGIN + text + END + rest.split(END)[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    has_sox = shutil.which("sox") is not None
    rows = measure_all(options.build, has_sox)
    print(table(rows), end="")
    found = {(short, rate): result for _, short, rate, result in rows}
    ours, plain = found["shaped", 44100], found["tpdf", 44100]
    bars = (("weighted at or under -109 dB", ours["weighted_db"] <= -109),
            ("at most 14 dB more noise than tpdf", ours["total_db"] - plain["total_db"] <= 14),
            ("no harmonics (2 dB: what chance leaves)", all(result["harmonic_db"] < 2 for result in (ours, plain))))
    for name, is_met in bars:
        print(f"{'met   ' if is_met else 'MISSED'}  {name}")
    if not has_sox:
        print("NOT RUN: sox is not installed")
    if options.write:
        write_page(table(rows), draw(rows))
    return 1 if not all(is_met for _, is_met in bars) else 0 if has_sox else 2


if __name__ == "__main__":
    sys.exit(main())
