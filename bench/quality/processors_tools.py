# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Programs that process sound, and the signals and readings that the topics of processor_quality.py share.

All take and give (frames, 2) in double; what a program delays and declares is removed, files are 24-bit, so that
nothing below about -140 dBFS is read as a fault of anybody."""
import os
import resource

import numpy as np
import soundfile

from .drivers import Failed, run

RATE = 44100
CALF, LSP = "http://calf.sourceforge.net/plugins/", "http://lsp-plug.in/plugins/lv2/"
X42, ZAM = "http://gareus.org/oss/lv2/", "urn:zamaudio:"
PACKAGES = ("ffmpeg", "sox", "lsp-plugins-lv2", "x42-plugins", "calf-plugins", "zam-plugins")
SPEED_S, SPEED_ROUNDS = 15, 3
COPIES, READABLE_S = (1, 6, 36), 0.15 # of a filter in one run, until its CPU time stands out of what varies


def gain(db):
    return 10 ** (db / 20)


def db(amplitude, floor=1e-15):
    return 20 * np.log10(np.maximum(np.abs(amplitude), floor))


class Tool:
    """One row of a topic. render(samples, task...) -> (samples, speed or CPU time, see Bench); what a task
    is, each topic says."""

    def __init__(self, title, render, settings=""):
        self.title, self.render, self.settings = title, render, settings
        self.is_ours = title.startswith("Lacquer")

    def __call__(self, samples, *task, **more):
        return self.render(samples, *task, **more)[0]


class Bench:
    """The programs, and a folder for their files. Speeds: ours and plugins the processing alone, best of several
    rounds. Of ffmpeg and SoX only the CPU time of the program is known: the filter runs several times over, and what a
    second of music costs, and what the program costs that does nothing, are taken off: starting and designing is free.
    """

    def __init__(self, build, folder):
        self.runner, self.host = (os.path.join(build, "bench", name) for name in ("chain_run", "lv2_host"))
        self.source, self.out = (os.path.join(folder, name) for name in ("in.wav", "out.wav"))
        self.music = music()
        self.idle_s, self.copies, self.program = {}, 1, None

    def _render(self, samples, rate, command):
        """(samples, what was printed, CPU seconds of the program); the length is kept."""
        soundfile.write(self.source, samples, rate, subtype="FLOAT")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        printed = run(command, 120)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = soundfile.read(self.out, always_2d=True)[0]
        if found.shape[1] == 1:
            found = np.repeat(found, 2, 1)
        kept = np.zeros((len(samples), 2))
        kept[:len(found)] = found[:len(samples)]
        if not np.isfinite(kept).all():
            raise Failed("gave samples that are not numbers")
        return kept, printed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def ours(self, samples, chain, rate=RATE):
        """chain: as bench/chain_run takes it. (samples, x real time)"""
        self.program = None
        found, printed, _ = self._render(samples, rate, [self.runner, self.source, self.out, *chain.split()])
        return found, float(printed.split("x")[0])

    def plugin(self, samples, uri, controls, rate=RATE):
        """(samples, x real time)"""
        self.program = None
        assigned = [f"{name}={value:.9g}" for name, value in controls.items()]
        found, printed, _ = self._render(samples, rate, [self.host, self.source, self.out, uri, *assigned])
        return found, float(printed.split("x")[0])

    def ffmpeg(self, samples, chain, rate=RATE):
        """(samples, CPU seconds of the program)"""
        self.program = self.ffmpeg, "anull"
        chain = ",".join([chain] * self.copies)
        found, _, cpu_s = self._render(samples, rate, [
            "ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", "-filter_threads", "1", "-i", self.source,
            "-af", chain, "-c:a", "pcm_s24le", self.out])
        return found, cpu_s

    def sox(self, samples, effects, rate=RATE):
        """(samples, CPU seconds of the program)"""
        self.program = self.sox, ""
        found, _, cpu_s = self._render(samples, rate, ["sox", "-D", "-V1", self.source, "-b", "24", self.out,
                                                       *(effects.split() * self.copies)])
        return found, cpu_s

    def _length_costs(self, render):
        """CPU seconds of a program for the music, less those for its first second."""
        long, short = ([render(part)[1] for _ in range(SPEED_ROUNDS)] for part in (self.music, self.music[:RATE]))
        return min(long) - min(short)

    def speed(self, tool, *task, **more):
        """Times real time over music-like noise."""
        render = lambda x: tool.render(x, *task, **more)
        first = render(self.music)[1]
        if self.program is None:
            return max([first] + [render(self.music)[1] for _ in range(SPEED_ROUNDS - 1)])
        run_it, nothing = self.program
        if nothing not in self.idle_s:
            self.idle_s[nothing] = self._length_costs(lambda x: run_it(x, nothing))
        for self.copies in COPIES:
            cpu_s, copies = self._length_costs(render) - self.idle_s[nothing], self.copies
            if cpu_s > READABLE_S:
                break
        self.copies = 1
        return (SPEED_S - 1) * copies / max(cpu_s, 2e-3)


# --- Signals ----------------------------------------------------------------------------------------------------------

def both(mono):
    return np.stack([mono, mono], 1)


def tone(hz, seconds, level_db, rate=RATE):
    return gain(level_db) * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)


def impulse(size=1 << 16, at=1 << 15, height=0.25):
    """In both channels; late, because some plugins glide from their defaults to what they are told."""
    x = np.zeros((size, 2))
    x[at] = height
    return x


def pink(seconds, seed, level_db=-20.0, rate=RATE):
    """Noise of equal power per octave from 20 Hz up, mono."""
    n = round(seconds * rate)
    f = np.fft.rfftfreq(n, 1 / rate)
    x = np.fft.irfft(np.fft.rfft(np.random.default_rng(seed).standard_normal(n)) / np.sqrt(np.maximum(f, 20)), n)
    return x * gain(level_db) / x.std()


def music(seconds=SPEED_S):
    """Drums over a pad of noise, so that everything that looks at the sound has work to do."""
    n = round(seconds * RATE)
    beat = np.arange(n) % (RATE // 2)
    hits = np.maximum(0, 1 - beat / 4000) ** 2 * np.random.default_rng(7).uniform(-0.6, 0.6, n)
    pad = pink(seconds, 8, -18)
    return np.clip(np.stack([pad + hits, pad + 0.8 * hits + pink(seconds, 9, -36)], 1), -0.99, 0.99)


# --- Readings ---------------------------------------------------------------------------------------------------------

def response(render, hz, height=0.25, rate=RATE, scale=(1, 1)):
    """(levels in dB, phases in radians) at `hz` of both channels, (2, n), from one impulse; render(x) -> y. What came
    before the impulse is left out, but for what a filter may send ahead of it."""
    x = impulse(height=height) * np.array(scale)
    ahead = 256
    y = render(x)[len(x) // 2 - ahead:]
    f = np.fft.rfftfreq(len(y), 1 / rate)
    found = np.fft.rfft(y, axis=0).T * np.exp(2j * np.pi * f / rate * ahead) / height
    return (np.stack([np.interp(hz, f, db(c)) for c in found]),
            np.stack([np.interp(hz, f, np.unwrap(np.angle(c))) for c in found]))


def lines(samples, hz, count, rate=RATE):
    """Amplitudes of the multiples of a whole number of Hz, from the last second."""
    spectrum = np.abs(np.fft.rfft(samples[-rate:])) * 2 / rate
    return np.array([spectrum[k * hz] for k in range(1, count + 1) if k * hz < rate / 2])


def thd_db(samples, hz, count=20):
    found = lines(samples, hz, count)
    return float(10 * np.log10(np.sum(found[1:] ** 2) / found[0] ** 2 + 1e-16))


def solve(measure, start, wanted, slope, low, high, tolerance=0.02, rounds=9):
    """x in low..high for which measure(x) is nearest to wanted: secants from a first guess of the slope."""
    x, best, last = start, None, None
    for _ in range(rounds):
        x = min(max(x, low), high)
        off = measure(x) - wanted
        if best is None or abs(off) < abs(best[1]):
            best = (x, off)
        if abs(off) <= tolerance:
            break
        if last is not None and abs(x - last[0]) > 1e-9 and abs(off - last[1]) > 1e-6:
            slope = (off - last[1]) / (x - last[0])
        last, x = (x, off), x - off / slope
    return best
