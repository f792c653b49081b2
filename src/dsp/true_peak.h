/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Inter-sample peaks: the wide detector (8x, Kaiser, refined between phases) that meters and limiter share, and the
 * 4x filter of ITU-R BS.1770-5 Annex 2. One object per channel. Results do not depend on block sizes or CPU. */

#ifndef LAC_DSP_TRUE_PEAK_H
#define LAC_DSP_TRUE_PEAK_H

#include <lacquer/core.h>

#include "core/arena.h"

typedef struct LacTruePeak LacTruePeak;

/* Frames by which the per-frame output lags the input. */
uint32_t lac_true_peak_delay_frames(void);
LAC_NODISCARD LacStatus lac_true_peak_new(LacArena *arena, LacTruePeak **out);
void lac_true_peak_reset(LacTruePeak *detector);
/* peak[i] = largest |reconstructed signal| over one frame either side of frame (i - delay), never under the sample
 * itself: what a limiter obeys. n any. Stretches that provably stay under `ignore_below` may be skipped; then peak[i]
 * may be anything <= ignore_below. ignore_below 0 measures everything. Returns false when all is skipped. */
bool lac_true_peak_track(LacTruePeak *detector, const float *in, float *peak, uint32_t n_frames, float ignore_below);
/* The same with a limit of its own for every completed frame: peak[i] is as above where that exceeds limits[i], else it
 * may be anything <= limits[i]. */
void lac_true_peak_track_over(LacTruePeak *detector, const float *in, const float *limits, float *peak,
                              uint32_t n_frames);
/* What a meter needs: the largest |reconstructed signal| among the frames that this call completes (delay as above).
 * Stretches that provably stay under `ignore_below` may be skipped; then the result may be anything <= ignore_below.
 * ignore_below 0 measures everything. */
float lac_true_peak_block(LacTruePeak *detector, const float *in, uint32_t n_frames, float ignore_below);
/* Flush: process `delay` zeros after the last frame with either call. */

typedef struct LacTruePeakItu LacTruePeakItu;
LAC_NODISCARD LacStatus lac_true_peak_itu_new(LacArena *arena, double rate_hz, LacTruePeakItu **out);
/* Largest oversampled |value| so far of all input given. 4x below 96 kHz, 2x below 192 kHz, else the samples. */
void lac_true_peak_itu_add(LacTruePeakItu *meter, const float *in, uint32_t n_frames);
float lac_true_peak_itu_result(const LacTruePeakItu *meter);

/* The judge: 32x, 256 taps a phase, Kaiser 12, whole signal at once, slow; for verifying and tests. */
double lac_true_peak_judge(const float *in, size_t n_frames);

#endif
