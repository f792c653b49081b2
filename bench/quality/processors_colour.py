# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Saturators at equal saturation: each is driven until 1 kHz has as many harmonics as ours at 12 dB of drive."""
import numpy as np

from . import plot
from .drivers import Failed
from .processors_sheet import Axis, Topic, speed_axis
from .processors_tools import CALF, RATE, ZAM, Tool, both, db, gain, response, solve, thd_db, tone

DRIVE_DB, ALIAS_BIN, SIZE, LEAD = 12.0, 7431, 1 << 16, 1 << 15 # 5000.4 Hz: its images fall beside its harmonics


def saturator_tools(bench):
    """render(x, drive in dB)."""
    ours = lambda character, quality="standard": lambda x, d: bench.ours(
        x, f"saturator character={character} drive_db={d:.4f} quality={quality}")
    clip = lambda factor: lambda x, d: bench.ffmpeg(
        x, f"volume={d:.4f}dB,asoftclip=type=tanh:output=0.5:oversample={factor}")
    around = lambda factor: lambda x, d: bench.ffmpeg(
        x, f"aresample={factor * RATE}:resampler=soxr:precision=28,volume={d:.4f}dB,asoftclip=type=tanh:output=0.5,"
        f"aresample={RATE}:resampler=soxr:precision=28")
    calf = lambda x, d: bench.plugin(x, CALF + "Saturator", dict(drive=1, blend=10, level_in=gain(d), level_out=0.25))
    return [Tool("Lacquer, soft clip", ours("soft_clip")), Tool("Lacquer, soft clip, best", ours("soft_clip", "best")),
            Tool("Lacquer, tape", ours("tape")), Tool("Lacquer, tube", ours("tube")),
            Tool("ffmpeg asoftclip", clip(1), "tanh"),
            Tool("ffmpeg asoftclip 4x", clip(4), "tanh, its own oversampling"),
            Tool("ffmpeg asoftclip at 8x", around(8), "tanh between two aresample (soxr) to 8 times the rate"),
            Tool("SoX overdrive", lambda x, d: bench.sox(x, f"overdrive {min(max(d, 0), 100):.4f} 0"), "colour 0"),
            Tool("Calf Saturator", calf, "saturation 1, blend 10, driven by the input gain"),
            Tool("ZamTube", lambda x, d: bench.plugin(x, ZAM + "ZamTube", dict(tubedrive=1, gain=min(max(d, -30), 30))),
                 "drive 1, driven by the input gain; it has an amplifier's tone stack")]


def alias_db(y):
    """(all that is neither the tone nor a harmonic, below 20 kHz, against the tone; spectrum in dB)."""
    window = np.kaiser(SIZE, 24)
    spectrum = np.abs(np.fft.rfft(y[LEAD:LEAD + SIZE] * window)) ** 2
    place = np.arange(len(spectrum))
    off = np.abs(place - ALIAS_BIN * np.round(place / ALIAS_BIN))
    heard = place < 20000 * SIZE / RATE
    level = 10 * np.log10(spectrum / spectrum[ALIAS_BIN] + 1e-16)
    fundamental = spectrum[ALIAS_BIN - 16:ALIAS_BIN + 17].sum()
    return 10 * np.log10(spectrum[heard & (off > 16)].sum() / fundamental + 1e-16), level


def small_signal(tool, drive):
    """Worst deviation from its own level at 1 kHz, 20 Hz to 20 kHz, of an impulse at -46 dBFS."""
    def without_offset(x): # a tube at rest has an offset of its own
        y = tool(x, drive)
        return y - y[len(y) // 2 - 2000:len(y) // 2 - 1000].mean()
    hz = np.geomspace(20, 20000, 300)
    level = response(without_offset, hz, 0.005)[0][0]
    return np.abs(level - np.interp(1000, hz, level)).max()


def saturator(bench):
    topic = Topic("saturator", "Saturator", "5 kHz at -6 dBFS, every tool driven to the harmonics that ours has of "
                  "1 kHz at 12 dB of drive; alias: all that is no harmonic, below 20 kHz. DC under 1 kHz. LSP "
                  "has none.", [
                      Axis("thd", "THD 1k", "dB", is_ranked=False, digits=1),
                      Axis("alias", "alias 5k", "dB", -90, same=1, floor=-125, digits=1),
                      Axis("flat", "small signal", "dB", 0.1, same=0.02, digits=3),
                      Axis("dc", "DC", "dBFS", -100, same=1, floor=-120, digits=1), speed_axis()])
    steady, probe = both(tone(1000, 1.5, -6)), tone(ALIAS_BIN * RATE / SIZE, (LEAD + SIZE + 512) / RATE, -6)
    tools = saturator_tools(bench)
    try:
        wanted = thd_db(tools[0](steady, DRIVE_DB)[:, 0], 1000)
    except (Failed, OSError) as error:
        topic.absent["Lacquer"] = str(error)
        return topic

    def read(tool):
        distortion = lambda d: thd_db(tool(steady, d)[:, 0], 1000)
        drive, off = (DRIVE_DB, 0.0) if tool.is_ours else solve(distortion, DRIVE_DB, wanted, 1.5, -20, 40, 0.2)
        if abs(off) > 3:
            raise Failed(f"cannot be driven to the same harmonics (nearest {wanted + off:.1f} dB, wanted {wanted:.1f})")
        y = tool(steady, drive)[:, 0]
        if np.abs(y).max() > 0.9999:
            raise Failed("leaves full scale when driven so far, and no level behind it can be set")
        alias, spectrum = alias_db(tool(both(probe), drive)[:, 0])
        return dict(thd=thd_db(y, 1000), alias=alias, flat=small_signal(tool, drive),
                    dc=db(abs(y[-RATE:].mean()), 1e-7), speed=bench.speed(tool, drive), curve=spectrum[::8])

    topic.measure(tools, read)
    hz = lambda c: [k * 8 * RATE / SIZE for k in range(len(c))]
    topic.draw(hz, list, plot.Axis(0, 20000), plot.Axis(-160, 0), ("Hz", "dB"), "Spectrum of a saturated 5 kHz tone.",
               ("ffmpeg asoftclip", "ffmpeg asoftclip 4x"))
    return topic
