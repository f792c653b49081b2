/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/stft.h"

#include <string.h>

#include "dsp/elementary.h"

static const float LOUDEST = 1e15f;
static const float QUIETEST = 1e-15f; /* frames below have no spectrum, whose squares would be denormals */

enum { SLIDES = 4 }; /* hops until what is kept moves back to the beginning of its memory */
enum { APART = 16 }; /* between planes, so that the nearest cache holds the same place of all of them */

static LacStatus allocate(LacStft *s, LacArena *arena) {
  s->length = s->size + (SLIDES + 1) * s->hop;
  float **arrays[] = {&s->silence, &s->re, &s->im};
  for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
    *arrays[i] = lac_arena_alloc(arena, s->size, sizeof(float));
    if (!*arrays[i])
      return LAC_ERR_MEMORY;
  }
  for (unsigned c = 0; c < s->n_channels; c++) {
    s->history[c] = lac_arena_alloc(arena, s->length, sizeof(float));
    s->sum[c] = lac_arena_alloc(arena, s->length, sizeof(float));
    if (!s->history[c] || !s->sum[c])
      return LAC_ERR_MEMORY;
  }
  s->scratch = lac_arena_alloc(arena, lac_fft_scratch_floats(s->fft) + 4, sizeof(float));
  s->there = lac_arena_alloc(arena, s->quarter / LAC_SPECTRAL_GROUP, sizeof *s->there);
  s->back = lac_arena_alloc(arena, s->quarter / LAC_SPECTRAL_GROUP, sizeof *s->back);
  s->frame[0] = lac_arena_alloc(arena, (size_t)4 * s->pitch, sizeof(float));
  s->frame[1] = lac_arena_alloc(arena, (size_t)4 * s->pitch, sizeof(float));
  return s->scratch && s->there && s->back && s->frame[0] && s->frame[1] ? LAC_OK : LAC_ERR_MEMORY;
}

/* The square root of Hann is a half wave. */
static void fill_factors(LacStft *s) {
  for (uint32_t p = 0; p < s->quarter; p++) {
    LacSpectralFactors *there = s->there + p / LAC_SPECTRAL_GROUP, *back = s->back + p / LAC_SPECTRAL_GROUP;
    const uint32_t g = p % LAC_SPECTRAL_GROUP;
    for (uint32_t j = 0; j < 4; j++) {
      there->window[j][g] = (float)lac_sin(LAC_PI * (p + j * s->quarter + 0.5) / s->size);
      back->window[j][g] = there->window[j][g] / (float)s->size;
    }
    for (uint32_t j = 1; j < 4; j++) {
      const double angle = 2.0 * LAC_PI * (double)(j * p) / s->size;
      there->turns[j - 1][0][g] = back->turns[j - 1][0][g] = (float)lac_cos(angle);
      there->turns[j - 1][1][g] = back->turns[j - 1][1][g] = (float)-lac_sin(angle);
    }
  }
}

LacStatus lac_stft_init(LacStft *s, LacArena *arena, uint32_t size, unsigned n_channels, LacStftWork *work,
                        void *context) {
  *s = (LacStft){
      .size = size, .hop = size / 2, .quarter = size / 4, .n_channels = n_channels, .work = work, .context = context};
  s->pitch = s->quarter + APART;
  s->vectors = lac_vector_kernels_at(lac_cpu_level());
  s->kernels = lac_spectral_kernels_at(lac_cpu_level());
  LacStatus status = lac_fft_new(size / 2, &s->fft); /* a complex one of a quarter of `size` */
  if (status == LAC_OK)
    status = allocate(s, arena);
  if (status != LAC_OK)
    return status;
  fill_factors(s);
  lac_stft_reset(s);
  return LAC_OK;
}

void lac_stft_drop(LacStft *s) {
  lac_fft_free(s->fft);
  s->fft = NULL;
}

static void clear_sum(float *sum, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    sum[i] = -0.0f;
}

void lac_stft_reset(LacStft *s) {
  for (unsigned c = 0; c < s->n_channels; c++) {
    memset(s->history[c], 0, (s->size + s->hop) * sizeof(float));
    clear_sum(s->sum[c], s->size);
  }
  memset(s->peaks, 0, sizeof s->peaks);
  s->at = 0;
  s->fill = 0;
}

/* The frame of a channel as it may be transformed; what must be held within bounds, where the spectrum will be. */
static const float *take(LacStft *s, unsigned c) {
  const float *x = s->history[c] + s->at;
  float peak = 0;
  for (int k = 0; k < LAC_STFT_HOPS; k++)
    peak = s->peaks[c][k] > peak ? s->peaks[c][k] : peak;
  s->is_silent[c] = peak < QUIETEST;
  if (s->is_silent[c])
    return s->silence;
  if (peak <= LOUDEST)
    return x;
  float *held = c == 0 ? s->re : s->im;
  for (uint32_t i = 0; i < s->size; i++) {
    const float below = x[i] < LOUDEST ? x[i] : LOUDEST;
    held[i] = below > -LOUDEST ? below : -LOUDEST;
  }
  return held;
}

/* Once a frame, when it is first asked for. */
static void analyse(LacStft *s) {
  const uint32_t q = s->quarter;
  if (s->has_spectrum)
    return;
  s->has_spectrum = true;
  s->is_same = s->n_channels == 1 || memcmp(s->history[0] + s->at, s->history[1] + s->at, s->size * sizeof(float)) == 0;
  const float *x = take(s, 0), *y = s->is_same ? s->silence : take(s, 1);
  s->is_silent[1] = s->is_same ? s->is_silent[0] : s->is_silent[1];
  if (s->is_silent[0] && s->is_silent[1]) {
    memset(s->re, 0, s->size * sizeof *s->re);
    memset(s->im, 0, s->size * sizeof *s->im);
    return;
  }
  s->kernels->split(x, y, s->there, q, s->pitch, s->frame[0], s->frame[1]);
  for (uint32_t plane = 0; plane < 4; plane++) {
    const uint32_t from = plane * s->pitch, to = plane * q;
    lac_fft_complex(s->fft, s->frame[0] + from, s->frame[1] + from, s->re + to, s->im + to, s->scratch);
  }
}

void lac_stft_power(LacStft *s, float *power) {
  analyse(s);
  s->kernels->packed_power(s->re, s->im, s->quarter, s->is_same && s->n_channels == 2 ? 1.0f : 0.5f, power);
}

void lac_stft_multiply(LacStft *s, const float *gain, float scale) {
  analyse(s);
  s->kernels->packed_multiply(gain, scale, s->quarter, s->scratch, s->re, s->im);
}

/* What rounding brings over from the other channel into a silent one is left out, and equal channels get the same: of
 * those `join` runs once for each. */
static void synthesise(LacStft *s) {
  const uint32_t q = s->quarter;
  const float *re = s->frame[0], *im = s->frame[1];
  if (s->is_silent[0] && s->is_silent[1])
    return;
  for (uint32_t plane = 0; plane < 4; plane++) {
    const uint32_t from = plane * q, to = plane * s->pitch;
    lac_fft_complex(s->fft, s->im + from, s->re + from, s->frame[1] + to, s->frame[0] + to, s->scratch);
  }
  if (!s->is_same && !s->is_silent[0] && !s->is_silent[1]) {
    s->kernels->join(re, im, s->back, q, s->pitch, s->sum[0] + s->at, s->sum[1] + s->at);
    return;
  }
  float *nowhere = s->re;
  memset(nowhere, 0, s->size * sizeof *nowhere);
  for (unsigned c = 0; c < s->n_channels; c++) {
    float *sum = s->sum[c] + s->at;
    const bool is_second = c == 1 && !s->is_same;
    if (!s->is_silent[c])
      s->kernels->join(re, im, s->back, q, s->pitch, is_second ? nowhere : sum, is_second ? sum : nowhere);
  }
}

/* By one hop; at the end of the memory all that is kept goes back to its beginning. */
static void slide(LacStft *s) {
  const uint32_t from = s->at + s->hop;
  const bool goes_back = from + s->size + s->hop > s->length;
  s->at = goes_back ? 0 : from;
  for (unsigned c = 0; c < s->n_channels; c++) {
    if (goes_back) {
      memmove(s->history[c], s->history[c] + from, s->size * sizeof(float));
      memmove(s->sum[c], s->sum[c] + from, (s->size - s->hop) * sizeof(float));
    }
    clear_sum(s->sum[c] + s->at + s->size - s->hop, s->hop);
  }
}

/* A hop is complete. */
static void turn(LacStft *s) {
  s->newest_peak = (s->newest_peak + 1) % LAC_STFT_HOPS;
  for (unsigned c = 0; c < s->n_channels; c++)
    s->peaks[c][s->newest_peak] = s->vectors->max_abs(s->history[c] + s->at + s->size, s->hop);
  slide(s);
  s->fill = 0;
  s->has_spectrum = false;
  if (s->work(s->context)) {
    analyse(s);
    synthesise(s);
  }
}

static void add(const float *restrict a, const float *restrict b, float *restrict out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    out[i] = a[i] + b[i];
}

void lac_stft_process(LacStft *s, const float *const *in, float *const *late, float *const *made, uint32_t n_frames) {
  for (uint32_t done = 0, n; done < n_frames; done += n) {
    if (s->fill == s->hop)
      turn(s);
    n = n_frames - done < s->hop - s->fill ? n_frames - done : s->hop - s->fill;
    const uint32_t place = s->at + s->fill;
    for (unsigned c = 0; c < s->n_channels; c++) {
      memcpy(s->history[c] + place + s->size, in[c] + done, n * sizeof(float));
      if (made) {
        memcpy(late[c] + done, s->history[c] + place, n * sizeof(float));
        memcpy(made[c] + done, s->sum[c] + place, n * sizeof(float));
      } else {
        add(s->history[c] + place, s->sum[c] + place, late[c] + done, n);
      }
    }
    s->fill += n;
  }
}
