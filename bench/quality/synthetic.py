# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Made signals with known answers. Peaks at -1 dBFS, ceiling -1: the drive is the amount over.

Every row: (key, title, unit, better is lower). `measure_all` renders and reads them for one driver.
"""
import os

import numpy as np
from scipy import signal

from . import judge, search, second_judge, signals

RATE, GRID = 44100, 65536
CEILING_DB = -1.0
TOP = 10 ** (CEILING_DB / 20)
STEP_S = 0.00025 # of the gain curve after the burst
BASS_HZ = (31.5, 40, 63, 80, 100, 125, 160, 250)
ROWS = [
    ("thd_50", "THD, 50 Hz, 6 dB over", "dB"),
    ("thd_bass", "THD, worst of 31.5 to 250 Hz, 6 dB over", "dB"),
    ("smpte", "SMPTE, 60 Hz and 7 kHz, 6 dB over", "dB"),
    ("ccif", "CCIF, 18.5 and 19.5 kHz, 6 dB over", "dB"),
    ("thdn_997", "THD+N, 997 Hz, 6 dB over", "dB"),
    ("recovery_ms", "Recovery to 1 dB after 50 ms of 997 Hz, 6 dB over", "ms"),
    ("torture_db", "True peak over the ceiling, worst of the torture signals", "dB"),
    ("null_db", "Nothing to limit: largest change", "dBFS"),
    ("pre_echo_hits", "Rise 5 to 20 ms before lone hits, 12 dB over", "dB"),
]


def on_grid(hz):
    """The nearest frequency with a whole number of cycles in GRID frames."""
    return round(hz * GRID / RATE) * RATE / GRID


def _tones(seconds, *parts):
    """Sum of (amplitude, Hz) with 20 ms fades."""
    t = np.arange(int(seconds * RATE)) / RATE
    fade = np.minimum(1, np.minimum(t, t[::-1]) / 0.02)
    return TOP * fade * sum(a * np.sin(2 * np.pi * on_grid(hz) * t) for a, hz in parts)


def _burst():
    t = np.arange(3 * RATE) / RATE
    level = np.where((t > 1) & (t < 1.05), TOP, 0.05)
    return level * np.sin(2 * np.pi * on_grid(997) * t)


def _torture():
    """A quarter of the rate at 45 degrees, bursts at 0.49 of it, clipped and white noise, alternating signs, clicks."""
    length = RATE // 2
    random, n = np.random.default_rng(4410), np.arange(length)
    quarter = np.sqrt(0.5) * np.sign(np.sin(np.pi / 2 * n + np.pi / 4))
    bursts = np.sin(2 * np.pi * 0.49 * n) * ((n // 2205) % 2)
    noise = random.standard_normal(length)
    clipped = np.clip(signal.sosfilt(signal.butter(2, 2000, fs=RATE, output="sos"), 4 * noise), -1, 1)
    alternating = np.where(n % 2, 1.0, -1.0) * ((n // 4410) % 2)
    clicks = np.zeros(length)
    clicks[::1471] = random.choice([-1.0, 1.0], len(clicks[::1471]))
    hats = noise * np.exp(-(n % 5512) / 600.0)
    parts = [quarter, bursts, clipped, noise / np.abs(noise).max(), alternating, clicks, hats / np.abs(hats).max()]
    gap = np.zeros(RATE // 10)
    return TOP * np.concatenate([x for part in parts for x in (part, gap)])


def _quiet():
    noise = np.random.default_rng(7).standard_normal((4 * RATE, 2))
    pink = signal.lfilter([0.05, -0.0959, 0.0508, -0.0044], [1, -2.4949, 2.0172, -0.5222], noise, axis=0)
    return 0.8 * pink / np.abs(pink).max()


def _hits():
    """Drum-like hits over a bed 60 dB down, so that what comes before them is heard."""
    random, length = np.random.default_rng(11), 6 * RATE
    out = 0.001 * random.standard_normal(length)
    t = np.arange(RATE // 4) / RATE
    for number, at in enumerate(np.arange(0.4, 5.6, 0.4)):
        kick = np.sin(2 * np.pi * 90 * t * (1 + 2 * np.exp(-t / 0.01))) * np.exp(-t / 0.05)
        snare = random.standard_normal(len(t)) * np.exp(-t / 0.03) * 0.4
        hit = (kick, snare, 0.6 * kick + snare)[number % 3]
        out[int(at * RATE):int(at * RATE) + len(t)] += hit / np.abs(hit).max()
    return TOP * out / np.abs(out).max()


def _bass():
    return np.concatenate([_tones(2.5, (1, hz)) for hz in BASS_HZ])


SIGNALS = { # key: (maker, drives in dB)
    "thd_50": (lambda: _tones(4, (1, 50)), [6]),
    "thd_bass": (_bass, [6]),
    "smpte": (lambda: _tones(4, (0.8, 60), (0.2, 7000)), [6]),
    "ccif": (lambda: _tones(4, (0.5, 18500), (0.5, 19500)), [6]),
    "thdn_997": (lambda: _tones(4, (1, 997)), [6]),
    "recovery_ms": (_burst, [6]),
    "torture_db": (_torture, [6, 18]),
    "null_db": (_quiet, [0]),
    "pre_echo_hits": (_hits, [12]),
}


def spectrum(samples):
    """Power per bin of the GRID frames in the middle; a full-scale sine is 1."""
    window = signal.windows.blackmanharris(GRID, sym=False)
    middle = len(samples) // 2 - GRID // 2
    return np.abs(np.fft.rfft(samples[middle:middle + GRID] * window)) ** 2 / (window.sum() / 2) ** 2


def _near(power, hz, reach=6):
    k = round(hz * GRID / RATE)
    return slice(max(k - reach, 0), k + reach + 1)


def harmonics_db(samples, hz):
    power, hz = spectrum(samples), on_grid(hz)
    n = int(20000 // hz)
    return float(signals.energy_db(sum(power[_near(power, hz * h)].sum() for h in range(2, n + 1)) /
                                   power[_near(power, hz)].sum(), 1e-15))


def rest_db(samples, tones):
    """Everything from 20 Hz to 20 kHz but the tones, against them."""
    power = spectrum(samples)
    rest, wanted = power.copy(), 0.0
    for hz in tones:
        wanted += power[_near(power, on_grid(hz))].sum()
        rest[_near(power, on_grid(hz))] = 0
    low, high = round(20 * GRID / RATE), round(20000 * GRID / RATE)
    return float(signals.energy_db(rest[low:high].sum() / wanted, 1e-15))


def sidebands_db(samples, low_hz=60, high_hz=7000):
    power, low, high = spectrum(samples), on_grid(low_hz), on_grid(high_hz)
    bands = sum(power[_near(power, high + m * low, 3)].sum() for m in range(-10, 11) if m)
    return float(signals.energy_db(bands / power[_near(power, high)].sum(), 1e-15))


def recovery(source, output):
    """(ms until the gain stays within 1 dB of where it ends, the gain in dB per step from 20 ms before the burst)."""
    aligned = judge.align(source, judge.delay_frames(source, output, RATE))
    curve = judge.gain_curve(aligned, output, RATE, STEP_S)
    place = lambda s: int(round(s * RATE / int(round(STEP_S * RATE))))
    curve = curve - np.nanmedian(curve[place(2.4):place(2.9)])
    start = place(1.05) + 2 # a step and its neighbours that hold nothing of the burst
    after = np.flatnonzero(np.abs(np.nan_to_num(curve[start:place(2.9)])) > 1.0)
    last = (after[-1] + 3) * int(round(STEP_S * RATE)) / RATE * 1000 if len(after) else 0.0
    return float(last), curve[place(0.98):place(1.25)]


def null(source, output):
    """Largest difference in dBFS, -inf when not a bit differs."""
    n = min(len(source), len(output))
    if np.array_equal(source[:n], output[:n]):
        return float("-inf")
    aligned = judge.align(source, judge.delay_frames(source, output, RATE))
    inner = slice(RATE // 5, n - RATE // 5)
    return float(20 * np.log10(np.abs(aligned[inner] - output[:n][inner]).max() + 1e-12))


def read_one(key, source, output, drive_db, true_peak):
    """(figure, picture data or None) of one render."""
    left = output[:, 0]
    if key == "thd_50":
        power = spectrum(left)
        picture = signals.energy_db(power[:1001] / power.max(), 1e-18)
        return harmonics_db(left, 50), [round(float(v), 1) for v in picture[::2]]
    if key == "thd_bass":
        length = int(2.5 * RATE)
        return max(harmonics_db(left[i * length:(i + 1) * length], hz) for i, hz in enumerate(BASS_HZ)), None
    if key == "smpte":
        return sidebands_db(left), None
    if key == "ccif":
        return rest_db(left, (18500, 19500)), None
    if key == "thdn_997":
        return rest_db(left, (997,)), None
    if key == "recovery_ms":
        figure, curve = recovery(source, output)
        return figure, [None if np.isnan(v) else round(float(v), 2) for v in curve]
    if key == "torture_db":
        return true_peak - CEILING_DB, None
    if key == "null_db":
        return null(source, output), None
    pair = judge.Pair(source, output, RATE)
    return second_judge.pre_echo(pair.aligned, pair.output, RATE, drive_db)[0], None


def make(folder):
    """Writes all signals; {key: path}."""
    os.makedirs(folder, exist_ok=True)
    paths = {}
    for key, (maker, _) in SIGNALS.items():
        paths[key] = os.path.join(folder, key + ".wav")
        signals.write(paths[key], maker(), RATE)
    return paths


def measure_all(driver, paths, measurer, scratch):
    """{"rows": {key: figure}, "pictures": {key: [..]}} of one driver."""
    rows, pictures = {}, {}
    for key, (_, drives) in SIGNALS.items():
        source, _ = signals.read(paths[key])
        for drive_db in drives:
            driver.render(paths[key], scratch, drive_db, CEILING_DB)
            output, _ = signals.read(scratch)
            true_peak = search.measure(measurer, scratch)[1] if key == "torture_db" else None
            figure, picture = read_one(key, source, output, drive_db, true_peak)
            rows[key] = max(rows.get(key, -np.inf), figure)
            if picture:
                pictures[key] = picture
    search.remove(scratch)
    return dict(rows=rows, pictures=pictures)
