/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/tone_share.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

#ifdef __SSE2__
#include <emmintrin.h> /* gcc 12 makes four instructions of a maximum of vectors */
#endif

static const double HOP_RATE_HZ = 1837.5; /* 24 frames at 44.1 kHz */
static const double MEMORY_S = 0.06;
static const double FIRST_LAG_S = 0.0014, LAST_LAG_S = 0.0135;
/* Energies this small (-200 dBFS) count as silence; also keeps the averages out of denormal numbers. */
static const double SILENCE = 1e-20;

void lac_tone_share_init(LacToneShare *s, double rate_hz) {
  *s = (LacToneShare){.hop_frames = (uint32_t)rint(rate_hz / HOP_RATE_HZ)};
  const double hop_rate_hz = rate_hz / s->hop_frames;
  s->first_lag = (uint32_t)floor(FIRST_LAG_S * hop_rate_hz);
  s->last_lag = (uint32_t)floor(LAST_LAG_S * hop_rate_hz);
  if (s->first_lag < 1)
    s->first_lag = 1;
  if (s->last_lag > LAC_TONE_LAGS - 1)
    s->last_lag = LAC_TONE_LAGS - 1;
  s->forget = 1.0 - lac_exp(-1.0 / (MEMORY_S * hop_rate_hz));
}

void lac_tone_share_reset(LacToneShare *s) {
  s->filled = s->newest = 0;
  s->energy = s->low_energy = 0;
  s->share = 0;
  memset(s->sum, 0, sizeof s->sum);
  memset(s->square, 0, sizeof s->square);
  memset(s->low, 0, sizeof s->low);
  memset(s->low_square, 0, sizeof s->low_square);
  memset(s->product, 0, sizeof s->product);
  memset(s->past_energy, 0, sizeof s->past_energy);
}

typedef double Two __attribute__((vector_size(16)));
typedef double TwoU __attribute__((vector_size(16), aligned(8), may_alias));
typedef float FourU __attribute__((vector_size(16), aligned(4), may_alias));

/* Lane by lane; 0 / 0 is not larger. */
static inline Two larger(Two largest, Two ratio) {
#ifdef __SSE2__
  return (Two)_mm_max_pd((__m128d)ratio, (__m128d)largest);
#else
  return (Two){ratio[0] > largest[0] ? ratio[0] : largest[0], ratio[1] > largest[1] ? ratio[1] : largest[1]};
#endif
}

/* What the averages of two lags need of the newest hop. */
typedef struct Newest {
  Two left, right, forget, low_energy;
} Newest;

/* The averages of two lags take it in; the square of the normalised autocorrelation. */
static inline Two take_in(LacToneShare *s, const Newest *n, size_t lag) {
  const double *left = s->low[0] + s->newest, *right = s->low[1] + s->newest, *past = s->low_square + s->newest;
  TwoU *product = (TwoU *)(s->product + lag), *energy = (TwoU *)(s->past_energy + lag);
  const Two now = n->left * *(const TwoU *)(left + lag) + n->right * *(const TwoU *)(right + lag);
  const Two before = *product, energy_before = *energy;
  const Two after = before + n->forget * (now - before);
  const Two energy_after = energy_before + n->forget * (*(const TwoU *)(past + lag) - energy_before);
  *product = after;
  *energy = energy_after;
  return after * after / (n->low_energy * energy_after);
}

/* The averages take in the newest hop; largest |normalised autocorrelation| over the lags, two by two. */
static double repetition(LacToneShare *s) {
  const double left = s->low[0][s->newest], right = s->low[1][s->newest];
  const Newest newest = {{left, left}, {right, right}, {s->forget, s->forget}, {s->low_energy, s->low_energy}};
  const size_t first = s->first_lag, last = s->last_lag;
  Two largest = {0};
  size_t lag = first;
  for (; lag + 1 <= last; lag += 2)
    largest = larger(largest, take_in(s, &newest, lag));
  if (lag == last) {
    const Two ratio = take_in(s, &newest, lag);
    largest = larger(largest, (Two){ratio[0], 0});
  }
  return sqrt(largest[0] > largest[1] ? largest[0] : largest[1]);
}

static void end_hop(LacToneShare *s, unsigned n_channels) {
  double low = 0, all = 0;
  s->newest = (s->newest + LAC_TONE_LAGS - 1) % LAC_TONE_LAGS;
  for (unsigned c = 0; c < n_channels; c++) {
    const double mean = s->sum[c] / s->hop_frames;
    s->low[c][s->newest] = s->low[c][s->newest + LAC_TONE_LAGS] = mean;
    low += mean * mean;
    all += s->square[c] / s->hop_frames;
  }
  s->low_square[s->newest] = s->low_square[s->newest + LAC_TONE_LAGS] = low;
  memset(s->sum, 0, sizeof s->sum);
  memset(s->square, 0, sizeof s->square);
  s->low_energy += s->forget * (low - s->low_energy);
  s->energy += s->forget * (all - s->energy);
  s->filled = 0;
  if (s->energy < SILENCE || s->low_energy < SILENCE * SILENCE) {
    lac_tone_share_reset(s);
    return;
  }
  const double share = s->low_energy / s->energy * repetition(s);
  s->share = share < 1.0 ? (float)share : 1.0f;
}

/* Of both channels. */
typedef struct Sums {
  Two sum, square;
} Sums;

static inline Sums plus(Sums sums, Two v) {
  return (Sums){sums.sum + v, sums.square + v * v};
}

#define FRAME(left, right, k) __builtin_convertvector(__builtin_shufflevector(left, right, k, 4 + (k)), Two)

/* The sums are chains of dependent additions: two stretches of n frames, one behind the other, wait side by side. */
static void add_two(Sums sums[2], const float *left, const float *right, uint32_t n) {
  Sums first = sums[0], second = sums[1];
  uint32_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const FourU l = *(const FourU *)(left + i), r = *(const FourU *)(right + i);
    const FourU m = *(const FourU *)(left + n + i), s = *(const FourU *)(right + n + i);
    first = plus(plus(plus(plus(first, FRAME(l, r, 0)), FRAME(l, r, 1)), FRAME(l, r, 2)), FRAME(l, r, 3));
    second = plus(plus(plus(plus(second, FRAME(m, s, 0)), FRAME(m, s, 1)), FRAME(m, s, 2)), FRAME(m, s, 3));
  }
  for (; i < n; i++) {
    first = plus(first, (Two){(double)left[i], (double)right[i]});
    second = plus(second, (Two){(double)left[n + i], (double)right[n + i]});
  }
  sums[0] = first;
  sums[1] = second;
}

static Sums add_one(Sums sums, const float *left, const float *right, uint32_t n) {
  for (uint32_t i = 0; i < n; i++)
    sums = plus(sums, (Two){(double)left[i], (double)right[i]});
  return sums;
}

static Sums sums_of(const LacToneShare *s) {
  return (Sums){{s->sum[0], s->sum[1]}, {s->square[0], s->square[1]}};
}

static void set_sums(LacToneShare *s, Sums sums) {
  for (int c = 0; c < 2; c++) {
    s->sum[c] = sums.sum[c];
    s->square[c] = sums.square[c];
  }
}

static void fill(float *out, float value, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = value;
}

void lac_tone_share_run(LacToneShare *s, const float *const *channels, unsigned n_channels, float *out, uint32_t n) {
  const float *left = channels[0], *right = channels[n_channels - 1]; /* of one channel the second sums are unused */
  for (uint32_t done = 0, run; done < n; done += run) {
    run = s->hop_frames - s->filled;
    if (s->filled == 0 && n - done >= 2 * run) {
      Sums sums[2] = {{{0}, {0}}, {{0}, {0}}};
      add_two(sums, left + done, right + done, run);
      set_sums(s, sums[0]);
      fill(out + done, s->share, run);
      end_hop(s, n_channels);
      done += run;
      set_sums(s, sums[1]);
    } else {
      run = n - done < run ? n - done : run;
      set_sums(s, add_one(sums_of(s), left + done, right + done, run));
    }
    fill(out + done, s->share, run);
    s->filled += run;
    if (s->filled == s->hop_frames)
      end_hop(s, n_channels);
  }
}
