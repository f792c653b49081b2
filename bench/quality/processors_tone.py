# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Equalizers against the analogue prototype, curves against their points, high-passes against DC."""
import numpy as np
from scipy.interpolate import CubicHermiteSpline

from . import plot
from .processors_sheet import Axis, Topic, speed_axis
from .processors_tools import CALF, LSP, RATE, X42, Tool, both, db, gain, impulse, response, tone

HEARD = np.geomspace(20, 20000, 600)
HZ_TICKS = [20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000]


# --- Equalizer --------------------------------------------------------------------------------------------------------

def bell(f, hz, level_db, q):
    """The analogue bell whose cut is the inverse of its boost."""
    s, a = 1j * f / hz, gain(level_db / 2)
    return (s * s + s * a / q + 1) / (s * s + s / (a * q) + 1)


def high_shelf(f, hz, level_db, q=np.sqrt(0.5)):
    s, a = 1j * f / hz, gain(level_db / 2)
    return a * (a * s * s + np.sqrt(a) / q * s + 1) / (s * s + np.sqrt(a) / q * s + a)


# The work of eight bands that all of them have: (kind, Hz, dB, Q).
EIGHT = [("high_pass", 30, 0, 0.707), ("low_shelf", 100, 3, 0.707), ("bell", 200, -2.5, 1), ("bell", 500, 3, 1),
         ("bell", 2000, -2.5, 1), ("bell", 5000, 3, 1), ("high_shelf", 8000, -2.5, 0.707),
         ("low_pass", 18000, 0, 0.707)]


def _ours(bands):
    words = [f"band{i}_type={kind} band{i}_hz={hz} band{i}_db={level} band{i}_q={q:.6g}"
             for i, (kind, hz, level, q) in enumerate(bands, 1)]
    return "equalizer " + " ".join(words)


def _lsp(bands, mode):
    kinds, controls = dict(bell=1, high_pass=2, high_shelf=3, low_pass=4, low_shelf=5), dict(fft=0)
    for i, (kind, hz, level, q) in enumerate(bands):
        controls.update({f"ft_{i}": kinds[kind], f"fm_{i}": mode, f"f_{i}": hz, f"g_{i}": gain(level), f"q_{i}": q})
    return controls


def _calf(bands):
    controls, at = dict(analyzer=0), 1
    for kind, hz, level, q in bands:
        name = dict(high_pass="hp", low_shelf="ls", bell=f"p{at}", high_shelf="hs", low_pass="lp")[kind]
        at += kind == "bell"
        controls.update({f"{name}_active": 1, f"{name}_freq": hz, f"{name}_q": q})
        controls.update({f"{name}_mode": 0} if kind.endswith("pass") else {f"{name}_level": gain(level)})
    return controls


def _fil4(bands):
    """Bandwidths in octaves where others have Q; a lone bell takes the fourth section, which reaches highest."""
    controls, at = {}, 4 if len(bands) == 1 else 1
    for kind, hz, level, q in bands:
        if kind == "bell":
            controls.update({f"freq{at}": hz, f"gain{at}": level, f"q{at}": 1 / q})
            at += 1
        elif kind.endswith("shelf"):
            name = "LS" if kind == "low_shelf" else "HS"
            controls.update({f"{name}freq": hz, f"{name}gain": level, f"{name}q": 0.707 / q})
        else:
            name = "High" if kind == "high_pass" else "Low"
            controls.update({f"{name}Pass": 1, f"{name[0]}Pfreq": hz})
    return controls


def _ffmpeg(bands):
    names = dict(bell="equalizer", low_shelf="bass", high_shelf="treble", high_pass="highpass", low_pass="lowpass")
    return ",".join(f"{names[kind]}=f={hz}:t=q:w={q:.6g}" + ("" if kind.endswith("pass") else f":g={level}")
                    for kind, hz, level, q in bands)


def _anequalizer(bands):
    return "anequalizer=" + "|".join(f"c{c} f={hz} w={hz / q:.6g} g={level or 1} t=0" for c in (0, 1)
                                     for _, hz, level, q in bands)


def _sox(bands):
    out = []
    for kind, hz, level, q in bands:
        if kind == "bell":
            out.append(f"equalizer {hz} {q:.6g}q {level}")
        elif kind.endswith("pass"):
            out.append(f"{kind.replace('_', '')} {hz} {q:.6g}q")
        else:
            out.append(f"{'bass' if kind == 'low_shelf' else 'treble'} {level} {hz} {q:.6g}q")
    return " ".join(out)


def equalizer_tools(bench):
    plugin = lambda uri, make: lambda x, bands, rate=RATE: bench.plugin(x, uri, make(bands), rate)
    lsp = lambda mode: plugin(LSP + "para_equalizer_x16_stereo", lambda bands: _lsp(bands, mode))
    return [Tool("Lacquer", lambda x, bands, rate=RATE: bench.ours(x, _ours(bands), rate)),
            Tool("LSP x16, RLC (BT)", lsp(0), "IIR"), Tool("LSP x16, RLC (MT)", lsp(1), "IIR"),
            Tool("LSP x16, APO", lsp(6), "IIR"), Tool("Calf EQ 8", plugin(CALF + "Equalizer8Band", _calf)),
            Tool("x42 fil4", plugin(X42 + "fil4#stereo", _fil4)),
            Tool("ffmpeg equalizer", lambda x, bands, rate=RATE: bench.ffmpeg(x, _ffmpeg(bands), rate)),
            Tool("ffmpeg anequalizer", lambda x, bands, rate=RATE: bench.ffmpeg(x, _anequalizer(bands), rate),
                 "Butterworth; bells only, also for the speed of eight bands"),
            Tool("SoX equalizer", lambda x, bands, rate=RATE: bench.sox(x, _sox(bands), rate))]


def error_curve(tool, kind, hz, width, rate=RATE):
    wanted = bell(HEARD, hz, 6, 2) if kind == "bell" else high_shelf(HEARD, hz, 6)
    return response(lambda x: tool(x, [(kind, hz, 6, width)], rate), HEARD, rate=rate)[0][0] - db(wanted)


def fit_width(tool, kind, guess):
    """The width with which a tool is nearest to the prototype at 1 kHz, where no method is cramped: makers count width
    differently. (width, worst error in dB): golden sections over a factor of four to either side."""
    worst = lambda w: float(np.abs(error_curve(tool, kind, 1000, guess * 2 ** w)).max())
    best, low, high = (worst(0), 0.0), -2.0, 2.0
    if best[0] < 0.02:
        return guess, best[0]
    for _ in range(11):
        a, b = low + 0.382 * (high - low), low + 0.618 * (high - low)
        at_a, at_b = worst(a), worst(b)
        best = min(best, (at_a, a), (at_b, b))
        low, high = (low, b) if at_a < at_b else (a, high)
    return guess * 2 ** best[1], best[0]


def equalizer(bench):
    error = lambda key, words, bar=0.01, **more: Axis(key, words, "dB", bar, digits=3, **more)
    topic = Topic("equalizer", "Equalizer", "Worst error to 20 kHz against the analogue bell (6 dB, Q 2) and shelf "
                  "(6 dB), 44.1 kHz, after each maker's width was fitted at 1 kHz.", [
                      error("bell_1k", "bell 1k", None, same=0.02), error("bell_12k", "bell 12k", same=0.02),
                      error("bell_16k", "bell 16k", same=0.02), error("shelf_12k", "shelf 12k", same=0.02),
                      error("bell_16k_48", "16k at 48", is_ranked=False),
                      error("bell_16k_96", "16k at 96", is_ranked=False), speed_axis(1000)])

    def read(tool):
        width, at_1k = fit_width(tool, "bell", 2.0)
        curves = {hz: error_curve(tool, "bell", hz, width) for hz in (12000, 16000)}
        out = dict(bell_1k=at_1k, bell_12k=np.abs(curves[12000]).max(), bell_16k=np.abs(curves[16000]).max(),
                   curve=curves[16000])
        if "anequalizer" not in tool.title: # it has no shelves
            shelf, _ = fit_width(tool, "high_shelf", 0.70710678)
            out["shelf_12k"] = np.abs(error_curve(tool, "high_shelf", 12000, shelf)).max()
        if tool.is_ours:
            for rate in (48000, 96000):
                out[f"bell_16k_{rate // 1000}"] = np.abs(error_curve(tool, "bell", 16000, width, rate)).max()
        out["speed"] = bench.speed(tool, EIGHT)
        return out

    topic.measure(equalizer_tools(bench), read)
    topic.draw(lambda c: list(HEARD), list, plot.Axis(2000, 20000, True, [2000, 5000, 10000, 20000]),
               plot.Axis(-6, 2), ("Hz", "dB"), "Error of a bell of 6 dB at 16 kHz, 44.1 kHz.",
               ("LSP x16, RLC (BT)",))
    return topic


# --- Match EQ ---------------------------------------------------------------------------------------------------------

def steffen(points):
    """The curve through points (Hz, dB) that never leaves the range of two neighbours (Steffen 1990)."""
    x, y = np.log([p[0] for p in points]), np.array([p[1] for p in points])
    h, s = np.diff(x), np.diff(y) / np.diff(x)
    d = np.zeros(len(x))
    p = (s[:-1] * h[1:] + s[1:] * h[:-1]) / (h[:-1] + h[1:])
    d[1:-1] = (np.sign(s[:-1]) + np.sign(s[1:])) * np.minimum(np.minimum(abs(s[:-1]), abs(s[1:])), abs(p) / 2)
    curve = CubicHermiteSpline(x, y, d)
    return lambda hz: curve(np.clip(np.log(hz), x[0], x[-1]))


def match_tools(bench, points, wanted):
    curve = ",".join(f"{hz:.3f}:{level:.2f}" for hz, level in points)
    entries = ";".join(f"entry({hz:.2f},{wanted(hz):.4f})" for hz in np.geomspace(20, 20000, 60))
    ours = lambda phase: Tool(f"Lacquer, {phase}", lambda x: bench.ours(
        x, f"match_eq mid_curve={curve} side_curve={curve} phase={phase}"))
    fir = lambda words, options: Tool(f"ffmpeg firequalizer{words}", lambda x: bench.ffmpeg(
        x, f"firequalizer={options}gain_entry='{entries}'"), options.strip(":") or "as it comes")
    return [ours("minimum"), ours("mixed"), ours("linear"), fir("", ""), fir(", 0.1 s", "delay=0.1:"),
            fir(", min, 0.1 s", "min_phase=on:delay=0.1:")]


def match_eq(bench):
    random = np.random.default_rng(5)
    points = [(40 * 400 ** (i / 7), round(random.uniform(-6, 6), 2)) for i in range(8)]
    wanted, hz = steffen(points), np.geomspace(40, 16000, 400)
    topic = Topic("match_eq", "Match EQ", "A curve of eight points within 6 dB, 40 Hz to 16 kHz. Look-ahead: how far "
                  "before its largest tap the response first exceeds -120 dB: in real time it is late by at "
                  "least that.", [
                      Axis("rms", "RMS error", "dB", 0.3, same=0.002, digits=3),
                      Axis("worst", "worst error", "dB", same=0.005, digits=3),
                      Axis("pre", "> 5 ms ahead", "dB", -60, same=0.5, floor=-120, digits=1),
                      Axis("ahead", "look-ahead", "ms", same=0.1, digits=1), speed_axis()])

    def read(tool):
        x = impulse(1 << 16, 1 << 15, 0.4)
        y = tool(x)[:, 0] / 0.4
        level = np.interp(hz, np.fft.rfftfreq(len(y), 1 / RATE), db(np.fft.rfft(y)))
        error, main = level - wanted(hz), int(np.argmax(np.abs(y)))
        first = int(np.argmax(np.abs(y) > 1e-6 * np.abs(y[main])))
        return dict(rms=np.sqrt(np.mean(error ** 2)), worst=np.abs(error).max(), ahead=1000 * (main - first) / RATE,
                    pre=max(-140.0, 10 * np.log10(np.sum(y[:main - 220] ** 2) / np.sum(y * y) + 1e-14)),
                    speed=bench.speed(tool), curve=error)

    topic.measure(match_tools(bench, points, wanted), read)
    topic.draw(lambda c: list(hz), list, plot.Axis(40, 16000, True, HZ_TICKS[1:-1]), plot.Axis(-0.4, 0.4), ("Hz", "dB"),
               "Error of the curve.")
    return topic


# --- DC filter --------------------------------------------------------------------------------------------------------

def dc_filter(bench):
    topic = Topic("dc_filter", "DC filter", "5 Hz, 12 dB per octave, on 40 Hz at -12 dBFS over an offset of 0.25: the "
                  "tone's level, the offset left in the first 0.1 s and after 4 s.", [
                      Axis("tone", "40 Hz error", "dB", 0.05, same=0.005, digits=3),
                      Axis("start", "DC at start", "dBFS", -100, same=1, digits=1, floor=-125),
                      Axis("settled", "DC settled", "dBFS", -100, same=1, digits=1, floor=-125), speed_axis()])
    tools = [Tool("Lacquer", lambda x: bench.ours(x, "dc_filter hz=5 slope_db_per_octave=12")),
             Tool("ffmpeg highpass", lambda x: bench.ffmpeg(x, "highpass=f=5:p=2")),
             Tool("ffmpeg highpass, double", lambda x: bench.ffmpeg(x, "highpass=f=5:p=2:r=f64:a=tdii")),
             Tool("SoX highpass", lambda x: bench.sox(x, "highpass 5"))]

    def read(tool):
        x, plain = 0.25 + tone(40, 6, -12), tone(40, 6, -12)
        y, alone = tool(both(x))[:, 0], tool(both(plain))[:, 0]
        level = db(np.abs(np.fft.rfft(y[-RATE:])[40]) / np.abs(np.fft.rfft(plain[-RATE:])[40]))
        left = y - alone # what the offset left behind, without what the filter does to the tone's own start
        return dict(tone=abs(level), start=db(np.sqrt(np.mean(left[:RATE // 10] ** 2)), 1e-7),
                    settled=db(abs(np.mean(y[-2 * RATE:])), 1e-7), speed=bench.speed(tool))

    topic.measure(tools, read)
    return topic
