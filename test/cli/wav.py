# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""WAV files of any kind, also wrong ones, from the standard library alone."""

import math
import struct


def header(data_bytes, rate=44100, channels=2, bits=16, code=1, claim=None):
    claim = data_bytes if claim is None else claim
    frame = channels * bits // 8
    return (b"RIFF" + struct.pack("<I", min(36 + claim, 0xFFFFFFFF)) + b"WAVEfmt "
            + struct.pack("<IHHIIHH", 16, code, channels, rate, rate * frame, frame, bits)
            + b"data" + struct.pack("<I", min(claim, 0xFFFFFFFF)))


def write(path, frames, rate=44100, bits=16, claim=None, code=None):
    """frames: a list of tuples of floats, one per channel; bits 16, 24 or 32 (float)."""
    channels = len(frames[0]) if frames else 2
    if bits == 32:
        data = b"".join(struct.pack("<%df" % channels, *frame) for frame in frames)
    elif bits == 24:
        data = b"".join(struct.pack("<i", round(v * 8388607))[:3] for frame in frames for v in frame)
    else:
        data = b"".join(struct.pack("<h", max(-32768, min(32767, round(v * 32767)))) for frame in frames for v in frame)
    code = code or (3 if bits == 32 else 1)
    with open(path, "wb") as file:
        file.write(header(len(data), rate, channels, bits, code, claim) + data)


def music(seconds, rate=44100, channels=2, level=0.3):
    """A little programme with beats: loudness, peaks and a spectrum that a mastering engineer would recognise as one."""
    frames = []
    noise = 1
    for n in range(int(seconds * rate)):
        t = n / rate
        beat = math.exp(-12 * (t * 2 % 1) / 2)
        noise = (noise * 1664525 + 1013904223) & 0xFFFFFFFF
        hiss = (noise / 2147483648 - 1) * 0.1 * beat
        low = math.sin(2 * math.pi * 55 * t) + beat * math.sin(2 * math.pi * 110 * t)
        values = [level * (0.6 * low + 0.25 * math.sin(2 * math.pi * (440 + 3 * c) * t) + 0.15 * math.sin(2 * math.pi * 2500 * t) + hiss)
                  for c in range(channels)]
        frames.append(tuple(values))
    return frames
