# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The limiters and how each is told its drive and ceiling. A driver renders one file and says how fast it was.

Settings of the others are those that served them best at loud targets in earlier comparisons; where a limiter is judged
by its own true-peak or oversampled mode, that mode is on.
"""
import functools
import os
import resource
import subprocess

import soundfile

_LIMITER = "limiter drive_db={drive} ceiling_dbtp={ceiling}"
_CLIPPER = "clipper amount_db=1 drive_db={drive} ceiling_dbtp={ceiling}"
# As `lacquer master` sets them: half linked where the offline form guards the image.
_OFFLINE = _LIMITER + " link_percent=50 solver=offline"
OURS = { # key: (title, chain for bench/chain_run); others by --ours KEY=CHAIN
    "realtime": ("Lacquer real-time", _LIMITER + " link_percent=100"),
    "offline": ("Lacquer offline", _OFFLINE),
    "best": ("Lacquer clip + offline", _CLIPPER + " link_percent=50 + " + _OFFLINE + " quality=best"),
}
DPL = "http://gareus.org/oss/lv2/dpl#stereo"
LSP = "http://lsp-plug.in/plugins/lv2/limiter_stereo"
CALF = "http://calf.sourceforge.net/plugins/Limiter"
ZAM = "urn:zamaudio:ZaMaximX2"


def gain(db):
    return 10 ** (db / 20)


class Failed(Exception):
    """A limiter did not render."""


def run(command, timeout_s=600):
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout_s,
                              check=False)
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{os.path.basename(command[0])} took longer than {timeout_s} s") from error
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()[-1]
        raise Failed(f"{os.path.basename(command[0])}: {last} (status {done.returncode})")
    return done.stdout


def package_version(package):
    try:
        return run(["dpkg-query", "-W", "-f", "${Version}", package])
    except (Failed, OSError):
        return "unknown"


class Ours:
    is_ours = True
    lowest_drive_db = 0.0

    def __init__(self, key, title, chain, runner):
        self.key, self.title, self.runner = key, title, runner
        self.version = self.settings = self.fingerprint = chain

    def absent(self, probe):
        """Why it cannot be judged, or None."""
        if not os.access(self.runner, os.X_OK):
            return f"{self.runner} is not built"
        try:
            self.render(probe, probe + ".out.wav", 1.0, -1.0)
        except Failed as error:
            return str(error)
        return None

    def render(self, source, out, drive_db, ceiling_db):
        chain = self.settings.format(drive=f"{drive_db:.6f}", ceiling=f"{ceiling_db:.6f}")
        return float(run([self.runner, source, out, *chain.split()]).split("x")[0])


class Plugin:
    """An LV2 plugin in our own host: CPU time of the plugin alone."""
    is_ours = False
    lowest_drive_db = -5.0

    def __init__(self, key, title, host, package, uri, controls, settings):
        self.key, self.title, self.host, self.uri, self.controls = key, title, host, uri, controls
        self.package, self.settings, self.version = package, settings, package_version(package)
        self.fingerprint = f"{uri} {controls(1.0, -1.0)}"

    def absent(self, probe):
        if not os.access(self.host, os.X_OK):
            return "the LV2 host is not built (lilv not found)"
        try:
            self.render(probe, probe + ".out.wav", 1.0, -1.0)
        except Failed as error:
            return str(error)
        return None

    def render(self, source, out, drive_db, ceiling_db):
        controls = [f"{name}={value:.9g}" for name, value in self.controls(drive_db, ceiling_db).items()]
        return float(run([self.host, source, out, self.uri, *controls]).split("x")[0])


class Filter:
    """A filter chain of ffmpeg: CPU time of the whole program, decoding and writing included."""
    is_ours = False
    lowest_drive_db = -5.0
    package = "ffmpeg"

    def __init__(self, key, title, chain, settings):
        self.key, self.title, self.chain, self.settings = key, title, chain, settings
        self.version, self.fingerprint = package_version("ffmpeg"), chain(1.0, -1.0, 44100)

    def absent(self, probe):
        try:
            self.render(probe, probe + ".out.wav", 1.0, -1.0)
        except (Failed, OSError) as error:
            return str(error)
        return None

    def render(self, source, out, drive_db, ceiling_db):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        rate = soundfile.info(source).samplerate
        run(["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1", "-filter_threads", "1", "-i", source, "-af",
             self.chain(drive_db, ceiling_db, rate), "-c:a", "pcm_s24le", out])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return soundfile.info(source).duration / max(cpu_s, 1e-3)


def _alimiter_4x(drive_db, ceiling_db, rate):
    limiter = f"alimiter=level_in={gain(drive_db):.9g}:limit={gain(ceiling_db):.9g}:attack=5:release=50:level=0"
    return f"aresample={4 * rate}:resampler=soxr:precision=28,{limiter},aresample={rate}:resampler=soxr:precision=28"


def _hard_clip(drive_db, ceiling_db, rate):
    # volume saturates nothing in float; the way through 32-bit integers does
    del rate
    integer = "aformat=sample_fmts=s32,aformat=sample_fmts=flt"
    return f"aformat=sample_fmts=flt,volume={drive_db - ceiling_db:.6f}dB,{integer},volume={ceiling_db:.6f}dB"


def _dpl(drive_db, ceiling_db, release_s):
    return dict(gain=drive_db, threshold=ceiling_db, release=release_s, truepeak=1)


def _lsp(drive_db, ceiling_db):
    return dict(g_in=gain(drive_db), boost=0, th=gain(ceiling_db), alr=0, mode=0, ovs=20, lk=5, at=5, rt=5, slink=100)


def _calf(drive_db, ceiling_db):
    return dict(level_in=gain(drive_db), limit=gain(ceiling_db), attack=5, release=50, asc=1, asc_coeff=0.5,
                auto_level=0, oversampling=4)


def _zam(drive_db, ceiling_db):
    return dict(thresh=max(-30.0, ceiling_db - drive_db), ceil=ceiling_db, rel=25)


def everyone(build, ours):
    """All drivers in the order of the tables: ours, then the others. ours: {key: (title, chain)}."""
    host = os.path.join(build, "bench", "lv2_host")
    runner = os.path.join(build, "bench", "chain_run")
    fast, slow = functools.partial(_dpl, release_s=0.01), functools.partial(_dpl, release_s=0.05)
    return [Ours(key, title, chain, runner) for key, (title, chain) in ours.items()] + [
        Plugin("x42-10", "x42 dpl, 10 ms", host, "x42-plugins", DPL, fast, "true peak on, release 10 ms"),
        Plugin("x42-50", "x42 dpl, 50 ms", host, "x42-plugins", DPL, slow, "true peak on, release 50 ms"),
        Plugin("lsp", "LSP HermThin x8", host, "lsp-plugins-lv2", LSP, _lsp,
               "Hermite thin, 8x oversampling, lookahead, attack and release 5 ms, linked, no ALR"),
        Filter("alimiter", "ffmpeg alimiter 4x", _alimiter_4x, "at 4x rate, attack 5, release 50 ms"),
        Plugin("calf", "Calf Limiter 4x", host, "calf-plugins", CALF, _calf,
               "4x oversampling, attack 5, release 50 ms, ASC"),
        Plugin("zam", "ZaMaximX2", host, "zam-plugins", ZAM, _zam, "release 25 ms"),
        Filter("clip", "Hard clip", _hard_clip, "samples cut at the ceiling"),
    ]
