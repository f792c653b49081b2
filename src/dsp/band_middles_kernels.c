/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: a vector of points at once, whose bands stay in registers because their number is a
 * constant. */

#include "dsp/band_middles.h"

#include <math.h>
#include <string.h>

#define ALWAYS static inline __attribute__((always_inline))

static const float MOST = 1.2589254f; /* 2 dB, as a gain */

enum { POINTS = 64, BANDS = LAC_CROSSOVER_MAX_BANDS };

typedef float Wide __attribute__((vector_size(4 * LAC_LANES)));
typedef int32_t Mask __attribute__((vector_size(4 * LAC_LANES)));

/* What the bands of some points shall have, and that times a factor, what they are given: powers for shelves, gains for
 * a sum. */
typedef struct Points {
  Wide wanted[BANDS], given[BANDS], factor[BANDS];
} Points;

/* What of the bands' gains reaches the middle of one. */
ALWAYS Wide reach(const Points *p, unsigned n_bands, bool is_sum, const Wide *contrasts, const float *share) {
  Wide out = p->given[n_bands - 1];
#pragma GCC unroll 4
  for (unsigned k = 1; k < n_bands; k++) {
    const Wide part = share[n_bands - 1 - k] * contrasts[n_bands - 1 - k];
    out = is_sum ? out + part : out * (1.0f + part);
  }
  return out;
}

ALWAYS Wide held(Wide value, float most) {
  const Wide high = (Wide){0} + most, low = (Wide){0} + 1.0f / most;
  const Mask below = value<high, above = value> low;
  return (Wide)(((Mask)value & (below & above)) | ((Mask)high & ~below) | ((Mask)low & (below & ~above)));
}

/* Every band is given more where less than wanted comes out. */
ALWAYS void correct(Points *p, const LacBandMiddles *m, unsigned n_bands, bool is_sum) {
  const float most = is_sum ? MOST : MOST * MOST;
  Wide contrasts[BANDS]; /* by how much splits change things at most */
#pragma GCC unroll 5
  for (unsigned k = 0; k + 1 < n_bands; k++)
    contrasts[k] = is_sum ? p->given[k] - p->given[n_bands - 1] : p->given[k] / p->given[k + 1] - 1.0f;
#pragma GCC unroll 5
  for (unsigned b = 0; b < n_bands; b++) {
    const Wide out = reach(p, n_bands, is_sum, contrasts, m->share[b]);
    const Wide factor = held(p->factor[b] * (1.0f + m->step[b] * (p->wanted[b] / out - 1.0f)), most);
    p->factor[b] = 1.0f + m->strength[b] * (factor - 1.0f);
  }
#pragma GCC unroll 5
  for (unsigned b = 0; b < n_bands; b++)
    p->given[b] = p->wanted[b] * p->factor[b];
}

ALWAYS void run_bands(const LacBandMiddles *m, float *const *gains, uint32_t n, unsigned n_bands, bool is_sum) {
  Wide values[BANDS][POINTS / LAC_LANES]; /* points beyond the last do what the last one does */
  const uint32_t n_vectors = (n + LAC_LANES - 1) / LAC_LANES;
  for (unsigned b = 0; b < n_bands; b++) {
    float *value = (float *)values[b];
    memcpy(value, gains[b], n * sizeof(float));
    for (uint32_t i = n; i < n_vectors * LAC_LANES; i++)
      value[i] = value[n - 1];
  }
  for (uint32_t i = 0; i < n_vectors; i++) {
    Points p;
#pragma GCC unroll 5
    for (unsigned b = 0; b < n_bands; b++) {
      p.wanted[b] = p.given[b] = is_sum ? values[b][i] : values[b][i] * values[b][i];
      p.factor[b] = (Wide){0} + 1.0f;
    }
    correct(&p, m, n_bands, is_sum);
    correct(&p, m, n_bands, is_sum);
#pragma GCC unroll 5
    for (unsigned b = 0; b < n_bands; b++)
      values[b][i] = p.given[b];
  }
  for (unsigned b = 0; b < n_bands; b++) {
    const float *value = (const float *)values[b];
    for (uint32_t i = 0; i < n; i++)
      gains[b][i] = is_sum ? value[i] : sqrtf(value[i]);
  }
}

#define RUN_BANDS(n_bands)                                                                                             \
  case n_bands:                                                                                                        \
    if (m->is_sum)                                                                                                     \
      run_bands(m, now, n_now, n_bands, true);                                                                         \
    else                                                                                                               \
      run_bands(m, now, n_now, n_bands, false);                                                                        \
    break;

static void run(const LacBandMiddles *m, float *const *gains, uint32_t n) {
  for (uint32_t done = 0, n_now; done < n; done += n_now) {
    float *now[BANDS];
    n_now = n - done < POINTS ? n - done : POINTS;
    for (unsigned b = 0; b < m->n_bands; b++)
      now[b] = gains[b] + done;
    switch (m->n_bands) {
      RUN_BANDS(2)
      RUN_BANDS(3)
      RUN_BANDS(4)
      RUN_BANDS(5)
    }
  }
}

const LacBandMiddlesKernels LAC_KERNEL(lac_band_middles_kernels) = {run};
