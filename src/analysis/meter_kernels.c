/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "analysis/meter_kernels.h"

#include <math.h>
#include <string.h>

enum { W = 8 };

typedef int32_t LacInt8U __attribute__((vector_size(32), aligned(4), may_alias));

static inline LacFloat8 load(const float *x) {
  return *(const LacFloat8U *)x;
}
static inline void store(float *x, LacFloat8 v) {
  *(LacFloat8U *)x = v;
}
static inline LacInt8 load_bits(const float *x) {
  return *(const LacInt8U *)x;
}
static inline LacFloat8 magnitude(LacFloat8 v) {
  return (LacFloat8)((LacInt8)v & 0x7fffffff);
}

static inline LacFloat8 choose(LacInt8 mask, LacFloat8 yes, LacFloat8 no) {
  return (LacFloat8)((mask & (LacInt8)yes) | (~mask & (LacInt8)no));
}

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
    low = choose(v < low, v, low);
    high = choose(v > high, v, high);
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
    is_found |= fabsf(x[i] - (x + i)[-1]) <= tolerance && fabsf((x + i)[-1] - (x + i)[-2]) <= tolerance &&
                fabsf(x[i]) >= floor_level;
  return is_found;
}

/* Eight lanes as two halves, which fit the registers (dsp/kernels.h). */
typedef double Half __attribute__((vector_size(32)));
typedef float HalfU __attribute__((vector_size(16), aligned(4), may_alias));

typedef struct HalfSums {
  Half left, right, left_squared, right_squared, product;
} HalfSums;

static inline __attribute__((always_inline)) void add_half(HalfSums *sums, const float *left, const float *right) {
  const Half l = __builtin_convertvector(*(const HalfU *)left, Half);
  const Half r = __builtin_convertvector(*(const HalfU *)right, Half);
  sums->left += l;
  sums->right += r;
  sums->left_squared += l * l;
  sums->right_squared += r * r;
  sums->product += l * r;
}

static double fold_halves(Half low, Half high) {
  double lanes[W];
  memcpy(lanes, &low, sizeof low);
  memcpy(lanes + W / 2, &high, sizeof high);
  return lac_sum_lanes(lanes);
}

static void frame_sums(const float *left, const float *right, size_t n, LacFrameSums *sums) {
  HalfSums low = {.left = {0}}, high = {.left = {0}};
  float rest[2][W] = {{0}};
  size_t i = 0;
  for (; i + W <= n; i += W) {
    add_half(&low, left + i, right + i);
    add_half(&high, left + i + W / 2, right + i + W / 2);
  }
  if (i < n) { /* lanes without a frame add 0 */
    memcpy(rest[0], left + i, (n - i) * sizeof(float));
    memcpy(rest[1], right + i, (n - i) * sizeof(float));
    add_half(&low, rest[0], rest[1]);
    add_half(&high, rest[0] + W / 2, rest[1] + W / 2);
  }
  sums->left = fold_halves(low.left, high.left);
  sums->right = fold_halves(low.right, high.right);
  sums->left_squared = fold_halves(low.left_squared, high.left_squared);
  sums->right_squared = fold_halves(low.right_squared, high.right_squared);
  sums->product = fold_halves(low.product, high.product);
}

/* The bank's own vectors: no wider than the level's registers, so that its eight states stay in them. */
#if LAC_LANES < 8
typedef float BankFloats __attribute__((vector_size(16)));
typedef float BankFloatsU __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t BankInts __attribute__((vector_size(16)));
#else
typedef LacFloat8 BankFloats;
typedef LacFloat8U BankFloatsU;
typedef LacInt8 BankInts;
#endif
enum { BANK_LANES = sizeof(BankFloats) / sizeof(float) };

typedef struct Filter {
  BankFloats a1, a2, a3;
} Filter;

static inline BankFloats bank_load(const float *x) {
  return *(const BankFloatsU *)x;
}
static inline void bank_store(float *x, BankFloats v) {
  *(BankFloatsU *)x = v;
}
static inline BankFloats bank_magnitude(BankFloats v) {
  return (BankFloats)((BankInts)v & 0x7fffffff);
}

static inline Filter load_filter(float coefficients[3][LAC_BANK_BANDS], int first) {
  return (Filter){bank_load(coefficients[0] + first), bank_load(coefficients[1] + first),
                  bank_load(coefficients[2] + first)};
}

/* One frame of one channel through high-pass and low-pass; s: the four states. */
static inline BankFloats bank_frame(BankFloats x, const Filter *high, const Filter *low, BankFloats s[4]) {
  const float root_two = 1.41421356F; /* 1 / Q of Butterworth */
  const BankFloats h3 = x - s[1];
  const BankFloats h1 = high->a1 * s[0] + high->a2 * h3;
  const BankFloats h2 = s[1] + (high->a2 * s[0] + high->a3 * h3);
  s[0] = 2.0F * h1 - s[0];
  s[1] = 2.0F * h2 - s[1];
  const BankFloats y = x - root_two * h1 - h2;
  const BankFloats l3 = y - s[3];
  const BankFloats l1 = low->a1 * s[2] + low->a2 * l3;
  const BankFloats l2 = s[3] + (low->a2 * s[2] + low->a3 * l3);
  s[2] = 2.0F * l1 - s[2];
  s[3] = 2.0F * l2 - s[3];
  return l2;
}

/* Channels begin .. end - 1 together, so that their chains overlap; bands first .. first + BANK_LANES - 1. */
static inline void bank_part(LacBandBank *bank_state, const float *const in[2], const int begin, const int end,
                             int first, size_t n) {
  const Filter high = load_filter(bank_state->high_pass, first), low = load_filter(bank_state->low_pass, first);
  BankFloats s[2][4], peak[2], energy[2];
  for (int c = begin; c < end; c++) {
    for (int i = 0; i < 4; i++)
      s[c][i] = bank_load(bank_state->state[c][i] + first);
    peak[c] = bank_load(bank_state->peak[c] + first);
    energy[c] = bank_load(bank_state->energy[c] + first);
  }
  for (size_t i = 0; i < n; i++) {
    for (int c = begin; c < end; c++) {
      const BankFloats y = bank_frame((BankFloats){0} + in[c][i], &high, &low, s[c]);
      const BankFloats size = bank_magnitude(y);
      const BankInts is_larger = size > peak[c];
      peak[c] = (BankFloats)((is_larger & (BankInts)size) | (~is_larger & (BankInts)peak[c]));
      energy[c] += y * y;
    }
  }
  for (int c = begin; c < end; c++) {
    for (int i = 0; i < 4; i++) {
      const BankInts is_alive = bank_magnitude(s[c][i]) >= 1e-15F;
      bank_store(bank_state->state[c][i] + first, (BankFloats)(is_alive & (BankInts)s[c][i]));
    }
    bank_store(bank_state->peak[c] + first, peak[c]);
    bank_store(bank_state->energy[c] + first, energy[c]);
  }
}

static void bank(LacBandBank *bank_state, const float *left, const float *right, size_t n) {
  const float *const in[2] = {left, right};
  for (int first = 0; first < LAC_BANK_BANDS; first += BANK_LANES) {
    if (right && (int)BANK_LANES == (int)LAC_BANK_BANDS) {
      bank_part(bank_state, in, 0, 2, first, n);
    } else { /* sixteen registers hold the states of one channel only */
      bank_part(bank_state, in, 0, 1, first, n);
      if (right)
        bank_part(bank_state, in, 1, 2, first, n);
    }
  }
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

static void sizes(const float *left, const float *right, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    const float l = fabsf(left[i]), r = fabsf(right[i]);
    out[i] = l > r ? l : r;
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
    .sizes = sizes,
    .larger = larger,
};
