# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What listens to single places of the spectrum: resonances that come and go, and sharp consonants."""
import numpy as np
from scipy import signal

from . import plot
from .drivers import Failed
from .processors_sheet import Axis, Topic, speed_axis
from .processors_space import THIRDS, band_power
from .processors_tools import CALF, RATE, ZAM, Tool, both, gain, pink, solve
from .processors_tone import bell

RESONANCE_HZ, RESONANCE_DB, RESONANCE_Q = 2000, 12, 30


# --- Resonance --------------------------------------------------------------------------------------------------------

def resonant(x):
    """A bell of 12 dB and Q 30 at 2 kHz, by the frequency."""
    f = np.fft.rfftfreq(len(x), 1 / RATE)
    return np.fft.irfft(np.fft.rfft(x) * bell(f, RESONANCE_HZ, RESONANCE_DB, RESONANCE_Q), len(x))


def ringing():
    """(pink noise, the same with the resonance from 2 to 4 and from 6 to 8 s)."""
    plain = pink(8, 31, -20)
    switch = np.repeat([0.0, 1.0, 0.0, 1.0], 2 * RATE)
    switch = np.convolve(switch, np.ones(400) / 400, "same")
    return plain, plain + switch * (resonant(plain) - plain)


def at_resonance(x):
    f = np.fft.rfftfreq(len(x), 1 / RATE)
    half = RESONANCE_HZ / RESONANCE_Q / 4
    return np.sum(np.abs(np.fft.rfft(x)[np.abs(f - RESONANCE_HZ) < half]) ** 2)


def told_tools(bench):
    """render(x, t): dynamic equalizers that are told the place; a threshold of -t dB is searched for."""
    zam = lambda x, t: bench.plugin(x, ZAM + "ZamDynamicEQ", dict(
        thr=-t, rat=5, max=10, att=15, rel=120, kn=0, slew=1, togglepeak=1, detectfreq=RESONANCE_HZ,
        targetfreq=RESONANCE_HZ, targetwidth=1, boostcut=0))
    ffmpeg = lambda x, t: bench.ffmpeg(x, f"adynamicequalizer=threshold={100 * gain(-t):.6g}:dfrequency={RESONANCE_HZ}:"
                                       f"dqfactor=30:tfrequency={RESONANCE_HZ}:tqfactor=30:attack=15:release=120:"
                                       "ratio=20:range=12")
    ours = lambda x, t: bench.ours(x, f"dynamic_eq band1_type=bell band1_hz={RESONANCE_HZ} band1_q=20 band1_knee_db=0 "
                                   f"band1_threshold_db={-t:.4f} band1_ratio=20 band1_range_db=-12 band1_attack_ms=15")
    return [Tool("Lacquer dynamic_eq", ours, "Q 20 (its narrowest), ratio 20, range 12 dB, 15/120 ms"),
            Tool("ffmpeg adynamicequalizer", ffmpeg, "Q 30, ratio 20, range 12 dB, 15/120 ms"),
            Tool("ZamDynamicEQ", zam, "narrowest, ratio 5, most 10 dB, 15/120 ms")]


def ringing_axes(left_bar=None):
    return [Axis("left", "left of it", "dB", left_bar, same=0.3), Axis("off", "change while off", "dB", same=0.1),
            Axis("elsewhere", "elsewhere", "dB", 0.3, same=0.02, digits=3), speed_axis(200)]


class Ringing:
    """The signal, and what is read of what a tool made of it."""

    def __init__(self):
        self.plain, self.x = ringing()
        self.on = np.r_[round(2.5 * RATE):round(3.9 * RATE), round(6.5 * RATE):round(7.9 * RATE)]
        self.off = np.r_[round(4.5 * RATE):round(5.9 * RATE)]

    def change(self, y, part):
        return 10 * np.log10(at_resonance(y[part]) / at_resonance(self.plain[part]))

    def left(self, tool, *task):
        return self.change(tool(both(self.x), *task)[:, 0], self.on)

    def read(self, bench, tool, *task):
        y = tool(both(self.x), *task)[:, 0]
        moved = 10 * np.log10(band_power(y[self.on]) / band_power(self.x[self.on]))
        rest = np.abs(np.log2(THIRDS / RESONANCE_HZ)) > 0.45
        return dict(left=abs(self.change(y, self.on)), off=abs(self.change(y, self.off)),
                    elsewhere=np.abs(moved[rest]).max(), speed=bench.speed(tool, *task), curve=moved)

    def read_solved(self, bench, tool, wanted):
        threshold, off = solve(lambda t: self.left(tool, t), 42.0, wanted, -0.5, 6, 70, 0.05)
        if abs(off) > 1:
            raise Failed(f"leaves {wanted + off:.1f} dB at best, asked for {wanted:.1f}")
        return self.read(bench, tool, threshold)


def _draw(topic):
    topic.draw(lambda c: list(THIRDS), list, plot.Axis(100, 16000, True, [100, 200, 500, 1000, 2000, 5000, 10000]),
               plot.Axis(-10, 2), ("Hz", "dB"), "Change while the resonance sounds, thirds of an octave.")
    return topic


def resonance(bench):
    """Two topics: found by itself, and told where."""
    signals, words = Ringing(), "12 dB, Q 30, at 2 kHz in pink noise, two seconds on, two off. "
    own = Tool("Lacquer resonance", lambda x: bench.ours(x, "resonance depth_db=18"), "depth 18 dB")
    finding = Topic("resonance", "A resonance that comes and goes", words + "Our resonance finds it; the others are "
                    "told where it is, their threshold solved for until as much is left.", ringing_axes(3))
    finding.measure([own], lambda tool: signals.read(bench, tool))
    if finding.rows:
        wanted = finding.rows[0]["values"]["left"]
        finding.measure(told_tools(bench)[1:], lambda tool: signals.read_solved(bench, tool, wanted))
    told = Topic("dynamic_eq", "Dynamic equalizer at a resonance", words + "All are told where it is, the threshold "
                 "solved for until 3 dB are left.", ringing_axes())
    told.measure(told_tools(bench), lambda tool: signals.read_solved(bench, tool, 3.0))
    return [_draw(finding), _draw(told)]


# --- De-esser ---------------------------------------------------------------------------------------------------------

def voice():
    """(a voice with sharp consonants, where those are): harmonics of 140 Hz through four formants in syllables of
    0.34 s, and bursts of 0.1 s between them, noise from 5 to 9 kHz."""
    n = 6 * RATE
    t = np.arange(n) / RATE
    pulses = np.zeros(n)
    pulses[(np.cumsum(140 + 6 * np.sin(2 * np.pi * 5 * t)) / RATE % 1 < 140 / RATE)] = 1
    sung = sum(signal.lfilter(*signal.iirpeak(hz, q, RATE), pulses) * level for hz, q, level in
               ((650, 8, 1.0), (1100, 10, 0.5), (2500, 14, 0.1), (3500, 14, 0.05)))
    beat = t % 0.5
    ramp = lambda start, end: np.clip((beat - start) / 0.01, 0, 1) * np.clip((end - beat) / 0.01, 0, 1)
    noise = signal.sosfilt(signal.butter(4, [5000, 9000], "band", fs=RATE, output="sos"),
                           np.random.default_rng(41).standard_normal(n))
    vowel, ess = sung / np.abs(sung).max() * ramp(0.02, 0.36), noise / noise.std() * ramp(0.39, 0.49)
    return 0.25 * (vowel / vowel[vowel != 0].std() * 0.3 + 0.2 * ess), ramp(0.40, 0.48) > 0.99


def deesser_tools(bench):
    """render(x, how much): a threshold, searched for until the bursts are 6 dB down."""
    ours = lambda x, t: bench.ours(x, f"dynamic_eq band1_type=bell band1_hz=6700 band1_q=0.5 band1_detector=relative "
                                   f"band1_threshold_db={-t:.4f} band1_ratio=10 band1_range_db=-7 band1_attack_ms=1 "
                                   "band1_release_ms=60")
    calf = lambda mode: lambda x, t: bench.plugin(x, CALF + "Deesser", dict(
        threshold=gain(-t), ratio=4, mode=mode, f1_freq=5000, f2_freq=6700, f2_level=1, laxity=5))
    return [Tool("Lacquer dynamic_eq", ours, "relative, bell at 6700 Hz, ratio 10, range 7 dB, 1/60 ms"),
            Tool("Calf Deesser, split", calf(1), "split at 5000 Hz, ratio 4, laxity 5"),
            Tool("Calf Deesser, wide", calf(0), "side-chain from 5000 Hz, ratio 4, laxity 5"),
            Tool("ffmpeg deesser", lambda x, t: bench.ffmpeg(x, f"deesser=i={min(1, t / 60):.6g}:m=0.5:f=0.5"),
                 "intensity solved for, the rest as it comes")]


def deesser(bench):
    topic = Topic("deesser", "De-esser", "A made voice with bursts of 5 to 9 kHz, which are to go down by 6 dB. "
                  "Vowels: what is added to them and how their level changes; last, how far from 6 dB when all is 20 "
                  "dB quieter.", [
                      Axis("off", "bursts off 6", "dB", 1, same=0.1),
                      Axis("error", "vowels error", "dB", same=1, digits=1),
                      Axis("vowel", "vowels level", "dB", 0.2, same=0.02, digits=3),
                      Axis("quiet", "off, quieter", "dB", 1, same=0.1), speed_axis()])
    x, in_burst = voice()
    ess = signal.butter(4, [5000, 9000], "band", fs=RATE, output="sos")
    burst = lambda v: np.sum(signal.sosfiltfilt(ess, v)[in_burst] ** 2)
    vowel = np.abs(np.r_[0:len(x)] / RATE % 0.5 - 0.19) < 0.17

    def read(tool):
        drop = lambda t, level=1.0: 10 * np.log10(burst(tool(both(x * level), t)[:, 0]) / burst(x * level))
        amount, off = solve(drop, 15.0, -6.0, -0.4, 0.5, 60.0, 0.05, 12)
        if abs(off) > 1:
            raise Failed(f"cannot be set to -6 dB ({off - 6:.1f} at best)")
        y = tool(both(x), amount)[:, 0]
        error = y[vowel] - x[vowel]
        return dict(off=abs(off), error=10 * np.log10(np.sum(error ** 2) / np.sum(x[vowel] ** 2) + 1e-12),
                    vowel=abs(10 * np.log10(np.sum(y[vowel] ** 2) / np.sum(x[vowel] ** 2))),
                    quiet=abs(drop(amount, 0.1) + 6), speed=bench.speed(tool, amount))

    topic.measure(deesser_tools(bench), read)
    return topic
