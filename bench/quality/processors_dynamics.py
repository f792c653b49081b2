# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compressors, of one band and of several.

All get ratio 2 and the same times; thresholds are solved for, so that each takes the same 4 dB where distortion and
ripple are read. The static curve may be shifted as a whole: makers read a sine 3 dB apart."""
import numpy as np

from . import plot
from .drivers import Failed
from .processors_sheet import Axis, Topic, speed_axis
from .processors_tools import CALF, LSP, RATE, X42, ZAM, Tool, both, db, gain, lines, response, solve, thd_db, tone

SPLITS = (200, 1000, 8000)
GLUE, QUICK, CURVE = (30.0, 200.0), (5.0, 60.0), (10.0, 60.0) # attack and release in ms
REST_DB = 0.0
STEP_PERIOD = 14 # frames of the tone of the step: 3150 Hz; its square repeats every 7


# --- Who: render(x, threshold in dB, (attack, release) in ms) ---------------------------------------------------------

def _ours_one(detector):
    return lambda t, a, r: (f"compressor detector={detector} band1_threshold_db={t:.4f} band1_ratio=2 band1_knee_db=0 "
                            f"band1_attack_ms={a} band1_release_ms={r}")


def _ours_bands(structure, detector):
    def make(t, a, r):
        bands = " ".join(f"band{b}_threshold_db={t:.4f} band{b}_ratio=2 band{b}_knee_db=0 band{b}_attack_ms={a} "
                         f"band{b}_release_ms={r}" for b in (1, 2, 3, 4))
        splits = " ".join(f"crossover{i}_hz={hz}" for i, hz in enumerate(SPLITS, 1))
        return f"compressor bands=4 detector={detector} band_structure={structure} band_coupling_db=60 {splits} {bands}"
    return make


def _lsp_one(mode):
    return lambda t, a, r: dict(scm=mode, sla=0, al=gain(t), at=a, rt=r, cr=2, kn=1)


def _lsp_bands(t, a, r, mode):
    controls = {f"cbe_{i}": 0 for i in (1, 3, 5, 7)} | {"envb": 0} # its side-chain is tilted as it comes
    for band, hz in zip((2, 4, 6), SPLITS):
        controls.update({f"cbe_{band}": 1, f"sf_{band}": hz})
    for band in (0, 2, 4, 6):
        controls.update({f"al_{band}": gain(t), f"at_{band}": a, f"rt_{band}": r, f"cr_{band}": 2, f"kn_{band}": 1,
                         f"scm_{band}": mode})
    return controls


def _calf_one(detection):
    return lambda t, a, r: dict(threshold=gain(t), ratio=2, attack=a, release=r, knee=1, detection=detection)


def _calf_bands(t, a, r, detection):
    controls = {f"freq{i}": hz for i, hz in enumerate(SPLITS)} | {"mode": 0}
    for b in range(4):
        controls.update({f"bypass{b}": 0, f"threshold{b}": gain(t), f"ratio{b}": 2, f"attack{b}": a, f"release{b}": r,
                         f"knee{b}": 1, f"detection{b}": detection})
    return controls


def _zam_one(t, a, r):
    return dict(thr=t, rat=2, att=a, rel=r, kn=0, stereodet=1)


def _zam_bands(t, a, r):
    controls = dict(xover1=SPLITS[0], xover2=SPLITS[2])
    for b in (1, 2, 3):
        controls.update({f"toggle{b}": 1, f"thr{b}": t, f"rat{b}": 2, f"att{b}": a, f"rel{b}": r, f"kn{b}": 0})
    return controls


def _darc(bench):
    """It makes up for what it would take at -10 dBFS; here that is taken back."""
    def render(x, t, times):
        t, ratio = min(max(t, -50), -10), 0.5
        y, speed = bench.plugin(x, X42 + "darc#stereo", dict(threshold=t, Ratio=ratio, attack=times[0] / 1000,
                                                             release=times[1] / 1000))
        return y * gain(ratio * (t + 10)), speed
    return Tool("x42 darc", render, "ratio at the middle, makeup taken back; its bend is soft: no static curve")


def _acompressor(detection):
    return lambda t, a, r: (f"acompressor=threshold={gain(t):.9g}:ratio=2:attack={a}:release={r}:knee=1:"
                            f"detection={detection}")


def _mcompand(t, a, r):
    points = f"-90/-90,{t:.4f}/{t:.4f},0/{t / 2:.4f}" if t < -0.01 else "-90/-90,0/0"
    return "mcompand='" + " | ".join(f"{a / 1000},{r / 1000} 0.01 {points} {hz}" for hz in (*SPLITS, 22000)) + "'"


def _tool(title, run, make, settings=""):
    return Tool(title, lambda x, t, times: run(x, make(t, *times)), settings)


def _plugin(bench, uri):
    return lambda x, controls: bench.plugin(x, uri, controls)


def one_band_tools(bench):
    """{detector: tools}."""
    lsp, calf = _plugin(bench, LSP + "compressor_stereo"), _plugin(bench, CALF + "Compressor")
    zam = _plugin(bench, ZAM + "ZamCompX2")
    means = [_tool("Lacquer, rms", bench.ours, _ours_one("rms"), "mean over 10 ms"),
             _tool("LSP, rms", lsp, _lsp_one(1), "reactivity 10 ms"), _tool("Calf, rms", calf, _calf_one(0)),
             _tool("ffmpeg acompressor, rms", bench.ffmpeg, _acompressor("rms")),
             _darc(bench)]
    peaks = [_tool("Lacquer, peak", bench.ours, _ours_one("peak")), _tool("LSP, peak", lsp, _lsp_one(0)),
             _tool("Calf, peak", calf, _calf_one(1)),
             _tool("ffmpeg acompressor, peak", bench.ffmpeg, _acompressor("peak")), _tool("ZamComp", zam, _zam_one)]
    return {"rms": means, "peak": peaks}


def several_band_tools(bench):
    """{detector: tools}."""
    lsp = lambda mode: (_plugin(bench, LSP + "mb_compressor_stereo"), lambda t, a, r: _lsp_bands(t, a, r, mode),
                        "modern")
    calf = lambda d: (_plugin(bench, CALF + "MultibandCompressor"), lambda t, a, r: _calf_bands(t, a, r, d), "LR4")
    ours = lambda structure, detector: (bench.ours, _ours_bands(structure, detector), "bands not coupled")
    means = [_tool("Lacquer, shelves, rms", *ours("shelves", "rms")),
             _tool("Lacquer, crossover, rms", *ours("crossover", "rms")), _tool("LSP multiband, rms", *lsp(1)),
             _tool("Calf multiband, rms", *calf(0))]
    peaks = [_tool("Lacquer, shelves, peak", *ours("shelves", "peak")),
             _tool("Lacquer, crossover, peak", *ours("crossover", "peak")), _tool("LSP multiband, peak", *lsp(0)),
             _tool("Calf multiband, peak", *calf(1)),
             _tool("ZaMultiComp, 3 bands", _plugin(bench, ZAM + "ZaMultiCompX2"), _zam_bands),
             _tool("ffmpeg mcompand", bench.ffmpeg, _mcompand, "knee 0.01 dB")]
    return {"rms": means, "peak": peaks}


# --- What is read -----------------------------------------------------------------------------------------------------

def static_error(tool, hz, top_db):
    """Worst distance from the curve of ratio 2 over -30 dB, without what is a mere shift of the threshold."""
    levels, hold = np.arange(-54, top_db, 2.0), RATE // 2
    x = np.concatenate([tone(hz, 0.5, level) for level in levels])
    y = tool(both(x), -30.0, CURVE)[:, 0]
    ends = [y[(i + 1) * hold - RATE // 10:(i + 1) * hold] for i in range(len(levels))]
    out = np.array([db(np.sqrt(2 * np.mean(e * e))) for e in ends])
    wanted = lambda t: np.where(levels < t, levels, t + (levels - t) / 2)
    shift = min(np.arange(-6, 6.005, 0.01), key=lambda s: np.abs(out - wanted(s - 30)).max())
    return np.abs(out - wanted(shift - 30)).max(), shift


def threshold_for(tool, hz, level_db, times, reduction_db=4.0):
    """The threshold that takes 4 dB from a steady tone; Failed when there is none."""
    x = both(tone(hz, 2.0, level_db))
    rest = level_db # of a tool at rest the gain is 1: flatness tells when it is not
    measure = lambda t: rest - db(lines(tool(x, t, times)[:, 0], hz, 1)[0])
    found, off = solve(measure, level_db - 2 * reduction_db, reduction_db, -0.5, -60.0, -0.5)
    if abs(off) > 0.2:
        raise Failed(f"cannot be set to {reduction_db:g} dB at {hz} Hz ({reduction_db + off:.2f} dB at best)")
    return found


def distortion(tool, hz):
    threshold = threshold_for(tool, hz, -10, GLUE)
    return thd_db(tool(both(tone(hz, 2.5, -10)), threshold, GLUE)[:, 0], hz)


def ripple(tool, hz=100):
    """Peak to peak, in dB, of the gain under a steady tone; read from the third harmonic, which no phase can move."""
    threshold = threshold_for(tool, hz, -10, QUICK)
    x = tone(hz, 2.5, -10)
    y = tool(both(x), threshold, QUICK)[:, 0]
    found = lines(y, hz, 3)
    swing = 2 * found[2] / found[0] # a gain 1 + m cos(2 w t) makes a third harmonic of m / 2
    return db(1 + swing) - db(1 - swing)


def gain_curve(tool, times):
    """Gain in dB, frame by frame over half a period, of a tone stepping from -40 to -10 dB at 0.5 s, back at 1.3."""
    n = round(2.8 * RATE)
    t = np.arange(n) / RATE
    x = np.where((t >= 0.5) & (t < 1.3), gain(-10), gain(-40)) * np.sin(2 * np.pi * np.arange(n) / STEP_PERIOD)
    y = tool(both(x), -30.0, times)[:, 0]
    power = lambda v: np.convolve(v * v, np.ones(STEP_PERIOD // 2), "same")
    return 10 * np.log10(np.maximum(power(y), 1e-20) / np.maximum(power(x), 1e-20))


def crossing_ms(curve, at_s, end_s):
    """When 63 % of the way from before at_s to the end is done."""
    at, end, tenth = round(at_s * RATE), round(end_s * RATE), RATE // 10
    before, after = np.median(curve[at - tenth:at - 20]), np.median(curve[end - tenth:end - 20])
    if abs(after - before) < 1:
        raise Failed(f"moves by {abs(after - before):.1f} dB where 10 were asked for")
    way = (curve[at:end] - before) / (after - before)
    return 1000 * (1 + np.flatnonzero(way < 1 - np.exp(-1))[-1]) / RATE # the last time: filters ring behind the step


def rest(tool):
    """(worst deviation in dB, worst phase in degrees) from 20 Hz to 20 kHz while nothing is compressed."""
    levels, phases = response(lambda x: tool(x, REST_DB, GLUE), np.geomspace(20, 20000, 500), 0.05)
    return np.abs(levels[0]).max(), np.degrees(np.abs(phases[0]).max()), levels[0]


def axes(time_bar=None):
    """A detector by the mean takes time of its own: the bar of 5 % holds for peaks."""
    return [
        Axis("static", "static curve", "dB", 0.05, same=0.01, digits=3),
        Axis("attack_ms", "attack", "ms", is_ranked=False, digits=1),
        Axis("attack", "attack off", "%", time_bar, same=1, digits=1),
        Axis("release_ms", "release", "ms", is_ranked=False, digits=0),
        Axis("release", "release off", "%", time_bar, same=1, digits=1),
        Axis("flat", "flat at rest", "dB", 0.01, same=0.001, digits=4),
        Axis("phase", "phase at rest", "deg", 0.1, same=0.1, digits=1),
        Axis("thd_50", "THD 50", "dB", -50, same=1, digits=1),
        Axis("thd_43", "THD 43", "dB", -50, same=1, digits=1),
        Axis("ripple", "ripple 100", "dB", 0.05, same=0.001, digits=3), speed_axis(200)]


WORDS = ("Ratio 2, hard knee. Static curve at {hz} Hz; 63 % times for 30/200 ms, tone stepping by 30 dB; THD at 4 dB "
         "reduction, 30/200 ms; ripple of the gain at 4 dB, 5/60 ms.")


def measure_all(bench, topic, tools, hz, top_db):
    def read(tool):
        out = {}
        if tool.title != "x42 darc":
            out["static"], _ = static_error(tool, hz, top_db)
        curve = gain_curve(tool, GLUE)
        out["attack_ms"], out["release_ms"] = crossing_ms(curve, 0.5, 1.3), crossing_ms(curve, 1.3, 2.8)
        out["attack"] = 100 * abs(out["attack_ms"] / GLUE[0] - 1)
        out["release"] = 100 * abs(out["release_ms"] / GLUE[1] - 1)
        out["flat"], out["phase"], level = rest(tool)
        out["thd_50"], out["thd_43"] = distortion(tool, 50), distortion(tool, 43)
        out["ripple"] = ripple(tool)
        out["speed"] = bench.speed(tool, -30.0, GLUE)
        return out | {"curve": (curve[round(0.45 * RATE):round(2.3 * RATE):44], level)}

    topic.measure(tools, read)
    ms = lambda c: [k * 44000 / RATE - 50 for k in range(len(c[0]))]
    topic.draw(ms, lambda c: list(c[0]), plot.Axis(-50, 1800), plot.Axis(-14, 2), ("ms", "dB"),
               "Gain around a step of 30 dB and back after 0.8 s, 30/200 ms, ratio 2.")
    return topic


TITLES = {"rms": "mean level", "peak": "peaks"}


def compressor(bench):
    """Two topics: by the mean and by the peaks."""
    tools = one_band_tools(bench)
    return [measure_all(bench, Topic(f"compressor_{key}", f"Compressor, one band, {title}", WORDS.format(hz=1000),
                                     axes(5 if key == "peak" else None)), tools[key], 1000, -1)
            for key, title in TITLES.items()]


def multiband(bench):
    tools, topics = several_band_tools(bench), []
    words = WORDS.format(hz=2828) + " Splits at 200, 1000, 8000 Hz; static curve in the middle of a band, up to 4 dB."
    for key, title in TITLES.items():
        topic = Topic(f"multiband_{key}", f"Compressor, four bands, {title}", words, axes(5 if key == "peak" else None))
        topics.append(measure_all(bench, topic, tools[key], 2828, -21))
        hz = list(np.geomspace(20, 20000, 500))
        topic.draw(lambda c: hz, lambda c: list(c[1]), plot.Axis(20, 20000, True, [20, 100, 1000, 10000]),
                   plot.Axis(-0.3, 0.3), ("Hz", "dB"), "Response while nothing is compressed.")
    return topics
