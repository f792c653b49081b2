/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/resampler.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "dsp/elementary.h"
#include "dsp/vector_kernels.h"
#include "dsp/window.h"

/* Stop band by design; 10 dB better than promised, since Kaiser's formula is an approximation. */
static const double ATTENUATION_DB = 160.0;
/* 20 kHz of 22.05 kHz. */
static const double PASS_FRACTION = 0.907;

enum { MAX_FACTOR = 8192, TAP_STEP = 16, BLOCK = 4096, MAX_RATE_HZ = 768000 };

struct LacResampler {
  LacArena *arena;
  const LacVectorKernels *kernels;
  unsigned n_channels;
  uint32_t up, down;  /* L and M without common factors */
  uint32_t n_taps;    /* per phase; 0: equal rates */
  double *taps;       /* up rows of n_taps: row p serves outputs at input time i + p / up */
  double *history[2]; /* capacity values: the input, widened once, from the next output's first tap on or earlier */
  uint32_t capacity;
  uint32_t n_held; /* values in the history */
  uint32_t start;  /* of the next output's first tap in the history */
  uint32_t phase;  /* its row */
  uint64_t n_in;   /* frames taken */
  uint64_t n_out;  /* frames given */
};

static uint32_t common_divisor(uint32_t a, uint32_t b) {
  while (b) {
    uint32_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* ceil(n * up / down) without overflow for any real signal. */
static uint64_t scaled_frames(uint64_t n, uint32_t up, uint32_t down) {
  return n / down * up + (n % down * up + down - 1) / down;
}

uint64_t lac_resampled_frames(uint64_t n_in, uint32_t in_rate_hz, uint32_t out_rate_hz) {
  if (in_rate_hz == 0)
    return 0;
  uint32_t divisor = common_divisor(in_rate_hz, out_rate_hz);
  return scaled_frames(n_in, out_rate_hz / divisor, in_rate_hz / divisor);
}

/* h(t) = 2 fc sinc(2 fc t) kaiser(t / half); row p, tap j sees t = p / up + half - 1 - j. Rows p and up - p mirror each
 * other, so half of them are computed. The whole is scaled to a mean gain of 1 at 0 Hz. */
static void design(LacResampler *r, double cutoff) {
  const uint32_t n_taps = r->n_taps, up = r->up;
  const double half = n_taps / 2;
  LacKaiser kaiser;
  lac_kaiser_init(&kaiser, lac_kaiser_beta(ATTENUATION_DB));
  double sum = 0;
  for (uint32_t p = 0; p <= up / 2; p++) {
    double *row = r->taps + (size_t)p * n_taps;
    double *mirror = p > 0 && 2 * p < up ? r->taps + (size_t)(up - p) * n_taps : NULL;
    for (uint32_t j = 0; j < n_taps; j++) {
      double t = (double)p / up + (half - 1.0 - j);
      double angle = 2.0 * LAC_PI * cutoff * t;
      double sinc = t == 0.0 ? 1.0 : lac_sin(angle) / angle;
      /* The window's edge counts as outside: it has no partner on the other side. */
      row[j] = fabs(t) < half ? 2.0 * cutoff * sinc * lac_kaiser_at(&kaiser, t / half) : 0.0;
      sum += mirror ? 2.0 * row[j] : row[j];
      if (mirror)
        mirror[n_taps - 1 - j] = row[j];
    }
  }
  const double scale = up / sum;
  for (size_t i = 0; i < (size_t)up * n_taps; i++)
    r->taps[i] *= scale;
}

static LacStatus prepare(LacResampler *r) {
  r->kernels = lac_vector_kernels_at(lac_cpu_level());
  if (r->up == r->down)
    return LAC_OK;
  const double lower = r->up < r->down ? (double)r->up / r->down : 1.0; /* lower rate over the input's */
  const double stop = 0.5 * lower, pass = PASS_FRACTION * stop;
  const double n_taps = lac_kaiser_taps(ATTENUATION_DB, stop - pass);
  r->n_taps = (uint32_t)(floor(n_taps / TAP_STEP) + 1.0) * TAP_STEP;
  r->taps = lac_arena_alloc(r->arena, (size_t)r->up * r->n_taps, sizeof *r->taps);
  if (!r->taps)
    return LAC_ERR_MEMORY;
  r->capacity = 2 * r->n_taps + BLOCK;
  for (unsigned c = 0; c < r->n_channels; c++) {
    r->history[c] = lac_arena_alloc(r->arena, r->capacity, sizeof *r->history[c]);
    if (!r->history[c])
      return LAC_ERR_MEMORY;
  }
  design(r, 0.5 * (pass + stop));
  lac_resampler_reset(r);
  return LAC_OK;
}

LacStatus lac_resampler_new(uint32_t in_rate_hz, uint32_t out_rate_hz, unsigned n_channels, LacResampler **out) {
  *out = NULL;
  if (n_channels < 1 || n_channels > 2)
    return LAC_ERR_CHANNELS;
  if (in_rate_hz < 1 || out_rate_hz < 1 || in_rate_hz > MAX_RATE_HZ || out_rate_hz > MAX_RATE_HZ)
    return LAC_ERR_RANGE;
  uint32_t divisor = common_divisor(in_rate_hz, out_rate_hz);
  if (in_rate_hz / divisor > MAX_FACTOR || out_rate_hz / divisor > MAX_FACTOR)
    return LAC_ERR_RANGE;
  LacArena *arena;
  LacStatus status = lac_arena_new(&arena);
  if (status != LAC_OK)
    return status;
  LacResampler *r = lac_arena_alloc(arena, 1, sizeof *r);
  if (r) {
    r->arena = arena;
    r->n_channels = n_channels;
    r->up = out_rate_hz / divisor;
    r->down = in_rate_hz / divisor;
  }
  status = r ? prepare(r) : LAC_ERR_MEMORY;
  if (status != LAC_OK) {
    lac_arena_free(arena);
    return status;
  }
  *out = r;
  return LAC_OK;
}

/* Silence before the first frame: half a filter, less one. */
void lac_resampler_reset(LacResampler *r) {
  r->n_held = r->n_taps ? r->n_taps / 2 - 1 : 0;
  r->start = r->phase = 0;
  r->n_in = r->n_out = 0;
  for (unsigned c = 0; c < r->n_channels && r->n_taps; c++) {
    memset(r->history[c], 0, r->n_held * sizeof *r->history[c]);
  }
}

/* Room at the end of the history; first drops what no later output needs. */
static uint32_t make_room(LacResampler *r) {
  if (r->n_held == r->capacity || r->start >= r->n_held) {
    const uint32_t drop = r->start < r->n_held ? r->start : r->n_held;
    for (unsigned c = 0; c < r->n_channels; c++) {
      memmove(r->history[c], r->history[c] + drop, (r->n_held - drop) * sizeof *r->history[c]);
    }
    r->n_held -= drop;
    r->start -= drop;
  }
  return r->capacity - r->n_held;
}

/* Appends n frames (in NULL: silence) that have room. */
static void hold(LacResampler *r, const float *const *in, uint32_t at, uint32_t n) {
  for (unsigned c = 0; c < r->n_channels; c++) {
    double *to = r->history[c] + r->n_held;
    for (uint32_t i = 0; i < n; i++)
      to[i] = in ? (double)in[c][at + i] : 0.0;
  }
  r->n_held += n;
}

/* Outputs whose taps are all held, at most max_out. */
static uint32_t give(LacResampler *r, float *const *out, uint32_t at, uint32_t max_out) {
  uint32_t n = 0;
  const bool is_stereo = r->n_channels > 1;
  for (; n < max_out && r->start + r->n_taps <= r->n_held; n++) {
    const double *left = r->history[0] + r->start, *right = is_stereo ? r->history[1] + r->start : left;
    double sums[2];
    r->kernels->dot64_pair(r->taps + (size_t)r->phase * r->n_taps, left, right, r->n_taps, sums);
    out[0][at + n] = (float)sums[0];
    if (is_stereo)
      out[1][at + n] = (float)sums[1];
    const uint32_t position = r->phase + r->down;
    r->start += position / r->up;
    r->phase = position % r->up;
  }
  r->n_out += n;
  return n;
}

static uint32_t copy(LacResampler *r, const float *const *in, float *const *out, uint32_t n) {
  for (unsigned c = 0; c < r->n_channels; c++)
    memcpy(out[c], in[c], n * sizeof *out[c]);
  r->n_in += n;
  r->n_out += n;
  return n;
}

void lac_resampler_process(LacResampler *r, const float *const *in, uint32_t n_in, uint32_t *n_taken, float *const *out,
                           uint32_t max_out, uint32_t *n_given) {
  uint32_t taken = 0, given = 0;
  if (r->n_taps == 0) {
    *n_taken = *n_given = copy(r, in, out, n_in < max_out ? n_in : max_out);
    return;
  }
  for (;;) {
    const uint32_t more = give(r, out, given, max_out - given);
    given += more;
    uint32_t n = make_room(r);
    if (n > n_in - taken)
      n = n_in - taken;
    hold(r, in, taken, n);
    taken += n;
    r->n_in += n;
    if (more == 0 && n == 0)
      break;
  }
  *n_taken = taken;
  *n_given = given;
}

uint32_t lac_resampler_flush(LacResampler *r, float *const *out, uint32_t max_out) {
  if (r->n_taps == 0)
    return 0;
  const uint64_t due = scaled_frames(r->n_in, r->up, r->down) - r->n_out;
  if (max_out > due)
    max_out = (uint32_t)due;
  uint32_t given = 0;
  for (;;) {
    given += give(r, out, given, max_out - given);
    if (given == max_out)
      return given;
    hold(r, NULL, 0, make_room(r));
  }
}

void lac_resampler_free(LacResampler *r) {
  if (r)
    lac_arena_free(r->arena);
}
