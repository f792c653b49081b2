/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/spectral_kernels_form.h"

static void split(const float *x, const float *y, const LacSpectralFactors *factors, uint32_t q, uint32_t pitch,
                  float *re, float *im) {
  for (uint32_t p = 0; p < q; p++) {
    const LacSpectralFactors *f = factors + p / LAC_SPECTRAL_GROUP;
    const uint32_t g = p % LAC_SPECTRAL_GROUP;
    const float w0 = f->window[0][g], w1 = f->window[1][g], w2 = f->window[2][g], w3 = f->window[3][g];
    const float ar = x[p] * w0, br = x[p + q] * w1, cr = x[p + 2 * q] * w2, dr = x[p + 3 * q] * w3;
    const float ai = y[p] * w0, bi = y[p + q] * w1, ci = y[p + 2 * q] * w2, di = y[p + 3 * q] * w3;
    const float acr = ar + cr, aci = ai + ci, acdr = ar - cr, acdi = ai - ci;
    const float bdr = br + dr, bdi = bi + di, bddr = br - dr, bddi = bi - di;
    const float r1 = acdr + bddi, i1 = acdi - bddr, r2 = acr - bdr, i2 = aci - bdi, r3 = acdr - bddi, i3 = acdi + bddr;
    const float c1 = f->turns[0][0][g], s1 = f->turns[0][1][g], c2 = f->turns[1][0][g], s2 = f->turns[1][1][g];
    const float c3 = f->turns[2][0][g], s3 = f->turns[2][1][g];
    re[p] = acr + bdr;
    im[p] = aci + bdi;
    re[p + pitch] = r1 * c1 - i1 * s1;
    im[p + pitch] = r1 * s1 + i1 * c1;
    re[p + 2 * pitch] = r2 * c2 - i2 * s2;
    im[p + 2 * pitch] = r2 * s2 + i2 * c2;
    re[p + 3 * pitch] = r3 * c3 - i3 * s3;
    im[p + 3 * pitch] = r3 * s3 + i3 * c3;
  }
}

static void join(const float *re, const float *im, const LacSpectralFactors *factors, uint32_t q, uint32_t pitch,
                 float *sum_x, float *sum_y) {
  for (uint32_t p = 0; p < q; p++) {
    const LacSpectralFactors *f = factors + p / LAC_SPECTRAL_GROUP;
    const uint32_t g = p % LAC_SPECTRAL_GROUP;
    const float c1 = f->turns[0][0][g], s1 = f->turns[0][1][g], c2 = f->turns[1][0][g], s2 = f->turns[1][1][g];
    const float c3 = f->turns[2][0][g], s3 = f->turns[2][1][g];
    const float br = re[p + pitch] * c1 + im[p + pitch] * s1, bi = im[p + pitch] * c1 - re[p + pitch] * s1;
    const float cr = re[p + 2 * pitch] * c2 + im[p + 2 * pitch] * s2,
                ci = im[p + 2 * pitch] * c2 - re[p + 2 * pitch] * s2;
    const float dr = re[p + 3 * pitch] * c3 + im[p + 3 * pitch] * s3,
                di = im[p + 3 * pitch] * c3 - re[p + 3 * pitch] * s3;
    const float acr = re[p] + cr, aci = im[p] + ci, acdr = re[p] - cr, acdi = im[p] - ci;
    const float bdr = br + dr, bdi = bi + di, bddr = br - dr, bddi = bi - di;
    sum_x[p] += f->window[0][g] * (acr + bdr);
    sum_y[p] += f->window[0][g] * (aci + bdi);
    sum_x[p + q] += f->window[1][g] * (acdr - bddi);
    sum_y[p + q] += f->window[1][g] * (acdi + bddr);
    sum_x[p + 2 * q] += f->window[2][g] * (acr - bdr);
    sum_y[p + 2 * q] += f->window[2][g] * (aci - bdi);
    sum_x[p + 3 * q] += f->window[3][g] * (acdr + bddi);
    sum_y[p + 3 * q] += f->window[3][g] * (acdi - bddr);
  }
}

/* The mirror image of bin 4 m + j is bin 4 (q - 1 - m) + 4 - j, or 4 (q - m) for j = 0. */
static void packed_power(const float *re, const float *im, uint32_t q, float share, float *power) {
  for (uint32_t m = 0; m < q / 2; m++) {
    const uint32_t mirror = q - 1 - m, mirror0 = m > 0 ? q - m : 0;
    const float *r1 = re + q, *r2 = re + 2 * q, *r3 = re + 3 * q, *i1 = im + q, *i2 = im + 2 * q, *i3 = im + 3 * q;
    const float p0 = re[m] * re[m] + im[m] * im[m], p1 = r1[m] * r1[m] + i1[m] * i1[m];
    const float p2 = r2[m] * r2[m] + i2[m] * i2[m], p3 = r3[m] * r3[m] + i3[m] * i3[m];
    power[4 * m] = share * (p0 + (re[mirror0] * re[mirror0] + im[mirror0] * im[mirror0]));
    power[4 * m + 1] = share * (p1 + (r3[mirror] * r3[mirror] + i3[mirror] * i3[mirror]));
    power[4 * m + 2] = share * (p2 + (r2[mirror] * r2[mirror] + i2[mirror] * i2[mirror]));
    power[4 * m + 3] = share * (p3 + (r1[mirror] * r1[mirror] + i1[mirror] * i1[mirror]));
  }
  const float last = re[q / 2] * re[q / 2] + im[q / 2] * im[q / 2];
  power[2 * q] = share * (last + last);
}

static void packed_multiply(const float *gain, float scale, uint32_t q, float *planes, float *re, float *im) {
  const uint32_t half = q / 2;
  for (uint32_t k = 0; k <= 4 * half; k++)
    planes[k % 4 * (half + 1) + k / 4] = scale * gain[k];
  for (uint32_t j = 0; j < 4; j++) {
    const float *here = planes + j * (half + 1), *beyond = planes + (4 - j) % 4 * (half + 1);
    float *r = re + j * q, *i = im + j * q;
    for (uint32_t m = 0; m < half; m++) {
      r[m] *= here[m];
      i[m] *= here[m];
      r[half + m] *= beyond[half - (j > 0) - m];
      i[half + m] *= beyond[half - (j > 0) - m];
    }
  }
}

static double total(const float *power, uint32_t n) {
  double lanes[8] = {0};
  return total_of(lanes, 0, power, n);
}

static void sum_up(const float *power, double least, double *sums, uint32_t n) {
  sums[0] = 0;
  sum_up_from(0, power, least, sums, n);
}

const LacSpectralKernels lac_spectral_kernels_scalar = {
    split, join, packed_power, packed_multiply, total, sum_up, ratios, average_db, want, follow, cut_from_db};
