# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Judges are judged first: signals with known faults must be found, clean ones must pass. Run before every comparison.

Each case: (what, figure, least, most)."""
import math

import numpy as np
from scipy import signal

from . import judge, peaq, second_judge

RATE = 44100


def _music():
    """Two different channels: chords, bass and a drum every half second, 6 s."""
    random, n = np.random.default_rng(3), 6 * RATE
    t = np.arange(n) / RATE
    chord = sum(np.sin(2 * np.pi * hz * t + hz) for hz in (110, 220.5, 331, 447, 880.3, 1330)) * 0.03
    drum = np.zeros(n)
    for at in np.arange(0.5, 5.7, 0.5):
        tail = np.arange(RATE // 5) / RATE
        hit = (random.standard_normal(len(tail)) * 0.5 + np.sin(2 * np.pi * 80 * tail)) * np.exp(-tail / 0.03)
        drum[int(at * RATE):int(at * RATE) + len(tail)] += 0.5 * hit
    hiss = 0.002 * random.standard_normal((n, 2))
    return np.stack([chord + drum, 0.8 * chord[::-1] + 0.7 * drum], 1) + hiss


def _cases():
    x = _music()
    pair = lambda y: judge.Pair(x, y, RATE)
    same = judge.compare(pair(0.7 * x))
    yield "another level only: NMR", same["nmr"], -math.inf, -100
    half = signal.resample(x, 2 * len(x), axis=0)[1::2]
    late = np.concatenate([np.zeros((7, 2)), half])[:len(x)]
    yield "6.5 frames late: lag", pair(late).lag, 6.45, 6.55
    noise = np.random.default_rng(5).standard_normal(x.shape)
    noise *= np.sqrt(np.sum(x * x) / np.sum(noise * noise))
    yield "noise 40 dB down: residual", judge.compare(pair(x + 0.01 * noise))["residual"], -40.5, -39.5
    loud, soft = (judge.compare(pair(x + a * noise))["nmr"] for a in (0.02, 0.002))
    yield "noise 20 dB softer: NMR", loud - soft, 19.5, 20.5
    onsets = second_judge.find_onsets(x, RATE)
    yield "drums found", len(onsets), 10, 12
    echo = x.copy()
    for at in onsets: # what a filter with a long memory does: a soft copy before the hit
        echo[at - 600:at - 200] += 0.1 * x[at:at + 400]
    yield "spill before the drums: rise", second_judge.pre_echo(x, echo, RATE, 0.0)[0], 6, 60
    yield "spill before the drums: NMR in time over plain NMR", \
        second_judge.temporal_ratio(x, echo - x, RATE)[0] - judge.noise_to_mask(x, echo - x, RATE)[0], 3, 60
    dip = np.ones(len(x))
    for at in onsets:
        dip[at:at + 2000] = np.linspace(0.5, 1, 2000)
    linked = x * dip[:, None]
    yield "both channels turned down together: rise", second_judge.pre_echo(x, linked, RATE, 0.0)[0], -60, 0.1
    yield "both channels turned down together: image", second_judge.image_shift(x, linked, RATE), 0, 0.1
    one = x.copy()
    one[2 * RATE:2 * RATE + 4410, 1] *= 10 ** (-1 / 20)
    yield "right 1 dB down for 100 ms: image", second_judge.image_shift(x, one, RATE), 0.9, 1.1
    t = np.arange(6 * RATE) / RATE
    bass = np.stack([np.sin(2 * np.pi * 60 * t)] * 2, 1)
    yield "bass and its 1 % second harmonic", second_judge.bass_distortion(
        bass, bass + 0.01 * np.sin(2 * np.pi * 120 * t)[:, None], RATE), -40.5, -39.5
    yield "bass at another level", second_judge.bass_distortion(bass, 0.5 * bass, RATE), -400, -150
    graded = lambda y, gain_db=0.0: peaq.compare(x, y, RATE, 0, gain_db)["odg"]
    same, dull = graded(0.5 * x, 20 * math.log10(0.5)), graded(x + 0.02 * noise)
    yield "another level only: ODG", same, 0.15, 0.22
    yield "noise 34 dB down: ODG below that", same - dull, 0.5, 4.2
    top = 0.05 * np.abs(x).max()
    yield "clipped 26 dB under the peak: ODG", graded(np.clip(x, -top, top)), -4, -1
    curve = judge.gain_curve(x, linked, RATE)
    deepest = np.nanmin(curve)
    yield "gain curve: deepest", deepest, -6.2, -5.4


def run():
    """Sentences about every case that came out wrong; none when the judges can be trusted."""
    return [f"{what}: {figure:.2f}, expected {least:g} to {most:g}" for what, figure, least, most in _cases()
            if not least <= figure <= most]
