# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the page draws of one limiter on one cut. The stretches are chosen by the input alone: the same for all."""
import math

import numpy as np

from . import judge

SPAN_S, STEP_S, AROUND_PEAK_S = 2.0, 0.002, 0.004


def _short(values, digits):
    return [None if math.isnan(v) else round(float(v), digits) for v in values]


def busiest_span(samples, rate):
    """The 2 s that hold most samples among the largest half per cent, from a whole half second."""
    loud = np.abs(samples).max(1)
    counts = np.concatenate([[0], np.cumsum(loud > np.quantile(loud, 0.995))])
    length = int(SPAN_S * rate)
    starts = np.arange(0, len(samples) - length, rate // 2)
    start = int(starts[np.argmax(counts[starts + length] - counts[starts])])
    return slice(start, start + length)


def draw_data(pair, drive_db, bands):
    """Gain against the drive every 2 ms, residual and mask per band, and the samples of the left channel around the
    largest peak with what was driven in."""
    span = busiest_span(pair.aligned, pair.rate)
    curve = judge.gain_curve(pair.aligned[span], pair.output[span], pair.rate, STEP_S / 2) - drive_db
    inner = np.abs(pair.aligned[pair.rate:-pair.rate, 0])
    peak = int(inner.argmax()) + pair.rate
    near = slice(peak - int(AROUND_PEAK_S * pair.rate), peak + int(AROUND_PEAK_S * pair.rate))
    driven = pair.aligned[near, 0] * 10 ** (drive_db / 20)
    return dict(gain=_short(curve[::2], 2), noise=_short(bands["noise"], 1), mask=_short(bands["mask"], 1),
                wave=_short(pair.output[near, 0], 4), driven=_short(driven, 4))
