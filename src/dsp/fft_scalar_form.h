/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The scalar transform, included by fft_scalar.c once per precision with REAL, PLAN, NAME(x) defined. */

/* One radix-4 pass. Arrays hold N values each. */
static void NAME(radix4)(const PLAN *plan, const REAL *w, uint32_t s, const REAL *xr, const REAL *xi, REAL *yr,
                         REAL *yi) {
  const uint32_t quarter = plan->n_complex / 4, m = quarter / s;
  for (uint32_t p = 0; p < m; p++) {
    for (uint32_t q = 0; q < s; q++) {
      const uint32_t j = q + s * p, o = q + 4 * s * p;
      const REAL *a = xr + j, *b = xi + j;
      REAL acr = a[0] + a[2 * quarter], aci = b[0] + b[2 * quarter];
      REAL dcr = a[0] - a[2 * quarter], dci = b[0] - b[2 * quarter];
      REAL bdr = a[quarter] + a[3 * quarter], bdi = b[quarter] + b[3 * quarter];
      REAL ebr = a[quarter] - a[3 * quarter], ebi = b[quarter] - b[3 * quarter];
      REAL r1 = dcr + ebi, i1 = dci - ebr, r2 = acr - bdr, i2 = aci - bdi, r3 = dcr - ebi, i3 = dci + ebr;
      yr[o] = acr + bdr;
      yi[o] = aci + bdi;
      if (!w) {
        yr[o + s] = r1, yi[o + s] = i1;
        yr[o + 2 * s] = r2, yi[o + 2 * s] = i2;
        yr[o + 3 * s] = r3, yi[o + 3 * s] = i3;
        continue;
      }
      const bool is_spread = s < LAC_FFT_SPREAD_BELOW;
      const REAL *t = is_spread ? w + j : w + 6 * p;
      const uint32_t step = is_spread ? quarter : 1;
      yr[o + s] = r1 * t[0] - i1 * t[step];
      yi[o + s] = r1 * t[step] + i1 * t[0];
      yr[o + 2 * s] = r2 * t[2 * step] - i2 * t[3 * step];
      yi[o + 2 * s] = r2 * t[3 * step] + i2 * t[2 * step];
      yr[o + 3 * s] = r3 * t[4 * step] - i3 * t[5 * step];
      yi[o + 3 * s] = r3 * t[5 * step] + i3 * t[4 * step];
    }
  }
}

static void NAME(radix2)(uint32_t half, const REAL *xr, const REAL *xi, REAL *yr, REAL *yi) {
  for (uint32_t q = 0; q < half; q++) {
    REAL ar = xr[q], ai = xi[q], br = xr[q + half], bi = xi[q + half];
    yr[q] = ar + br;
    yi[q] = ai + bi;
    yr[q + half] = ar - br;
    yi[q + half] = ai - bi;
  }
}

/* All passes from x to x or y: the result is in x when the number of passes is even, else in y. */
static void NAME(passes)(const PLAN *plan, REAL *xr, REAL *xi, REAL *yr, REAL *yi) {
  uint32_t s = 1;
  for (uint32_t i = 0; i < plan->n_passes; i++, s *= 4) {
    if (plan->n_complex / s == 2) {
      NAME(radix2)(s, xr, xi, yr, yi);
    } else {
      NAME(radix4)(plan, plan->twiddles[i], s, xr, xi, yr, yi);
    }
    REAL *tr = xr, *ti = xi;
    xr = yr, xi = yi;
    yr = tr, yi = ti;
  }
}

/* Spectrum of the real signal from that of the packed one, in place: with Z = E + i O, X[k] = E[k] + w^k O[k]. */
static void NAME(unpack)(const PLAN *plan, REAL *re, REAL *im) {
  const uint32_t n = plan->n_complex;
  re[n] = re[0];
  im[n] = im[0];
  for (uint32_t k = 0; k < n / 2; k++) {
    REAL a = re[k], b = im[k], c = re[n - k], d = im[n - k];
    REAL er = (a + c) * (REAL)0.5, ei = (b - d) * (REAL)0.5, odd_r = (b + d) * (REAL)0.5, oi = (c - a) * (REAL)0.5;
    REAL wr = plan->unpack_cos[k], wi = plan->unpack_sin[k];
    REAL tr = wr * odd_r - wi * oi, ti = wr * oi + wi * odd_r;
    re[k] = er + tr;
    im[k] = ei + ti;
    re[n - k] = er - tr;
    im[n - k] = ti - ei;
  }
  im[n / 2] = -im[n / 2];
}

/* The inverse of unpack, scaled by 1/N; out of place. */
static void NAME(pack)(const PLAN *plan, const REAL *re, const REAL *im, REAL *zr, REAL *zi) {
  const uint32_t n = plan->n_complex;
  const REAL scale = (REAL)0.5 / (REAL)n;
  for (uint32_t k = 0; k < n / 2; k++) {
    REAL a = re[k], b = im[k], c = re[n - k], d = im[n - k];
    REAL er = (a + c) * scale, ei = (b - d) * scale, tr = (a - c) * scale, ti = (b + d) * scale;
    REAL wr = plan->unpack_cos[k], wi = plan->unpack_sin[k];
    REAL odd_r = wr * tr + wi * ti, oi = wr * ti - wi * tr;
    zr[k] = er - oi;
    zi[k] = ei + odd_r;
    if (k == 0)
      continue;
    zr[n - k] = er + oi;
    zi[n - k] = odd_r - ei;
  }
  zr[n / 2] = re[n / 2] * (scale + scale);
  zi[n / 2] = -im[n / 2] * (scale + scale);
}

void NAME(forward_scalar)(const PLAN *plan, const REAL *in, REAL *re, REAL *im, REAL *scratch) {
  const uint32_t n = plan->n_complex;
  const bool ends_here = plan->n_passes % 2 == 0;
  REAL *xr = ends_here ? re : scratch, *xi = ends_here ? im : scratch + n;
  for (uint32_t i = 0; i < n; i++) {
    xr[i] = in[2 * i];
    xi[i] = in[2 * i + 1];
  }
  NAME(passes)(plan, xr, xi, ends_here ? scratch : re, ends_here ? scratch + n : im);
  NAME(unpack)(plan, re, im);
}

/* Real and imaginary parts change places: the forward passes then run the inverse transform. */
void NAME(inverse_scalar)(const PLAN *plan, const REAL *re, const REAL *im, REAL *out, REAL *scratch) {
  const uint32_t n = plan->n_complex;
  REAL *x = plan->n_passes % 2 == 0 ? scratch : out, *y = x == scratch ? out : scratch;
  NAME(pack)(plan, re, im, x, x + n);
  NAME(passes)(plan, x + n, x, y + n, y);
  for (uint32_t i = 0; i < n; i++) {
    out[2 * i] = scratch[i];
    out[2 * i + 1] = scratch[n + i];
  }
}
