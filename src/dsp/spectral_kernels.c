/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Compiled once per CPU level: the expressions of spectral_kernels_scalar.c over vectors. q is a multiple of 16, half
 * of it of 8. */

#include <string.h>

#include "dsp/spectral_kernels_form.h"
#include "dsp/vector_shuffles.h"

#if LAC_LANES >= 8
#include <immintrin.h> /* running sums within a vector */
#endif

enum { WIDTH = LAC_LANES };

typedef float V __attribute__((vector_size(4 * WIDTH)));
typedef float VU __attribute__((vector_size(4 * WIDTH), aligned(4), may_alias));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS V load(const float *p) {
  return *(const VU *)p;
}

ALWAYS V load_back(const float *p) { /* p[0], p[-1], ... */
  const V v = load(p - (WIDTH - 1));
  return REVERSE(v);
}

ALWAYS void store(float *p, V v) {
  *(VU *)p = v;
}

/* Under turns: their real parts, then their imaginary parts. */
ALWAYS void store_turned(float *re, float *im, V r, V i, const float *turns) {
  const V c = load(turns), s = load(turns + LAC_SPECTRAL_GROUP);
  store(re, r * c - i * s);
  store(im, r * s + i * c);
}

ALWAYS void split_at(const float *x, const float *y, const LacSpectralFactors *f, uint32_t g, uint32_t q,
                     uint32_t pitch, float *re, float *im) {
  const V w0 = load(f->window[0] + g), w1 = load(f->window[1] + g), w2 = load(f->window[2] + g);
  const V w3 = load(f->window[3] + g);
  const V ar = load(x) * w0, br = load(x + q) * w1, cr = load(x + 2 * q) * w2, dr = load(x + 3 * q) * w3;
  const V ai = load(y) * w0, bi = load(y + q) * w1, ci = load(y + 2 * q) * w2, di = load(y + 3 * q) * w3;
  const V acr = ar + cr, aci = ai + ci, acdr = ar - cr, acdi = ai - ci;
  const V bdr = br + dr, bdi = bi + di, bddr = br - dr, bddi = bi - di;
  store(re, acr + bdr);
  store(im, aci + bdi);
  store_turned(re + pitch, im + pitch, acdr + bddi, acdi - bddr, f->turns[0][0] + g);
  store_turned(re + 2 * pitch, im + 2 * pitch, acr - bdr, aci - bdi, f->turns[1][0] + g);
  store_turned(re + 3 * pitch, im + 3 * pitch, acdr - bddi, acdi + bddr, f->turns[2][0] + g);
}

static void split(const float *x, const float *y, const LacSpectralFactors *factors, uint32_t q, uint32_t pitch,
                  float *re, float *im) {
  for (uint32_t at = 0; at < q; at += LAC_SPECTRAL_GROUP, factors++)
    for (uint32_t g = 0; g < LAC_SPECTRAL_GROUP; g += WIDTH)
      split_at(x + at + g, y + at + g, factors, g, q, pitch, re + at + g, im + at + g);
}

ALWAYS void load_turned_back(V *r, V *i, const float *re, const float *im, const float *turns) {
  const V a = load(re), b = load(im), c = load(turns), s = load(turns + LAC_SPECTRAL_GROUP);
  *r = a * c + b * s;
  *i = b * c - a * s;
}

ALWAYS void add(float *sum, const float *window, V v) {
  store(sum, load(sum) + load(window) * v);
}

ALWAYS void join_at(const float *re, const float *im, const LacSpectralFactors *f, uint32_t g, uint32_t q,
                    uint32_t pitch, float *sum_x, float *sum_y) {
  const V ar = load(re), ai = load(im);
  V br, bi, cr, ci, dr, di;
  load_turned_back(&br, &bi, re + pitch, im + pitch, f->turns[0][0] + g);
  load_turned_back(&cr, &ci, re + 2 * pitch, im + 2 * pitch, f->turns[1][0] + g);
  load_turned_back(&dr, &di, re + 3 * pitch, im + 3 * pitch, f->turns[2][0] + g);
  const V acr = ar + cr, aci = ai + ci, acdr = ar - cr, acdi = ai - ci;
  const V bdr = br + dr, bdi = bi + di, bddr = br - dr, bddi = bi - di;
  add(sum_x, f->window[0] + g, acr + bdr);
  add(sum_y, f->window[0] + g, aci + bdi);
  add(sum_x + q, f->window[1] + g, acdr - bddi);
  add(sum_y + q, f->window[1] + g, acdi + bddr);
  add(sum_x + 2 * q, f->window[2] + g, acr - bdr);
  add(sum_y + 2 * q, f->window[2] + g, aci - bdi);
  add(sum_x + 3 * q, f->window[3] + g, acdr + bddi);
  add(sum_y + 3 * q, f->window[3] + g, acdi - bddr);
}

static void join(const float *re, const float *im, const LacSpectralFactors *factors, uint32_t q, uint32_t pitch,
                 float *sum_x, float *sum_y) {
  for (uint32_t at = 0; at < q; at += LAC_SPECTRAL_GROUP, factors++)
    for (uint32_t g = 0; g < LAC_SPECTRAL_GROUP; g += WIDTH)
      join_at(re + at + g, im + at + g, factors, g, q, pitch, sum_x + at + g, sum_y + at + g);
}

/* share (|Z|^2 + |Z of the mirror image|^2) of one plane. */
ALWAYS V power_at(const float *re, const float *im, const float *mirror_re, const float *mirror_im, float share) {
  const V a = load(re), b = load(im), c = load_back(mirror_re), d = load_back(mirror_im);
  return share * ((a * a + b * b) + (c * c + d * d));
}

static void packed_power(const float *re, const float *im, uint32_t q, float share, float *power) {
  if (q / 2 < WIDTH) {
    lac_spectral_kernels_scalar.packed_power(re, im, q, share, power);
    return;
  }
  for (uint32_t m = 0; m < q / 2; m += WIDTH) {
    const uint32_t mirror = q - 1 - m;
    V rows[4];
    rows[0] = power_at(re + m, im + m, re + mirror + 1, im + mirror + 1, share);
    for (uint32_t j = 1; j < 4; j++)
      rows[j] = power_at(re + j * q + m, im + j * q + m, re + (4 - j) * q + mirror, im + (4 - j) * q + mirror, share);
    const V low = ZIP_LOW(rows[0], rows[2]), high = ZIP_HIGH(rows[0], rows[2]);
    const V low1 = ZIP_LOW(rows[1], rows[3]), high1 = ZIP_HIGH(rows[1], rows[3]);
    store(power + 4 * m, ZIP_LOW(low, low1));
    store(power + 4 * m + WIDTH, ZIP_HIGH(low, low1));
    store(power + 4 * m + 2 * WIDTH, ZIP_LOW(high, high1));
    store(power + 4 * m + 3 * WIDTH, ZIP_HIGH(high, high1));
  }
  const float first = re[0] * re[0] + im[0] * im[0], last = re[q / 2] * re[q / 2] + im[q / 2] * im[q / 2];
  power[0] = share * (first + first);
  power[2 * q] = share * (last + last);
}

ALWAYS void scale_at(float *p, V gain) {
  store(p, load(p) * gain);
}

static void packed_multiply(const float *gain, float scale, uint32_t q, float *planes, float *re, float *im) {
  const uint32_t half = q / 2;
  if (half < WIDTH) {
    lac_spectral_kernels_scalar.packed_multiply(gain, scale, q, planes, re, im);
    return;
  }
  for (uint32_t m = 0; m < half; m += WIDTH) {
    const V a = load(gain + 4 * m), b = load(gain + 4 * m + WIDTH);
    const V c = load(gain + 4 * m + 2 * WIDTH), d = load(gain + 4 * m + 3 * WIDTH);
    const V even = EVEN(a, b), odd = ODD(a, b), even2 = EVEN(c, d), odd2 = ODD(c, d);
    const V rows[4] = {EVEN(even, even2), EVEN(odd, odd2), ODD(even, even2), ODD(odd, odd2)};
    for (uint32_t j = 0; j < 4; j++)
      store(planes + j * (half + 1) + m, scale * rows[j]);
  }
  planes[half] = scale * gain[2 * q]; /* one more of plane 0 */
  for (uint32_t j = 0; j < 4; j++) {
    const float *here = planes + j * (half + 1), *beyond = planes + (4 - j) % 4 * (half + 1);
    float *r = re + j * q, *i = im + j * q;
    for (uint32_t m = 0; m < half; m += WIDTH) {
      const V g = load(here + m);
      scale_at(r + m, g);
      scale_at(i + m, g);
    }
    for (uint32_t m = 0; m < half; m += WIDTH) {
      const V g = load_back(beyond + half - (j > 0) - m);
      scale_at(r + half + m, g);
      scale_at(i + half + m, g);
    }
  }
}

static double total(const float *power, uint32_t n) {
  _Alignas(32) double lanes[8] = {0};
  uint32_t k = 0;
#if LAC_LANES >= 8
  __m256d low = _mm256_setzero_pd(), high = low;
  for (; k + 8 <= n; k += 8) {
    low += _mm256_cvtps_pd(_mm_loadu_ps(power + k));
    high += _mm256_cvtps_pd(_mm_loadu_ps(power + k + 4));
  }
  _mm256_store_pd(lanes, low);
  _mm256_store_pd(lanes + 4, high);
#endif
  return total_of(lanes, k, power, n);
}

/* Sums of one, two, three and four within a vector, then what came before. */
static void sum_up(const float *power, double least, double *sums, uint32_t n) {
  uint32_t k = 0;
  sums[0] = 0;
#if LAC_LANES >= 8
  const __m256d lowest = _mm256_set1_pd(least), nothing = _mm256_setzero_pd();
  for (__m256d so_far = nothing; k + 4 <= n; k += 4) {
    const __m256d x = _mm256_max_pd(_mm256_cvtps_pd(_mm_loadu_ps(power + k)), lowest);
    const __m256d before = _mm256_blend_pd(_mm256_permute4x64_pd(x, _MM_SHUFFLE(2, 1, 0, 0)), nothing, 1);
    const __m256d two = x + before, four = two + _mm256_permute2f128_pd(two, two, 0x08);
    const __m256d next = so_far + four;
    _mm256_storeu_pd(sums + k + 1, next);
    so_far = _mm256_permute4x64_pd(next, _MM_SHUFFLE(3, 3, 3, 3));
  }
#endif
  sum_up_from(k, power, least, sums, n);
}

const LacSpectralKernels LAC_KERNEL(lac_spectral_kernels) = {
    split, join, packed_power, packed_multiply, total, sum_up, ratios, average_db, want, follow, cut_from_db};
