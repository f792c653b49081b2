#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Draw what the processors do, from real runs, into docs/processors/ID-WHAT.svg.

    processor_pictures.py BUILD [ID...]

Each picture is one row of PICTURES: what is fed in, with which settings, what is read from the result. Needs numpy and
soundfile, and bench/chain_run built.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np
import soundfile

import figure

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RATE = 48000


class Runner:
    def __init__(self, build, folder):
        self.program, self.folder = os.path.join(build, "bench", "chain_run"), folder

    def __call__(self, samples, chain):
        """Two channels in, two out, float64."""
        source, out = (os.path.join(self.folder, name) for name in ("in.wav", "out.wav"))
        soundfile.write(source, samples, RATE, subtype="PCM_24")
        subprocess.run([self.program, source, out, *chain.split()], check=True, capture_output=True)
        return soundfile.read(out)[0]


def both(mono):
    return np.stack([mono, mono], 1)


def db(power, floor=1e-15):
    return 10 * np.log10(np.maximum(power, floor))


def tone(hz, seconds, level_db=0.0):
    return 10 ** (level_db / 20) * np.sin(2 * np.pi * hz * np.arange(int(seconds * RATE)) / RATE)


# --- What is read -----------------------------------------------------------------------------------------------------

def response(run, title, chains, low_db, high_db, side=False, hz=(20, 20000)):
    """Magnitude, from an impulse in both channels; of the sides from one of opposite signs."""
    picture = figure.Figure(figure.frequencies(*hz), figure.Axis(low_db, high_db, "dB"), title)
    impulse = both(np.zeros(1 << 17))
    impulse[4096] = (0.5, -0.5 if side else 0.5)
    f = np.fft.rfftfreq(len(impulse), 1 / RATE)
    wanted = np.unique(np.searchsorted(f, np.geomspace(hz[0], hz[1], 400)))
    for name, chain in chains:
        y = run(impulse, chain)[:, 0] / 0.5
        level = db(np.abs(np.fft.rfft(y)) ** 2)
        picture.line([(f[k], level[k]) for k in wanted if k < len(f)], name)
    return picture


def static_curve(run, title, chains, hz=1000.0, low_db=-60.0):
    """Level out over level in, of steady tones."""
    picture = figure.Figure(figure.Axis(low_db, 0, "level in, dBFS", step=10), figure.Axis(low_db, 0, "level out, dBFS", step=10),
                            title)
    levels, hold = np.arange(low_db, 0.1, 1.0), int(1.5 * RATE)
    x = np.concatenate([tone(hz, 1.5, level) for level in levels])
    picture.line([(low_db, low_db), (0, 0)], None, "other", "4 4")
    for name, chain in chains:
        y = run(both(x), chain)[:, 0]
        ends = [y[(i + 1) * hold - RATE // 4:(i + 1) * hold] for i in range(len(levels))]
        picture.line([(level, db(2 * np.mean(e * e))) for level, e in zip(levels, ends)], name)
    return picture


def gain_over_time(run, title, chains, steps, low_db, high_db=1.0, hz=1000.0):
    """Gain while a tone steps through (seconds, level in dBFS)."""
    total = sum(s for s, _ in steps)
    picture = figure.Figure(figure.Axis(0, total * 1000, "ms"), figure.Axis(low_db, high_db, "gain, dB"), title)
    x = np.concatenate([np.full(int(s * RATE), 10 ** (level / 20)) for s, level in steps])
    x = x * np.sin(2 * np.pi * hz * np.arange(len(x)) / RATE)
    size = int(RATE / hz) # a cycle
    count = len(x) // size
    power = lambda v: (v[:count * size].reshape(count, size) ** 2).mean(1)
    for name, chain in chains:
        gain = db(power(run(both(x), chain)[:, 0]) / power(x))
        picture.line([(k * size / RATE * 1000, g) for k, g in enumerate(gain)], name)
    return picture


def harmonics(run, title, chains, hz=1000.0, level_db=-6.0, low_db=-140.0, low_hz=200):
    """Spectrum of a steady tone."""
    picture = figure.Figure(figure.frequencies(low_hz, 20000), figure.Axis(low_db, 0, "dBFS", step=20), title)
    size = 1 << 16
    place = round(hz * size / RATE)
    x = tone(place * RATE / size, 3 * size / RATE, level_db)
    window = np.blackman(size + 1)[:-1]
    f = np.fft.rfftfreq(size, 1 / RATE)
    for name, chain in chains:
        y = run(both(x), chain)[size:2 * size, 0]
        level = db(np.abs(np.fft.rfft(y * window) / window.sum() * 2) ** 2)
        edges = np.unique(np.searchsorted(f, np.geomspace(low_hz, 20000, 900)))
        points = [(f[a + np.argmax(level[a:b])], level[a:b].max()) for a, b in zip(edges, edges[1:]) if b > a]
        picture.line(points, name)
    return picture


def noise_spectrum(run, title, chains, make, low_db, high_db):
    """What is left of a noise that `make` has shaped, over plain pink noise, in twelfths of an octave."""
    random = np.random.default_rng(1)
    n = 20 * RATE
    f = np.fft.rfftfreq(n, 1 / RATE)
    pink = np.fft.irfft(np.fft.rfft(random.standard_normal(n)) / np.sqrt(np.maximum(f, 20)), n)
    pink *= 0.05 / pink.std()
    edges = np.geomspace(100, 16000, 90)
    bands = lambda v: [np.sum(np.abs(np.fft.rfft(v)[(f >= a) & (f < b)]) ** 2) for a, b in zip(edges, edges[1:])]
    plain, shaped = np.array(bands(pink)), make(pink)
    picture = figure.Figure(figure.frequencies(100, 16000), figure.Axis(low_db, high_db, "dB over pink noise"), title)
    for name, chain in [("in", None), *chains]:
        y = shaped if chain is None else run(both(shaped), chain)[:, 0]
        picture.line(zip(np.sqrt(edges[1:] * edges[:-1]), db(np.array(bands(y)) / plain)), name)
    return picture


def taken(run, title, chains):
    """Spectrum of a loud programme of chords and hits, and of what is taken from it, in sixths of an octave."""
    picture = figure.Figure(figure.frequencies(40, 18000), figure.Axis(-110, -10, "dBFS", step=20), title)
    n = 6 * RATE
    t = np.arange(n) / RATE
    hit = np.exp(-(t % 0.25) / 0.03)
    noise = np.random.default_rng(3).standard_normal(n)
    x = 0.5 * hit * (0.6 * np.convolve(noise, np.full(4, 0.25), "same") + np.sin(2 * np.pi * 60 * t))
    for k in range(1, 9):
        x += 0.03 / k * sum(np.sin(2 * np.pi * hz * k * t + k) for hz in (110, 138.6, 329.6))
    x *= 0.9 / np.abs(x).max()
    f = np.fft.rfftfreq(n, 1 / RATE)
    edges = np.geomspace(40, 18000, 54)
    window = np.hanning(n)
    bands = lambda v: [np.sum(np.abs(np.fft.rfft(v * window)[(f >= a) & (f < b)]) ** 2) for a, b in zip(edges, edges[1:])]
    for name, chain in [("the sound", None), *chains]:
        v = x if chain is None else x - run(both(x), chain)[:, 0]
        picture.line(zip(np.sqrt(edges[1:] * edges[:-1]), db(np.array(bands(v)) * 2 / np.sum(window) ** 2)), name)
    return picture


def decay(run, title, chains, seconds=1.5):
    """Energy that is still to come after an impulse (Schroeder 1965), of what was added to it."""
    picture = figure.Figure(figure.Axis(0, seconds * 1000, "ms"), figure.Axis(-70, 0, "dB", step=10), title)
    x = np.zeros(int(2 * seconds * RATE))
    x[0] = 0.9
    for name, chain in chains:
        added = run(both(x), chain)[:, 0] - x
        left = np.cumsum(added[::-1] ** 2)[::-1]
        level = db(left / left[0])
        picture.line([(k / RATE * 1000, level[k]) for k in range(0, int(seconds * RATE), 240)], name)
    return picture


GLUE = "compressor band1_threshold_db=-30 band1_ratio=2 band1_knee_db=12 band1_attack_ms=30 band1_release_ms=200"


def four_bands(structure):
    rest = " ".join(f"band{b}_threshold_db=-30 band{b}_ratio={1 if b == 1 else 2}" for b in (1, 2, 3, 4))
    return f"compressor bands=4 band_structure={structure} {rest}"


def resonant(pink):
    """A resonance of +12 dB, Q 30, at 2 kHz, by the bilinear transform."""
    w, gain = 2 * np.pi * 2000 / RATE, 10 ** (12 / 40)
    alpha = np.sin(w) / 60
    b = np.array([1 + alpha * gain, -2 * np.cos(w), 1 - alpha * gain]) / (1 + alpha / gain)
    a = np.array([1 + alpha / gain, -2 * np.cos(w), 1 - alpha / gain]) / (1 + alpha / gain)
    z = np.exp(-2j * np.pi * np.arange(len(pink) // 2 + 1) / len(pink))
    response_of = (b[0] + b[1] * z + b[2] * z * z) / (a[0] + a[1] * z + a[2] * z * z)
    return np.fft.irfft(np.fft.rfft(pink) * response_of, len(pink))


PICTURES = [ # processor, picture, how, title, settings to compare, details
    ("dc_filter", "slopes", response, "Slopes at 20 Hz",
     [(f"{slope} dB per octave", f"dc_filter hz=20 slope_db_per_octave={slope}") for slope in (6, 12, 24)],
     {"low_db": -40, "high_db": 2, "hz": (5, 2000)}),
    ("compressor", "static", static_curve, "Level out over level in: ratios 2 and 4, knees 0 and 12 dB, upward",
     [("ratio 2, knee 12", "compressor band1_threshold_db=-30 band1_ratio=2 band1_knee_db=12"),
      ("ratio 4, knee 0", "compressor band1_threshold_db=-30 band1_ratio=4 band1_knee_db=0"),
      ("upward 2 below -40, at most 6 dB",
       "compressor band1_upward_threshold_db=-40 band1_upward_ratio=2 band1_upward_range_db=6")], {}),
    ("compressor", "time", gain_over_time, "Gain around a burst: attack 30 ms, release 200 ms",
     [("rms", GLUE), ("peak", GLUE + " detector=peak"), ("with a steady release of 1 s", GLUE + " steady_release_ms=1000")],
     {"steps": [(0.3, -50), (0.5, -10), (1.2, -50)], "low_db": -12}),
    ("compressor", "rest", response, "Four bands at rest: shelves leave the sound alone, a crossover turns phase only",
     [(s, four_bands(s)) for s in ("shelves", "crossover")], {"low_db": -0.1, "high_db": 0.1}),
    ("compressor", "bass", harmonics, "50 Hz with 4 dB of reduction",
     [("glue", "compressor band1_threshold_db=-18 band1_ratio=2 band1_knee_db=6 band1_attack_ms=30 band1_release_ms=300")],
     {"hz": 50.0, "level_db": -10.0, "low_hz": 30}),
    ("dynamic_eq", "static", static_curve, "Level of 1 kHz out over level in",
     [("above -30 dB, range -6", "dynamic_eq band1_type=bell band1_hz=1000 band1_threshold_db=-30 band1_range_db=-6"),
      ("below -30 dB, range +6",
       "dynamic_eq band1_type=bell band1_hz=1000 band1_threshold_db=-30 band1_range_db=6 band1_direction=below")], {}),
    ("dynamic_eq", "time", gain_over_time, "Gain at 1 kHz around a burst",
     [("attack 10 ms, release 120 ms",
       "dynamic_eq band1_type=bell band1_hz=1000 band1_threshold_db=-28 band1_range_db=-6 band1_ratio=4"),
      ("attack 1 ms, release 60 ms", "dynamic_eq band1_type=bell band1_hz=1000 band1_threshold_db=-28 band1_range_db=-6 "
       "band1_ratio=4 band1_attack_ms=1 band1_release_ms=60")],
     {"steps": [(0.1, -35), (0.2, -10), (0.5, -35)], "low_db": -8}),
    ("match_eq", "response", response, "A curve of five points in three phases",
     [(phase, f"match_eq mid_curve=50:3,300:-2,2000:1,6000:-3,12000:4 phase={phase}")
      for phase in ("minimum", "mixed", "linear")], {"low_db": -6, "high_db": 6}),
    ("resonance", "spectrum", noise_spectrum, "Pink noise with a resonance of 12 dB at 2 kHz, Q 30",
     [("depth 6 dB", "resonance depth_db=6"), ("depth 12 dB", "resonance depth_db=12")],
     {"make": resonant, "low_db": -3, "high_db": 12}),
    ("saturator", "static", static_curve, "Level of 1 kHz out over level in, 12 dB of drive",
     [(c.replace("_", " "), f"saturator character={c} drive_db=12") for c in ("tape", "tube", "transformer", "soft_clip")],
     {"low_db": -40.0}),
    ("saturator", "tube", harmonics, "What 6 dB of tube adds to 1 kHz",
     [("tube", "saturator character=tube drive_db=6")], {"level_db": -6.0}),
    ("saturator", "alias", harmonics, "5 kHz with 12 dB of drive: harmonics, and nothing between them",
     [("tape", "saturator character=tape drive_db=12"), ("soft clip", "saturator character=soft_clip drive_db=12")],
     {"hz": 5000.0, "level_db": -6.0}),
    ("imager", "width", response, "Level of the sides: four widths, and a mono bass",
     [("80, 110, 120 and 130 %", "imager band1_width_percent=80 band2_width_percent=110 band3_width_percent=120 "
       "band4_width_percent=130"),
      ("mono below 100 Hz", "imager mono_below_hz=100")], {"low_db": -24, "high_db": 6, "side": True}),
    ("reverb", "decay", decay, "Energy still to come after an impulse",
     [(f"{t:g} s", f"reverb return_db=-20 time_s={t:g}") for t in (0.4, 0.8, 1.2)], {}),
    ("equalizer", "bells", response, "Bells at 12 kHz keep the shape of the analogue ones: 6 dB, Q 0.7, 2 and 4",
     [(f"Q {q}", f"equalizer band1_type=bell band1_hz=12000 band1_db=6 band1_q={q}") for q in (0.7, 2, 4)],
     {"low_db": -2, "high_db": 8}),
    ("equalizer", "types", response, "Shelves, tilt and passes",
     [("low shelf, +4 dB at 120 Hz", "equalizer band1_type=low_shelf band1_hz=120 band1_db=4"),
      ("high shelf, -4 dB at 8 kHz", "equalizer band1_type=high_shelf band1_hz=8000 band1_db=-4"),
      ("tilt, 4 dB around 1 kHz", "equalizer band1_type=tilt band1_hz=1000 band1_db=4"),
      ("high-pass, 24 dB per octave at 40 Hz", "equalizer band1_type=high_pass_24 band1_hz=40")],
     {"low_db": -12, "high_db": 6}),
    ("fade", "shapes", gain_over_time, "Four shapes of half a second",
     [(shape.replace("_", " "), f"fade in_s=0.5 in_shape={shape}")
      for shape in ("linear", "equal_power", "s_curve", "logarithmic")],
     {"steps": [(0.6, -6)], "low_db": -60}),
    ("leveler", "time", gain_over_time, "A curve of five points, whole and half",
     [(f"amount {amount} %", f"leveler curve=1:0,2.5:3,4:3,5:-2,6:0 amount_percent={amount}") for amount in (100, 50)],
     {"steps": [(7, -12)], "low_db": -4, "high_db": 4}),
    ("clipper", "spectrum", taken, "What is taken lies under the sound",
     [(f"amount {amount} dB", f"clipper amount_db={amount} drive_db=8 ceiling_dbtp=-1") for amount in (1, 3)], {}),
    ("limiter", "static", static_curve, "Level out over level in at -6 dBTP",
     [("real-time", "limiter ceiling_dbtp=-6 drive_db=0.01"), ("offline", "limiter ceiling_dbtp=-6 solver=offline drive_db=0.01")], {}),
    ("limiter", "time", gain_over_time, "Gain around a burst of 50 ms, 6 dB over the ceiling",
     [("real-time", "limiter ceiling_dbtp=-6"), ("offline", "limiter ceiling_dbtp=-6 solver=offline"),
      ("offline, punchy", "limiter ceiling_dbtp=-6 solver=offline character=punchy")],
     {"steps": [(0.1, -30), (0.05, 0), (0.25, -30)], "low_db": -8}),
    ("limiter", "spectrum", harmonics, "A tone 6 dB over the ceiling",
     [("real-time", "limiter ceiling_dbtp=-12"), ("offline", "limiter ceiling_dbtp=-12 solver=offline")], {"level_db": -6.0}),
]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    wanted = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        run = Runner(sys.argv[1], folder)
        for processor, what, draw, title, chains, settings in PICTURES:
            if wanted and processor not in wanted:
                continue
            path = os.path.join(ROOT, "docs", "processors", f"{processor}-{what}.svg")
            with open(path, "w", encoding="utf-8", newline="\n") as file:
                file.write(draw(run, title, chains, **settings).svg())
            print("drawn:", os.path.relpath(path, ROOT))


if __name__ == "__main__":
    main()
