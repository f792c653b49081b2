# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Width: what widening does to the mono sum and a mono bass to panned sounds. Rooms: decay, density, evenness."""
import numpy as np

from . import plot
from .processors_sheet import Axis, Topic, speed_axis
from .processors_tools import CALF, RATE, ZAM, Tool, db, gain, pink, response, solve

THIRDS = 100 * 2 ** np.arange(0, 7.4, 1 / 3)


# --- Imager -----------------------------------------------------------------------------------------------------------

def band_power(x, centres=THIRDS):
    spectrum = np.abs(np.fft.rfft(x)) ** 2
    f = np.fft.rfftfreq(len(x), 1 / RATE)
    return np.array([spectrum[(f > c * 2 ** (-1 / 6)) & (f <= c * 2 ** (1 / 6))].sum() for c in centres])


def mono_sum(x, y):
    """(error of the sum in dB against its own best gain, level of the sum per third in dB)."""
    a, b = x.sum(1), y.sum(1)
    error = b - a * np.dot(a, b) / np.dot(a, a)
    return max(-125.0, 10 * np.log10(np.dot(error, error) / np.dot(b, b) + 1e-14)), \
        10 * np.log10(band_power(b) / band_power(a))


def stereo():
    """Four seconds of a centre and sides 8 dB below it, without relation."""
    mid, side = pink(4, 21, -20), pink(4, 22, -28)
    return np.stack([mid + side, mid - side], 1)


SUM_AXES = [Axis("error", "sum error", "dB", -120, same=1, floor=-120, digits=1),
            Axis("colour", "sum coloured", "dB", 0.05, same=0.02), Axis("lean", "image leans", "dB", 0.3, same=0.05)]


def _sum_values(x, y):
    error, level = mono_sum(x, y)
    power = (y ** 2).sum(0) / (x ** 2).sum(0)
    return dict(error=error, colour=np.abs(level).max(), lean=abs(10 * np.log10(power[1] / power[0])), curve=level)


def _draw_sum(topic):
    topic.draw(lambda c: list(THIRDS), list, plot.Axis(100, 16000, True, [100, 200, 500, 1000, 2000, 5000, 10000]),
               plot.Axis(-6, 6), ("Hz", "dB"), "Level of the mono sum, thirds of an octave.")


def widening(bench):
    ours = "imager " + " ".join(f"band{b}_width_percent=150" for b in (1, 2, 3, 4))
    tools = [Tool("Lacquer, widths", lambda x: bench.ours(x, ours), "all widths 150 %"),
             Tool("ffmpeg extrastereo", lambda x: bench.ffmpeg(x, "extrastereo=m=1.5:c=0"), "m 1.5"),
             Tool("ffmpeg stereotools", lambda x: bench.ffmpeg(x, "stereotools=slev=1.5"), "slev 1.5"),
             Tool("ffmpeg stereowiden", lambda x: bench.ffmpeg(x, "stereowiden"), "as it comes"),
             Tool("Calf Stereo Tools", lambda x: bench.plugin(x, CALF + "StereoTools", {"slev": 1.5}), "S level 1.5"),
             Tool("Calf Multiband Enhancer", lambda x: bench.plugin(x, CALF + "MultibandEnhancer", {
                 f"base{b}": 0.5 for b in range(4)} | {"mode": 0}), "base 0.5 in all bands, LR4")]
    topic = Topic("widening", "Imager: sides that are there, raised", "Centre and sides of noise, sides raised by 3.5 "
                  "dB where there is a number for it. The sum to mono should stay what it was.",
                  SUM_AXES + [Axis("side", "sides", "dB", is_ranked=False), speed_axis()])

    def read(tool):
        x = stereo()
        y = tool(x)
        side = lambda v: np.sum((v[:, 0] - v[:, 1]) ** 2)
        return _sum_values(x, y) | {"side": 10 * np.log10(side(y) / side(x)), "speed": bench.speed(tool)}

    topic.measure(tools, read)
    _draw_sum(topic)
    return topic


def spreading(bench):
    tools = [Tool("Lacquer, widen", lambda x: bench.ours(x, "imager widen_percent=50"), "widen 50 %"),
             Tool("Calf Multi Spread", lambda x: bench.plugin(x, CALF + "MultiSpread", {
                 f"amount{b}": 4 for b in (1, 2, 3)}), "intensity 4 but in the lowest band"),
             Tool("Calf Haas", lambda x: bench.plugin(x, CALF + "HaasEnhancer", {}), "as it comes"),
             Tool("ffmpeg haas", lambda x: bench.ffmpeg(x, "haas"), "as it comes")]
    topic = Topic("spreading", "Imager: sides made from the middle", "One noise in both channels; sides: level of what "
                  "differs against what is common.",
                  SUM_AXES + [Axis("side", "side / mid", "dB", is_ranked=False, digits=1), speed_axis()])

    def read(tool):
        mono = pink(4, 23, -20)
        x = np.stack([mono, mono], 1)
        y = tool(x)
        mid, side = (np.sum((y[:, 0] + s * y[:, 1]) ** 2) for s in (1, -1))
        return _sum_values(x, y) | {"side": 10 * np.log10(side / mid + 1e-12), "speed": bench.speed(tool)}

    topic.measure(tools, read)
    _draw_sum(topic)
    return topic


def mono_bass(bench):
    tools = [Tool("Lacquer", lambda x: bench.ours(x, "imager mono_below_hz=100"), "mono below 100 Hz"),
             Tool("Calf Multiband Enhancer, LR4", lambda x: bench.plugin(x, CALF + "MultibandEnhancer", {
                 "base0": -1, "freq0": 100, "mode": 0}), "base -1 below 100 Hz"),
             Tool("Calf Multiband Enhancer, LR8", lambda x: bench.plugin(x, CALF + "MultibandEnhancer", {
                 "base0": -1, "freq0": 100, "mode": 1}), "base -1 below 100 Hz")]
    topic = Topic("mono_bass", "Imager: mono bass", "Below 100 Hz. Side at 50 Hz, -24 dB is wanted; above 100 Hz, "
                  "phase between the channels of a sound panned by 6 dB, which should stay in step, and how far the "
                  "mid is from flat.", [
                      Axis("side", "side at 50", "dB", -24, same=0.5, floor=-24, digits=1),
                      Axis("skew", "panned skew", "deg", 0.1, same=0.1, digits=2),
                      Axis("mid", "mid not flat", "dB", 0.01, same=0.001, digits=3), speed_axis()])

    def read(tool):
        hz = np.geomspace(20, 20000, 500)
        level, phase = response(tool, hz, scale=(1.0, 0.5))
        found, inner = gain(level) * np.exp(1j * phase), hz > 100
        mid, side = (db(found[0] + s * found[1]) - db(1 + s * 0.5) for s in (1, -1))
        return dict(side=np.interp(50, hz, side), mid=np.abs(mid[inner]).max(), speed=bench.speed(tool),
                    skew=np.degrees(np.abs(np.angle(found[0] / found[1]))[inner].max()))

    topic.measure(tools, read)
    return topic


# --- Reverb -----------------------------------------------------------------------------------------------------------

OCTAVES = 250 * 2.0 ** np.arange(6)
NOISE_SCATTER_DB = 5.57 # standard deviation of the decibels of a spectrum of noise: pi / sqrt(6) * 10 / ln(10)


def octave_t60(h, centre):
    """Decay time from Schroeder's integral of an octave, -5 to -25 dB (ISO 3382: T20)."""
    size = 1 << 18
    f = np.fft.rfftfreq(size, 1 / RATE)
    off = np.abs(np.log2(np.maximum(f, 1) / centre))
    weight = np.where(off < 5 / 12, 1, np.where(off > 7 / 12, 0, 0.5 + 0.5 * np.cos((off - 5 / 12) * 6 * np.pi)))
    band = np.fft.irfft(np.fft.rfft(h, size) * np.sqrt(weight))[:len(h)]
    left = np.cumsum(band[::-1] ** 2)[::-1]
    level = 10 * np.log10(left / left[0] + 1e-30)
    used = (level <= -5) & (level >= -25)
    return -60 / np.polyfit(np.flatnonzero(used) / RATE, level[used], 1)[0]


def echo_density(h, at_s):
    """Share of samples beyond one standard deviation within 20 ms, over that of noise (Abel and Huang 2006)."""
    half = RATE // 100
    part = h[round(at_s * RATE) - half:round(at_s * RATE) + half]
    window = np.hanning(len(part))
    window /= window.sum()
    return np.sum(window * (np.abs(part) > np.sqrt(np.sum(window * part ** 2)))) / 0.3173


def scatter_db(h, t60):
    """How far the late spectrum scatters, decay undone and tone taken out in thirds, over what noise has."""
    start = round(0.1 * RATE)
    part = h[start:start + round(max(0.5, t60) * RATE)]
    part = part * 10 ** (3 * np.arange(len(part)) / RATE / t60) * np.hanning(len(part))
    f = np.fft.rfftfreq(1 << 17, 1 / RATE)
    used = (f > 300) & (f < 6000)
    level, octave = db(np.fft.rfft(part, 1 << 17)[used], 1e-12), np.log2(f[used])
    knots = np.linspace(octave[0], octave[-1], 14)
    tone = np.interp(octave, knots, [np.mean(level[np.abs(octave - k) < 1 / 6]) for k in knots])
    return (level - tone).std() - NOISE_SCATTER_DB


def reverb_tools(bench):
    """render(x, seconds) -> the return alone. What has no time in seconds says so, and is given a share or nothing."""
    def ours(x, seconds):
        y, speed = bench.ours(x, "reverb return_db=-6 predelay_ms=0 send_highpass_hz=20 send_lowpass_hz=20000 "
                              f"high_time_percent=100 time_s={seconds:g}")
        return y - x, speed
    calf = lambda x, seconds: bench.plugin(x, CALF + "Reverb", dict(
        decay_time=seconds, dry=0, amount=1, room_size=0, hf_damp=20000, bass_cut=20, treble_cut=20000))
    return [Tool("Lacquer", ours, "flat time, send open, return only"),
            Tool("Calf Reverb", calf, "small, its densest; damping and cuts open, wet only"),
            Tool("SoX reverb", lambda x, s: bench.sox(x, f"reverb -w {50 * s:.4f} 0 50 100 0 0"),
                 "reverberance solved for, no damping, wet only; no time in seconds"),
            Tool("ZamVerb", lambda x, s: bench.plugin(x, ZAM + "ZamVerb", {"wetdry": 100}),
                 "a recorded room, wet only; no time at all")]


def paths(tool, seconds):
    """The four responses from each channel to each."""
    out = []
    for channel in (0, 1):
        x = np.zeros((round(3.5 * RATE), 2))
        x[0, channel] = 0.5
        out += [h for h in tool(x, seconds).T if np.max(np.abs(h)) > gain(-100)]
    return out


def reverb(bench):
    topic = Topic("reverb", "Reverb", "Impulse responses, mean of all ways in and out. Time: worst octave from 250 Hz "
                  "to 8 kHz against what was set, the same in all. The rest at a decay of 0.6 s from 500 Hz to 2 kHz, "
                  "solved for where a tool's numbers are others. ZamHeadX2 is a place in space and no room: "
                  "left out.", [
                      Axis("t60", "T60 off, 1 s", "%", 5, same=0.5, digits=1),
                      Axis("t60_short", "T60 off, 0.6 s", "%", 5, same=0.5, digits=1),
                      Axis("uneven", "octaves uneven", "%", same=0.5, digits=1),
                      Axis("density", "density 60 ms", "", 0.9, False, same=0.03, floor=1.0),
                      Axis("scatter", "late scatter", "dB", 1.5, same=0.2, floor=0.0),
                      Axis("mean_s", "mean T60", "s", is_ranked=False), speed_axis(200)])

    def decay(tool, seconds):
        found = paths(tool, seconds)
        return found, np.mean([[octave_t60(h, hz) for hz in OCTAVES] for h in found], 0)

    def read(tool):
        out, setting = {}, 0.6
        if "no time" not in tool.settings:
            out["t60"] = 100 * np.abs(decay(tool, 1.0)[1] / 1.0 - 1).max()
            out["t60_short"] = 100 * np.abs(decay(tool, 0.6)[1] / 0.6 - 1).max()
        if not tool.is_ours and "no time at all" not in tool.settings:
            setting = solve(lambda s: np.mean(decay(tool, s)[1][1:4]), 0.6, 0.6, 1.0, 0.1, 2.0, 0.02)[0]
        found, times = decay(tool, setting)
        middle = float(np.mean(times[1:4]))
        out["density"] = np.mean([echo_density(h, np.argmax(np.abs(h) > 0.01 * np.abs(h).max()) / RATE + 0.06)
                                  for h in found])
        out["scatter"] = np.mean([scatter_db(h, middle) for h in found])
        return out | dict(uneven=100 * np.abs(times / middle - 1).max(), mean_s=middle, curve=times,
                          speed=bench.speed(tool, setting))

    topic.measure(reverb_tools(bench), read)
    topic.draw(lambda c: list(OCTAVES), list, plot.Axis(250, 8000, True, list(OCTAVES)), plot.Axis(0, 1), ("Hz", "s"),
               "Decay time per octave, 0.6 s in the middle.")
    return topic
