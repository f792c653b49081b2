/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/meter_kernels.h"

#include <math.h>
#include <string.h>

enum { W = 8 };

typedef int32_t LacInt8U __attribute__((vector_size(32), aligned(4), may_alias));

static inline LacFloat8 load(const float *x) { return *(const LacFloat8U *)x; }
static inline void store(float *x, LacFloat8 v) { *(LacFloat8U *)x = v; }
static inline LacInt8 load_bits(const float *x) { return *(const LacInt8U *)x; }
static inline LacFloat8 magnitude(LacFloat8 v) { return (LacFloat8)((LacInt8)v & 0x7fffffff); }

static inline bool any(LacInt8 mask) {
  int64_t words[4];
  memcpy(words, &mask, sizeof(words));
  return ((words[0] | words[1]) | (words[2] | words[3])) != 0;
}

static void range(const float *x, size_t n, float *minimum, float *maximum) {
  LacFloat8 low = (LacFloat8){0} + *minimum, high = (LacFloat8){0} + *maximum;
  size_t i = 0;
  for (; i + W <= n; i += W) {
    const LacFloat8 v = load(x + i);
    low = v < low ? v : low;
    high = v > high ? v : high;
  }
  float least = *minimum, most = *maximum;
  for (int lane = 0; lane < W; lane++) {
    least = low[lane] < least ? low[lane] : least;
    most = high[lane] > most ? high[lane] : most;
  }
  for (; i < n; i++) {
    least = x[i] < least ? x[i] : least;
    most = x[i] > most ? x[i] : most;
  }
  *minimum = least;
  *maximum = most;
}

static size_t copy_finite(const float *in, float *out, size_t n) {
  LacInt8 counts = {0};
  size_t i = 0;
  for (; i + W <= n; i += W) {
    const LacInt8 bits = load_bits(in + i);
    const LacInt8 bad = (bits & 0x7f800000) == 0x7f800000; /* -1 where not finite */
    counts -= bad;
    *(LacInt8U *)(out + i) = bits & ~bad;
  }
  size_t count = 0;
  for (int lane = 0; lane < W; lane++)
    count += (size_t)counts[lane];
  for (; i < n; i++) {
    const bool is_finite = isfinite(in[i]);
    out[i] = is_finite ? in[i] : 0.0F;
    count += !is_finite;
  }
  return count;
}

static bool has_flat(const float *x, size_t n, float floor_level, float tolerance) {
  LacInt8 found = {0};
  size_t i = 0;
  for (; i + W <= n; i += W) {
    const LacFloat8 here = load(x + i), before = load(x + i - 1), earlier = load(x + i - 2);
    found |= (magnitude(here - before) <= tolerance) & (magnitude(before - earlier) <= tolerance) &
             (magnitude(here) >= floor_level);
  }
  bool is_found = any(found);
  for (; i < n; i++)
    is_found |= fabsf(x[i] - x[i - 1]) <= tolerance && fabsf(x[i - 1] - x[i - 2]) <= tolerance &&
                fabsf(x[i]) >= floor_level;
  return is_found;
}

static void frame_sums(const float *left, const float *right, size_t n, LacFrameSums *sums) {
  LacDouble8 l1 = {0}, r1 = {0}, l2 = {0}, r2 = {0}, lr = {0};
  size_t i = 0;
  for (; i + W <= n; i += W) {
    const LacDouble8 l = __builtin_convertvector(load(left + i), LacDouble8);
    const LacDouble8 r = __builtin_convertvector(load(right + i), LacDouble8);
    l1 += l;
    r1 += r;
    l2 += l * l;
    r2 += r * r;
    lr += l * r;
  }
  for (int lane = 0; i < n; i++, lane++) {
    const double l = (double)left[i], r = (double)right[i];
    l1[lane] += l;
    r1[lane] += r;
    l2[lane] += l * l;
    r2[lane] += r * r;
    lr[lane] += l * r;
  }
  sums->left = lac_sum_lanes(l1);
  sums->right = lac_sum_lanes(r1);
  sums->left_squared = lac_sum_lanes(l2);
  sums->right_squared = lac_sum_lanes(r2);
  sums->product = lac_sum_lanes(lr);
}

typedef struct Filter {
  LacFloat8 a1, a2, a3;
} Filter;

static inline Filter load_filter(float coefficients[3][LAC_BANK_BANDS]) {
  return (Filter){load(coefficients[0]), load(coefficients[1]), load(coefficients[2])};
}

/* One frame of one channel through high-pass and low-pass; s: the four states. */
static inline LacFloat8 bank_frame(LacFloat8 x, const Filter *high, const Filter *low, LacFloat8 s[4]) {
  const float root_two = 1.41421356F; /* 1 / Q of Butterworth */
  const LacFloat8 h3 = x - s[1];
  const LacFloat8 h1 = high->a1 * s[0] + high->a2 * h3;
  const LacFloat8 h2 = s[1] + (high->a2 * s[0] + high->a3 * h3);
  s[0] = 2.0F * h1 - s[0];
  s[1] = 2.0F * h2 - s[1];
  const LacFloat8 y = x - root_two * h1 - h2;
  const LacFloat8 l3 = y - s[3];
  const LacFloat8 l1 = low->a1 * s[2] + low->a2 * l3;
  const LacFloat8 l2 = s[3] + (low->a2 * s[2] + low->a3 * l3);
  s[2] = 2.0F * l1 - s[2];
  s[3] = 2.0F * l2 - s[3];
  return l2;
}

static inline void bank_channels(LacBandBank *bank, const float *const in[2], const int n_channels, size_t n) {
  const Filter high = load_filter(bank->high_pass), low = load_filter(bank->low_pass);
  LacFloat8 s[2][4], peak[2], energy[2];
  for (int c = 0; c < n_channels; c++) {
    for (int i = 0; i < 4; i++)
      s[c][i] = load(bank->state[c][i]);
    peak[c] = load(bank->peak[c]);
    energy[c] = load(bank->energy[c]);
  }
  for (size_t i = 0; i < n; i++) {
    for (int c = 0; c < n_channels; c++) {
      const LacFloat8 y = bank_frame((LacFloat8){0} + in[c][i], &high, &low, s[c]);
      const LacFloat8 size = magnitude(y);
      peak[c] = size > peak[c] ? size : peak[c];
      energy[c] += y * y;
    }
  }
  for (int c = 0; c < n_channels; c++) {
    for (int i = 0; i < 4; i++)
      store(bank->state[c][i], magnitude(s[c][i]) >= 1e-15F ? s[c][i] : (LacFloat8){0});
    store(bank->peak[c], peak[c]);
    store(bank->energy[c], energy[c]);
  }
}

static void bank(LacBandBank *bank_state, const float *left, const float *right, size_t n) {
  if (right)
    bank_channels(bank_state, (const float *const[2]){left, right}, 2, n);
  else
    bank_channels(bank_state, (const float *const[2]){left, NULL}, 1, n);
}

static void powers(const float *re, const float *im, float *power, size_t n) {
  for (size_t k = 0; k < n; k += W)
    store(power + k, load(re + k) * load(re + k) + load(im + k) * load(im + k));
}

static void cross(const float *a_re, const float *a_im, const float *b_re, const float *b_im, float *out, size_t n) {
  for (size_t k = 0; k < n; k += W)
    store(out + k, load(a_re + k) * load(b_re + k) + load(a_im + k) * load(b_im + k));
}

static void accumulate(const float *a, const float *b, double *sums, size_t n) {
  for (size_t k = 0; k < n; k += W) {
    const LacDouble8 sum = __builtin_convertvector(load(a + k) + load(b + k), LacDouble8);
    *(LacDouble8U *)(sums + k) += sum;
  }
}

static void mid_side(const float *left, const float *right, float *mid, float *side, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const float l = left[i], r = right[i];
    mid[i] = (l + r) * 0.5F;
    side[i] = (l - r) * 0.5F;
  }
}

static void larger(const float *a, const float *b, float *out, size_t n) {
  for (size_t i = 0; i < n; i++)
    out[i] = a[i] > b[i] ? a[i] : b[i];
}

const LacMeterKernels LAC_KERNEL(lac_meter_kernels) = {
    .range = range,
    .copy_finite = copy_finite,
    .has_flat = has_flat,
    .frame_sums = frame_sums,
    .bank = bank,
    .powers = powers,
    .cross = cross,
    .accumulate = accumulate,
    .mid_side = mid_side,
    .larger = larger,
};
