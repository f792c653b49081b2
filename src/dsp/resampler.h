/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Sample-rate conversion by a rational factor L/M: one Kaiser-windowed sinc, evaluated only where an output needs it
 * (polyphase; R. E. Crochiere & L. R. Rabiner, "Multirate Digital Signal Processing", 1983; J. F. Kaiser, 1974).
 *
 * Pass band to 0.907 of the lower Nyquist frequency (20 kHz for 44.1 kHz), stop band from that Nyquist frequency on,
 * 160 dB by design. Output frame k lies exactly at input time k M / L: no latency is left at the head, and a whole
 * signal of n frames gives ceil(n L / M). Outside the signal there is silence. Sums in double, same bits on every CPU
 * and for every way of cutting the input.
 *
 *     lac_resampler_new -> lac_resampler_process ... -> lac_resampler_flush until 0 -> (reset) -> lac_resampler_free
 *
 * One thread at a time per object. */

#ifndef LAC_DSP_RESAMPLER_H
#define LAC_DSP_RESAMPLER_H

#include <lacquer/core.h>

typedef struct LacResampler LacResampler;

/* Rates 1..768000 Hz with L and M <= 8192 after cancelling; 1 or 2 channels. Equal rates pass the samples through
 * unchanged. Errors: MEMORY, RANGE (rates), CHANNELS. Costs up to 0.2 s and 10 MB for the most awkward ratios. */
LAC_NODISCARD LacStatus lac_resampler_new(uint32_t in_rate_hz, uint32_t out_rate_hz, unsigned n_channels,
                                          LacResampler **out);
/* Takes up to n_in planar frames (*n_taken says how many) and gives up to max_out (*n_given). Call again until all is
 * taken; it always makes progress when max_out > 0. in and out may not overlap. Never allocates. */
void lac_resampler_process(LacResampler *resampler, const float *const *in, uint32_t n_in, uint32_t *n_taken,
                           float *const *out, uint32_t max_out, uint32_t *n_given);
/* After the last input: the frames that are still due, up to max_out; 0 at the end. */
uint32_t lac_resampler_flush(LacResampler *resampler, float *const *out, uint32_t max_out);
/* As new. */
void lac_resampler_reset(LacResampler *resampler);
void lac_resampler_free(LacResampler *resampler);

/* ceil(n_in * out_rate / in_rate). */
uint64_t lac_resampled_frames(uint64_t n_in, uint32_t in_rate_hz, uint32_t out_rate_hz);

#endif
