#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Lacquer authors
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes src/dsp/oversampler_taps.h: the filters of the oversampler, designed by the exchange of McClellan, Parks and
Rabiner ("A computer program for designing optimum FIR linear phase digital filters", IEEE Trans. AU-21, 1973)."""

import numpy as np
from scipy.signal import remez

# passes, of the lower rate; ripple and stop of the first half-band filter and of those behind it; ripple and stop of the
# last filter on the way down
KINDS = {
    "full": ([0.4535, 0.41667, 0.40], 112.5, 112.5, 80, 113),
    "lean": ([0.43537, 0.40], 100, 82, 73.5, 100),
}
ROW = 8  # taps that a kernel works through at a time: a filter may as well fill its last row


def measure(h, edge, stop):
    f = np.linspace(0, 0.5, 8192)
    size = np.abs(np.exp(-2j * np.pi * np.outer(f, np.arange(len(h)))) @ h)
    return -20 * np.log10(np.abs(size[f <= edge] - 1).max()), -20 * np.log10(size[f >= stop].max())


def shortest(edge, stop, ripple_db, stop_db, is_half_band, fills_rows):
    """The shortest filter of 2 m + 1 taps, m odd, that keeps both bars; or of those whose m + 1 fills rows."""
    m = int(0.46 * ((ripple_db + stop_db) / 2 - 13) / 14.6 / (stop - edge)) // 2 * 2 + 1
    step = ROW if fills_rows else 2
    m += -(m + 1) % step
    while True:
        if is_half_band:  # the taps at even places pass twice the band by themselves (Vaidyanathan & Nguyen, 1987)
            h = np.zeros(2 * m + 1)
            h[::2] = 0.5 * remez(m + 1, [0, 2 * edge], [1], fs=1, maxiter=500, grid_density=24)
            h[m] = 0.5
        else:
            h = remez(2 * m + 1, [0, edge, stop, 0.5], [1, 0], weight=[1, 10 ** ((stop_db - ripple_db) / 20)], fs=1,
                      maxiter=500, grid_density=24)
        ripple, down = measure(h, edge, stop)
        if ripple >= ripple_db and down >= stop_db:
            return m, h
        m += step


def numbers(name, values):
    words = [f"{v:.9g}f" for v in values]
    return f"static const float {name}[] = {{{', '.join(words)}}};\n"


def main():
    text = """/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Made by scripts/oversampler_taps.py. Of each filter the half up to the centre: taps at even places, at odd places,
 * and the centre (dsp/oversampler.c). */

#ifndef LAC_DSP_OVERSAMPLER_TAPS_H
#define LAC_DSP_OVERSAMPLER_TAPS_H

#include <stdint.h>

/* 2 m + 1 taps; n_odd 0: a half-band filter. */
typedef struct LacOversamplerTaps {
  uint32_t m, n_even, n_odd;
  const float *even, *odd;
  float centre;
} LacOversamplerTaps;

/* For inputs that pass to `pass` of their rate: half-band filters for every doubling, and the one that comes down last. */
typedef struct LacOversamplerDesign {
  double pass;
  LacOversamplerTaps half_band[3], last;
} LacOversamplerDesign;

"""
    tables = ""
    for kind, (passes, first_db, next_db, ripple_db, stop_db) in KINDS.items():
        rows, is_lean = "", kind == "lean"
        for i, lowest in enumerate(passes):
            entries, edge = [], lowest
            filters = []
            for s in range(3):
                db = next_db if s > 0 else first_db
                filters.append((f"{kind}_half_band_{i}_{s}",
                                *shortest(edge / 2, (1 - edge) / 2, db, db, True, is_lean)))
                edge = 0.5 * (1 - edge if s == 0 and not is_lean else edge)  # lean: to what passes, not to its stop
            filters.append((f"{kind}_last_{i}", *shortest(lowest / 2, 0.25, ripple_db, stop_db, False, is_lean)))
            for name, m, h in filters:
                even, odd = h[0:m:2], h[1:m:2]
                text += numbers(name + "_even", even)
                is_half = "half" in name
                if not is_half:
                    text += numbers(name + "_odd", odd)
                entries.append(f"{{{m}, {len(even)}, {0 if is_half else len(odd)}, {name}_even, "
                               f"{'0' if is_half else name + '_odd'}, {h[m]:.9g}f}}")
                print(f"{name}: {2 * m + 1} taps, {measure(h, lowest / 2, 0.25) if not is_half else ''}")
            rows += f"{{{lowest}, {{{', '.join(entries[:3])}}}, {entries[3]}}},\n"
        tables += f"\nstatic const LacOversamplerDesign lac_oversampler_{kind}[] = {{\n{rows}}};\n"
    text += f"{tables}\n#endif\n"
    with open("src/dsp/oversampler_taps.h", "w") as out:
        out.write(text)


main()
