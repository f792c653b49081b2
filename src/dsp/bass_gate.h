/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* How long an offline limiter's recovery may be at each place: 0..1 ("openness") per hop.
 *
 * A gain that returns within a millisecond follows the cycles of a bass note (50 Hz, 6 dB over: THD -15 dB); one that
 * takes 300 ms leaves them alone (-92 dB), but costs level wherever peaks differ. So the gate opens where both hold:
 *
 * - low sound (below some 400 Hz) has most of the energy of the 90 ms around, read from one spectrum per hop;
 * - the peaks are steady over the 115 ms before or after, so that a long recovery has nothing to lose: strictly (0.985
 *   of the largest) where other sound is mixed in, less (0.85) where the low sound is all but alone, as in bass solos.
 *
 * Higher notes open it less, since their cycles need less time: 0.8 at 100 Hz, 0.6 at 200 Hz. With the limiter's convex
 * problem at 1 ms / 0.5 ms, tones 6 dB over the ceiling: THD -78 dB or better from 25 to 400 Hz; 60 Hz + 7 kHz 4:1
 * (SMPTE) -89 dB. Over 20 s each of 106 songs it opens past 0.1 for 0.5 % of the time at the median, 4 % at the mean
 * (bass solos among them).
 *
 *     lac_bass_gate_new -> lac_bass_gate_run for any number of stretches -> lac_bass_gate_free
 *
 * A value depends on its hop and the audio within context_frames before and after it, on nothing else: stretches that
 * start on the hop grid and overlap by that much agree bit for bit. Where a stretch ends sooner, what is missing counts
 * neither way. The level does not matter. From hop to hop openness moves by at most 0.2, mostly over 50 ms. One thread
 * at a time per object. */

#ifndef LAC_DSP_BASS_GATE_H
#define LAC_DSP_BASS_GATE_H

#include <lacquer/core.h>

typedef struct LacBassGate LacBassGate;

/* Rates 8000..384000 Hz; max_frames: the longest stretch. Errors: MEMORY, RANGE. */
LAC_NODISCARD LacStatus lac_bass_gate_new(double rate_hz, size_t max_frames, LacBassGate **out);
void lac_bass_gate_free(LacBassGate *gate);
/* A power of two: 256 at 44.1 and 48 kHz (5.8 ms), in proportion at other rates. */
uint32_t lac_bass_gate_hop_frames(const LacBassGate *gate);
/* A multiple of the hop: 26 of them, 151 ms at 44.1 kHz. */
uint32_t lac_bass_gate_context_frames(const LacBassGate *gate);
/* 1 or 2 planar channels, finite, n_frames <= max_frames. Writes ceil(n_frames / hop) values; value h stands for the
 * middle of hop h. Never allocates. */
void lac_bass_gate_run(LacBassGate *gate, const float *const *channels, unsigned n_channels, size_t n_frames,
                       float *openness);

/* The recovery and rounding times of the limiter's convex problem: from the short ones at 0 to 300 and 5 ms at 1,
 * geometrically (a short time that is longer already stays). Between hops, interpolate openness linearly. */
double lac_bass_gate_recovery_ms(double openness, double short_ms);
double lac_bass_gate_rounding_ms(double openness, double short_ms);

#endif
