# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sound files as arrays of (frames, channels), decibels, and the weighting that the judges share."""
import numpy as np
import soundfile
from scipy import signal


def read(path):
    """(frames, channels) in double and the rate in Hz."""
    return soundfile.read(path, always_2d=True, dtype="float64")


def write(path, samples, rate):
    """24-bit WAV; a mono array becomes two equal channels, because the limiters are judged in stereo."""
    if samples.ndim == 1:
        samples = np.stack([samples, samples], 1)
    soundfile.write(path, samples, rate, subtype="PCM_24")


def energy_db(energy, floor=1e-30):
    return 10 * np.log10(np.maximum(energy, floor))


def energy(samples):
    return float(np.sum(samples * samples))


def _shelf(rate, hz, gain_db, q):
    """High shelf by the bilinear transform; the exponent of the band gain is that of BS.1770's own filter."""
    k = np.tan(np.pi * hz / rate)
    high = 10 ** (gain_db / 20)
    band = high ** 0.4996667741545416
    norm = 1 + k / q + k * k
    b = np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]) / norm
    return b, np.array([1, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm])


def k_weight(samples, rate):
    """ITU-R BS.1770-5 Annex 1: the pre-filter and the low-frequency cut, re-designed for the rate."""
    b, a = _shelf(rate, 1681.974450955533, 3.999843853973347, 0.7071752369554196)
    samples = signal.lfilter(b, a, samples, axis=0)
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    norm = 1 + k / q + k * k
    return signal.lfilter([1, -2, 1], [1, 2 * (k * k - 1) / norm, (1 - k / q + k * k) / norm], samples, axis=0)


def loudness(samples, rate):
    """Ungated K-weighted level in LUFS of a stretch."""
    return float(-0.691 + energy_db(np.sum(np.mean(k_weight(samples, rate) ** 2, axis=0))))


def frames_of(samples, length, hop):
    """Overlapping frames of one channel as a view (frames, length)."""
    return np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
