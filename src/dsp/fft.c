/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/fft.h"

#include <string.h>

#include "core/arena.h"
#include "core/memory.h"
#include "dsp/elementary.h"
#include "dsp/fft_plan.h"

struct LacFft {
  LacFftPlan plan;
  const LacFftKernels *kernels;
  LacArena *arena;
};

struct LacFft64 {
  LacFft64Plan plan;
  LacArena *arena;
};

static bool is_valid_size(uint32_t n) {
  return n >= 16 && n <= 1048576 && (n & (n - 1)) == 0;
}

/* cos and sin of -2 pi numerator / denominator; exact at the quarters. */
static void unit_root(uint32_t numerator, uint32_t denominator, double *re, double *im) {
  /* Into the first eighth and back, so that the table has the symmetries of the circle to the last bit. */
  const uint64_t eighths = (uint64_t)8 * numerator / denominator;
  const uint64_t quadrant = (eighths + 1) / 2;
  const int64_t rest = (int64_t)numerator * 4 - (int64_t)(quadrant * denominator);
  const double angle = LAC_PI / 2.0 * (double)rest / denominator;
  const double c = lac_cos(angle), s = lac_sin(angle);
  switch (quadrant & 3) {
  case 0:
    *re = c, *im = -s;
    break;
  case 1:
    *re = -s, *im = -c;
    break;
  case 2:
    *re = -c, *im = s;
    break;
  default:
    *re = s, *im = c;
    break;
  }
}

/* Fills a plan; Real is float or double. The same layout for both (fft_plan.h). */
#define DEFINE_FILL(function, Plan, Real)                                                                              \
  static LacStatus function(Plan *plan, uint32_t n, LacArena *arena) {                                                 \
    const uint32_t length = n / 2, quarter = length / 4;                                                               \
    double re, im;                                                                                                     \
    plan->n_complex = length;                                                                                          \
    for (uint32_t s = 1; s < length; s *= 4) {                                                                         \
      const uint32_t m = quarter / s;                                                                                  \
      const uint32_t pass = plan->n_passes++;                                                                          \
      if (m <= 1)                                                                                                      \
        continue;                                                                                                      \
      const bool is_spread = s < LAC_FFT_SPREAD_BELOW;                                                                 \
      const uint32_t repeats = is_spread ? s : 1, step = is_spread ? quarter : 1;                                      \
      Real *w = lac_arena_alloc(arena, (size_t)6 * m * repeats, sizeof *w);                                            \
      if (!w)                                                                                                          \
        return LAC_ERR_MEMORY;                                                                                         \
      plan->twiddles[pass] = w;                                                                                        \
      for (uint32_t p = 0; p < m; p++) {                                                                               \
        for (uint32_t k = 1; k <= 3; k++) {                                                                            \
          unit_root(k *p, 4 * m, &re, &im);                                                                            \
          for (uint32_t q = 0; q < repeats; q++) {                                                                     \
            Real *t = is_spread ? w + q + s * p : w + 6 * p;                                                           \
            t[(2 * k - 2) * step] = (Real)re;                                                                          \
            t[(2 * k - 1) * step] = (Real)im;                                                                          \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
    }                                                                                                                  \
    plan->unpack_cos = lac_arena_alloc(arena, length / 2, sizeof(Real));                                               \
    plan->unpack_sin = lac_arena_alloc(arena, length / 2, sizeof(Real));                                               \
    if (!plan->unpack_cos || !plan->unpack_sin)                                                                        \
      return LAC_ERR_MEMORY;                                                                                           \
    for (uint32_t k = 0; k < length / 2; k++) {                                                                        \
      unit_root(k, n, &re, &im);                                                                                       \
      plan->unpack_cos[k] = (Real)re;                                                                                  \
      plan->unpack_sin[k] = (Real)im;                                                                                  \
    }                                                                                                                  \
    return LAC_OK;                                                                                                     \
  }

DEFINE_FILL(fill_plan, LacFftPlan, float)
DEFINE_FILL(fill_plan64, LacFft64Plan, double)

LacStatus lac_fft_new(uint32_t n, LacFft **out) {
  *out = NULL;
  if (!is_valid_size(n))
    return LAC_ERR_RANGE;
  LacArena *arena;
  LacStatus status = lac_arena_new(&arena);
  if (status != LAC_OK)
    return status;
  LacFft *fft = lac_arena_alloc(arena, 1, sizeof *fft);
  status = fft ? fill_plan(&fft->plan, n, arena) : LAC_ERR_MEMORY;
  if (status != LAC_OK) {
    lac_arena_free(arena);
    return status;
  }
  fft->kernels = lac_fft_kernels_at(lac_cpu_level());
  fft->arena = arena;
  *out = fft;
  return LAC_OK;
}

void lac_fft_free(LacFft *fft) {
  if (fft)
    lac_arena_free(fft->arena);
}

uint32_t lac_fft_size(const LacFft *fft) {
  return 2 * fft->plan.n_complex;
}

size_t lac_fft_scratch_floats(const LacFft *fft) {
  return (size_t)2 * fft->plan.n_complex;
}

void lac_fft_forward(const LacFft *fft, const float *in, float *re, float *im, float *scratch) {
  fft->kernels->forward(&fft->plan, in, re, im, scratch);
}

void lac_fft_inverse(const LacFft *fft, const float *re, const float *im, float *out, float *scratch) {
  fft->kernels->inverse(&fft->plan, re, im, out, scratch);
}

void lac_fft_complex(const LacFft *fft, const float *from_re, const float *from_im, float *re, float *im,
                     float *scratch) {
  fft->kernels->complex(&fft->plan, from_re, from_im, re, im, scratch);
}

LacStatus lac_fft64_new(uint32_t n, LacFft64 **out) {
  *out = NULL;
  if (!is_valid_size(n))
    return LAC_ERR_RANGE;
  LacArena *arena;
  LacStatus status = lac_arena_new(&arena);
  if (status != LAC_OK)
    return status;
  LacFft64 *fft = lac_arena_alloc(arena, 1, sizeof *fft);
  status = fft ? fill_plan64(&fft->plan, n, arena) : LAC_ERR_MEMORY;
  if (status != LAC_OK) {
    lac_arena_free(arena);
    return status;
  }
  fft->arena = arena;
  *out = fft;
  return LAC_OK;
}

void lac_fft64_free(LacFft64 *fft) {
  if (fft)
    lac_arena_free(fft->arena);
}

size_t lac_fft64_scratch_doubles(const LacFft64 *fft) {
  return (size_t)2 * fft->plan.n_complex;
}

void lac_fft64_forward(const LacFft64 *fft, const double *in, double *re, double *im, double *scratch) {
  lac_fft64_forward_scalar(&fft->plan, in, re, im, scratch);
}

void lac_fft64_inverse(const LacFft64 *fft, const double *re, const double *im, double *out, double *scratch) {
  lac_fft64_inverse_scalar(&fft->plan, re, im, out, scratch);
}
