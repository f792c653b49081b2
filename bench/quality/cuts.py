# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The music: six fixed cuts of dense free music, and as many others as wanted, one per song, from a folder of songs.

All are 12 s, 44.1 kHz, 24 bits, -20 LUFS. The six are where earlier figures come from; the others nobody tuned on. A song
that stands on a constant offset loses it first, as in any master: it takes headroom from every limiter, and sound from none.
"""
import hashlib
import json
import os
import subprocess

import numpy as np
from scipy import signal

from . import search, signals
from .drivers import Failed, run

RATE, CUT_S, LEVEL_LUFS = 44100, 12, -20.0
LEAST_PEAK_DBFS = -9.0 # of the other cuts: at -9 LUFS and -1 dBTP then at least 3 dB must go, else nothing is judged
ENDINGS = (".ogg", ".opus", ".mp3", ".flac", ".wav")
_WESNOTH = "wesnoth-1.16-music/usr/share/games/wesnoth/1.16/data/core/music/"
_WARZONE = "warzone2100-music/usr/share/games/warzone2100/music/albums/original_soundtrack/"
_SONGS = "usr/share/games/fretsonfire/data/songs/"
_METAL = "fretsonfire-songs-muldjord/" + _SONGS + "muldjord/chaos_god/"
_BALLAD = "fretsonfire-songs-sectoid/" + _SONGS + "sectoid/Feelings/"
# name: (kind, start in s, files whose halves are added: -6 dB, for lossy music is often at full scale)
SIX = {
    "1": ("metal", 60, [_METAL + "song.ogg", _METAL + "guitar.ogg"]),
    "2": ("rock ballad", 90, [_BALLAD + "song.ogg", _BALLAD + "guitar.ogg"]),
    "3": ("orchestra", 100, [_WESNOTH + "the_dangerous_symphony.ogg"]),
    "4": ("percussion", 25, [_WESNOTH + "battle-epic.ogg"]),
    "5": ("electronic", 120, [_WARZONE + "track3.opus"]),
    "6": ("plucked acoustic", 60, [_WESNOTH + "traveling_minstrels.ogg"]),
}


def sha(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def decode(path, start_s=None, length_s=None):
    """Stereo floats at RATE of a song, or of a stretch of it."""
    command = ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1"]
    command += ["-ss", str(start_s), "-t", str(length_s)] if start_s is not None else []
    command += ["-i", path, "-map", "0:a:0", "-af", f"aresample={RATE}:resampler=soxr", "-ac", "2", "-f", "f32le", "-"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise Failed(f"ffmpeg cannot decode {path}")
    return np.frombuffer(done.stdout, "<f4").astype(np.float64).reshape(-1, 2)


def write_levelled(samples, path, measurer, least_peak_dbfs=-np.inf):
    """Writes at LEVEL_LUFS by the same meter that the drives are solved with. False where nothing is loud enough, or
    nothing peaky enough."""
    draft = path + ".draft.wav"
    signals.soundfile.write(draft, samples, RATE, subtype="FLOAT")
    lufs = search.measure(measurer, draft)[0]
    os.remove(draft)
    if not np.isfinite(lufs) or lufs < -50:
        return False
    levelled = samples * 10 ** ((LEVEL_LUFS - lufs) / 20)
    peak_dbfs = 20 * np.log10(np.abs(levelled).max())
    if peak_dbfs >= 0 or peak_dbfs < least_peak_dbfs: # so peaky that -20 LUFS clips: no fair input for anyone
        return False
    signals.write(path, levelled, RATE)
    return True


def package_folder(package, corpus, work):
    """Where a Debian package's files are: in the folder of songs, or fetched into the work folder."""
    if corpus and os.path.isdir(os.path.join(corpus, package)):
        return os.path.join(corpus, package)
    folder = os.path.join(work, "packages", package)
    if not os.path.isdir(folder):
        os.makedirs(folder + ".part", exist_ok=True)
        subprocess.run(["apt-get", "-qq", "download", package], cwd=folder + ".part", check=True)
        archive = next(name for name in os.listdir(folder + ".part") if name.endswith(".deb"))
        run(["dpkg-deb", "-x", os.path.join(folder + ".part", archive), folder + ".part"])
        os.remove(os.path.join(folder + ".part", archive))
        os.rename(folder + ".part", folder)
    return folder


def six(corpus, work, measurer):
    """[(name, kind, path)]; made once from the packages' songs, or taken as they are from work/qs."""
    found = []
    os.makedirs(os.path.join(work, "qs"), exist_ok=True)
    for name, (kind, start_s, files) in SIX.items():
        path = os.path.join(work, "qs", name + ".wav")
        if not os.path.exists(path):
            total = 0
            for file in files:
                package, rest = file.split("/", 1)
                # From 6 s into 30 s: where a decoder lands after a jump differs by some frames, and figures hang on it.
                stretch = decode(os.path.join(package_folder(package, corpus, work), rest), start_s, 30)
                total = total + 0.5 * stretch[6 * RATE:(6 + CUT_S) * RATE]
            if not write_levelled(total, path, measurer):
                raise Failed(f"cut {name} could not be made")
        found.append((name, kind, path))
    return found


def _songs(corpus):
    """Paths in a fixed order that goes round the packages, so that any number of them is spread widely."""
    by_package = {}
    used = {file for _, _, files in SIX.values() for file in files}
    for place, folders, names in os.walk(corpus):
        folders.sort()
        for name in sorted(names):
            path = os.path.relpath(os.path.join(place, name), corpus)
            if name.lower().endswith(ENDINGS) and os.path.getsize(os.path.join(corpus, path)) > 200_000 \
                    and path not in used and os.path.join(os.path.dirname(path), "song.ogg") not in used:
                by_package.setdefault(path.split(os.sep)[0], []).append(path)
    # Within a package by hash: neighbours in a track list are often one piece in parts.
    order = lambda path: hashlib.sha256(path.encode()).hexdigest()
    for songs in by_package.values():
        songs.sort(key=order)
    packages = sorted(by_package, key=order)
    return [by_package[p][i] for i in range(max(map(len, by_package.values()), default=0)) for p in packages
            if i < len(by_package[p])]


def busiest_start(samples):
    """Start in s of the 12 s that are loudest and have most going on: K-weighted level plus 6 dB for four and more
    rises of 6 dB between neighbouring 20 ms a second."""
    step = RATE // 50
    n = len(samples) // step
    power = np.sum(signals.k_weight(samples[:n * step], RATE) ** 2, axis=1).reshape(n, step).mean(1) + 1e-12
    rises = np.concatenate([[0], np.diff(signals.energy_db(power)) > 6]).astype(float)
    starts = np.arange(0, n - CUT_S * 50 + 1, 50)
    total, busy = np.concatenate([[0], np.cumsum(power)]), np.concatenate([[0], np.cumsum(rises)])
    score = signals.energy_db(total[starts + CUT_S * 50] - total[starts])
    score = score + 6 * np.minimum(1, (busy[starts + CUT_S * 50] - busy[starts]) / (4 * CUT_S))
    return int(starts[np.argmax(score)]) // 50


def others(corpus, work, measurer, count):
    """[(name, song, path)] of `count` cuts, one per song of at least 30 s; kept in work/cuts. Fewer when songs end."""
    folder = os.path.join(work, "cuts")
    os.makedirs(folder, exist_ok=True)
    index_path = os.path.join(folder, "cuts.json")
    index = {}
    if os.path.exists(index_path):
        with open(index_path, encoding="utf-8") as file:
            index = json.load(file)
    found = []
    for song in _songs(corpus) if corpus else []:
        if len(found) == count:
            break
        name = "c" + hashlib.sha256(song.encode()).hexdigest()[:8]
        path = os.path.join(folder, name + ".wav")
        if song not in index or (index[song] is not None and not os.path.exists(path)):
            index[song] = _make_other(os.path.join(corpus, song), path, measurer)
            with open(index_path, "w", encoding="utf-8") as file:
                json.dump(index, file, indent=1)
        if index[song] is not None:
            found.append((name, song, path))
    return found


def without_offset(samples):
    """As the assistant does it: an offset of 1 % of full scale and more goes by a first-order pass at 10 Hz."""
    if np.abs(samples.mean(0)).max() < 0.01:
        return samples
    return signal.sosfilt(signal.butter(1, 10, "high", fs=RATE, output="sos"), samples, axis=0)


def _make_other(song, path, measurer):
    """Start in s of the cut that was written, None when the song does not serve."""
    try:
        length_s = float(run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", song]))
        if length_s < 30:
            return None
        samples = without_offset(decode(song))
    except (Failed, ValueError):
        return None
    start = busiest_start(samples)
    stretch = samples[start * RATE:(start + CUT_S) * RATE]
    return start if write_levelled(stretch, path, measurer, LEAST_PEAK_DBFS) else None
