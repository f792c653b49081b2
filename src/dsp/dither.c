/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/dither.h"

#include <math.h>
#include <string.h>

#include "core/random.h"

/* Streams of the generator: "dither" in the upper bits keeps them apart from other users of the same seed. */
static const uint64_t DITHER_STREAM = 0x6469746865720000u;

void lac_quantizer_init(LacQuantizer *q, unsigned bits, bool has_dither, uint64_t seed, double rate_hz) {
  memset(q, 0, sizeof *q);
  q->bits = bits;
  q->has_dither = has_dither;
  q->seed = seed;
  q->blank_frames = (uint32_t)rint(0.05 * rate_hz);
  q->fade_frames = (uint32_t)rint(0.01 * rate_hz);
}

/* Difference of two uniform values of 32 bits: triangular in (-1, 1) LSB. */
static double triangular(uint64_t seed, unsigned channel, uint64_t frame) {
  uint64_t r = lac_random_u64(seed, DITHER_STREAM + channel, frame);
  return ((double)(r >> 32) - (double)(r & 0xffffffffu)) * 0x1p-32;
}

/* 1 while the channel plays, falling to 0 once it was silent for 50 ms. */
static double dither_gain(LacQuantizer *q, unsigned channel, float x) {
  if (x != 0.0f) {
    q->silent_frames[channel] = 0;
    return 1.0;
  }
  uint32_t silent = q->silent_frames[channel], end = q->blank_frames + q->fade_frames;
  if (silent < end) q->silent_frames[channel]++;
  if (silent < q->blank_frames) return 1.0;
  return silent >= end ? 0.0 : (double)(end - silent) / q->fade_frames;
}

static int32_t to_integer(LacQuantizer *q, double value) {
  const double top = (double)((1 << (q->bits - 1)) - 1), bottom = -top - 1.0;
  value = rint(value);
  if (value >= bottom && value <= top) return (int32_t)value;
  if (isnan(value)) return 0;
  q->n_clamped++;
  return (int32_t)(value > top ? top : bottom);
}

static void run_channel(LacQuantizer *q, unsigned channel, const float *in, int32_t *out, uint32_t n, bool is_exact) {
  const double scale = (double)(1 << (q->bits - 1));
  for (uint32_t i = 0; i < n; i++) {
    double gain = dither_gain(q, channel, in[i]);
    double value = (double)in[i] * scale;
    if (q->has_dither && !is_exact && gain > 0.0) value += gain * triangular(q->seed, channel, q->frame + i);
    out[i] = to_integer(q, value);
  }
}

void lac_quantizer_run(LacQuantizer *q, const float *const *in, unsigned n_channels, int32_t *const *out,
                       uint32_t n_frames, bool is_exact) {
  for (unsigned c = 0; c < n_channels; c++) run_channel(q, c, in[c], out[c], n_frames, is_exact);
  q->frame += n_frames;
}

double lac_quantizer_guard(unsigned bits, bool has_dither) {
  if (bits < 2 || bits >= 32) return 0.0;
  return (has_dither ? 1.5 : 0.5) / (double)(1u << (bits - 1));
}

bool lac_samples_are_exact(const float *x, size_t n, unsigned bits) {
  const double scale = (double)(1 << (bits - 1));
  for (size_t i = 0; i < n; i++) {
    double value = (double)x[i] * scale;
    if (!(value >= -scale && value < scale) || value != rint(value)) return false;
  }
  return true;
}
