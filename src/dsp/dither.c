/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/dither.h"

#include <math.h>
#include <string.h>

#include "core/random.h"

/* Stream of the generator: "dither" keeps it apart from other users of the same seed. */
static const uint64_t DITHER_STREAM = 0x6469746865720000u;

/* CHUNK: frames whose random numbers are drawn together. */
enum { CHUNK = 128, ORDER = LAC_NOISE_SHAPER_ORDER };

void lac_quantizer_init(LacQuantizer *q, unsigned bits, bool has_dither, uint64_t seed, double rate_hz) {
  memset(q, 0, sizeof *q);
  q->bits = bits;
  q->has_dither = has_dither;
  q->seed = seed;
  q->blank_frames = (uint32_t)rint(0.05 * rate_hz);
  q->fade_frames = (uint32_t)rint(0.01 * rate_hz);
}

void lac_quantizer_shape(LacQuantizer *q, const LacNoiseShaper *shaper) {
  q->is_shaped = q->has_dither;
  q->shaper = *shaper;
  memset(q->errors, 0, sizeof q->errors);
}

/* Triangular in (-1, 1) LSB: the difference of two uniform values of 16 bits, of which one random number holds four,
 * two per channel. The mean is 0 exactly; the steps of 2^-16 LSB change the variance by 2^-32 of itself. */
static double triangular(uint64_t random, unsigned channel) {
  const uint32_t half = (uint32_t)(random >> (32 * channel));
  return (double)((int32_t)(half >> 16) - (int32_t)(half & 0xffffu)) * 0x1p-16;
}

/* 1 while the channel plays, falling to 0 once it was silent for 50 ms. `silent`: exact zeros before this sample. */
static double dither_gain(const LacQuantizer *q, uint32_t silent) {
  if (silent < q->blank_frames)
    return 1.0;
  const uint32_t faded = silent - q->blank_frames;
  return faded >= q->fade_frames ? 0.0 : (double)(q->fade_frames - faded) / q->fade_frames;
}

/* Beyond full scale, or not a number. */
static int32_t clamp(double value, double top, uint64_t *n_clamped) {
  if (isnan(value))
    return 0;
  ++*n_clamped;
  return (int32_t)(value > top ? top : -top - 1.0);
}

/* To the nearest integer, ties to even, for |value| < 2^51: the sum has no bits left for a fraction. Quicker than rint
 * where that is a call, which counts most in the loop in which every sample waits for the rounding before it. */
static double round_near(double value) {
  return (value + 0x1.8p52) - 0x1.8p52;
}

/* Music: no sample is exactly 0 and none beyond the word. The same sums without a branch; false, and nothing done that
 * run_channel does not overwrite, where it is otherwise. */
static bool run_music(LacQuantizer *q, unsigned channel, const float *in, const uint64_t *noise, int32_t *out,
                      uint32_t n) {
  const double scale = (double)(1 << (q->bits - 1)), top = scale - 1.0;
  int32_t n_other = 0;
  for (uint32_t i = 0; i < n; i++)
    n_other += in[i] == 0.0f;
  if (n_other)
    return false;
  for (uint32_t i = 0; i < n; i++) {
    const double value = round_near((double)in[i] * scale + triangular(noise[i], channel));
    const bool fits = value >= -scale && value <= top;
    out[i] = (int32_t)(fits ? value : 0.0);
    n_other += !fits;
  }
  if (n_other)
    return false;
  q->silent_frames[channel] = 0;
  return true;
}

/* One channel of at most CHUNK frames; noise NULL: no dither. */
static void run_channel(LacQuantizer *q, unsigned channel, const float *in, const uint64_t *noise, int32_t *out,
                        uint32_t n) {
  const double scale = (double)(1 << (q->bits - 1)), top = scale - 1.0;
  const uint32_t end = q->blank_frames + q->fade_frames;
  uint32_t silent = q->silent_frames[channel];
  uint64_t n_clamped = 0;
  if (noise && run_music(q, channel, in, noise, out, n))
    return;
  for (uint32_t i = 0; i < n; i++) {
    double value = (double)in[i] * scale;
    const bool is_silent = in[i] == 0.0f;
    if (noise)
      value += (is_silent ? dither_gain(q, silent) : 1.0) * triangular(noise[i], channel);
    silent = is_silent ? silent + (silent < end) : 0;
    value = round_near(value);
    out[i] = value >= -scale && value <= top ? (int32_t)value : clamp(value, top, &n_clamped);
  }
  q->silent_frames[channel] = silent;
  q->n_clamped += n_clamped;
}

/* What error feedback adds to a sample. `error`: where the error of this sample will be. */
static double feedback(const LacNoiseShaper *shaper, const double *error) {
  double sum = 0.0;
  for (unsigned k = ORDER; k >= 1; k--) /* the newest last: it is the one that is waited for */
    sum += shaper->coefficients[k - 1] * error[-(int)k];
  return sum;
}

/* The same with the noise shaped. */
static void run_channel_shaped(LacQuantizer *q, unsigned channel, const float *in, const uint64_t *noise, int32_t *out,
                               uint32_t n) {
  const LacNoiseShaper shaper = q->shaper;
  const double scale = (double)(1 << (q->bits - 1)), top = scale - 1.0;
  const uint32_t end = q->blank_frames + q->fade_frames;
  uint32_t silent = q->silent_frames[channel];
  uint64_t n_clamped = 0;
  double errors[ORDER + CHUNK];
  memcpy(errors, q->errors[channel], sizeof q->errors[channel]);
  for (uint32_t i = 0; i < n; i++) {
    const bool is_silent = in[i] == 0.0f;
    const double gain = is_silent ? dither_gain(q, silent) : 1.0;
    const double wanted = (double)in[i] * scale + gain * feedback(&shaper, errors + ORDER + i);
    const double value = round_near(wanted + gain * triangular(noise[i], channel));
    const double error = value - wanted;
    errors[ORDER + i] =
        fabs(error) <= 1.5 ? error : 0.0; /* more only where the sample is far beyond the word, or NaN */
    silent = is_silent ? silent + (silent < end) : 0;
    out[i] = value >= -scale && value <= top ? (int32_t)value : clamp(value, top, &n_clamped);
  }
  memcpy(q->errors[channel], errors + n, sizeof q->errors[channel]);
  q->silent_frames[channel] = silent;
  q->n_clamped += n_clamped;
}

void lac_quantizer_run(LacQuantizer *q, const float *const *in, unsigned n_channels, int32_t *const *out,
                       uint32_t n_frames, bool is_exact) {
  const bool is_dithered = q->has_dither && !is_exact;
  uint64_t noise[CHUNK];
  if (q->is_shaped && is_exact) /* these samples leave no error */
    memset(q->errors, 0, sizeof q->errors);
  for (uint32_t at = 0; at < n_frames;) {
    const uint32_t n = n_frames - at < CHUNK ? n_frames - at : CHUNK;
    if (is_dithered)
      lac_random_run(q->seed, DITHER_STREAM, q->frame, noise, n);
    for (unsigned c = 0; c < n_channels; c++) {
      if (is_dithered && q->is_shaped)
        run_channel_shaped(q, c, in[c] + at, noise, out[c] + at, n);
      else
        run_channel(q, c, in[c] + at, is_dithered ? noise : NULL, out[c] + at, n);
    }
    q->frame += n;
    at += n;
  }
}

double lac_quantizer_guard(unsigned bits, bool has_dither) {
  if (bits < 2 || bits >= 32)
    return 0.0;
  return (has_dither ? 1.5 : 0.5) / (double)(1u << (bits - 1));
}

bool lac_samples_are_exact(const float *x, size_t n, unsigned bits) {
  const double scale = (double)(1 << (bits - 1));
  for (size_t i = 0; i < n; i++) {
    double value = (double)x[i] * scale;
    if (!(value >= -scale && value < scale) || value != rint(value))
      return false;
  }
  return true;
}
