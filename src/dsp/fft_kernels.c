/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The passes of fft_plan.h in the level's own vector width; the same expressions as fft_scalar_form.h. Compiled once
 * per CPU level. */

#include "dsp/fft_plan.h"
#include "dsp/vector_shuffles.h"

typedef float V __attribute__((vector_size(LAC_LANES * 4)));
typedef float VU __attribute__((vector_size(LAC_LANES * 4), aligned(4), may_alias));

#define ALWAYS static inline __attribute__((always_inline))

ALWAYS V load(const float *p) {
  return *(const VU *)p;
}

ALWAYS void store(float *p, V v) {
  *(VU *)p = v;
}

/* Four outputs of a butterfly. */
typedef struct Quad {
  V r0, i0, r1, i1, r2, i2, r3, i3;
} Quad;

ALWAYS Quad butterfly(V ar, V ai, V br, V bi, V cr, V ci, V dr, V di) {
  V acr = ar + cr, aci = ai + ci, dcr = ar - cr, dci = ai - ci;
  V bdr = br + dr, bdi = bi + di, ebr = br - dr, ebi = bi - di;
  return (Quad){acr + bdr, aci + bdi, dcr + ebi, dci - ebr, acr - bdr, aci - bdi, dcr - ebi, dci + ebr};
}

ALWAYS Quad load_butterfly(const float *xr, const float *xi, uint32_t quarter) {
  return butterfly(load(xr), load(xi), load(xr + quarter), load(xi + quarter), load(xr + 2 * quarter),
                   load(xi + 2 * quarter), load(xr + 3 * quarter), load(xi + 3 * quarter));
}

/* Both parts of z[i..] out of the interleaved signal. */
#define LOAD_PACKED(re, im, p)                                                                                         \
  do {                                                                                                                 \
    V low_ = load(p), high_ = load((p) + LAC_LANES);                                                                   \
    re = EVEN(low_, high_);                                                                                            \
    im = ODD(low_, high_);                                                                                             \
  } while (0)

ALWAYS Quad load_packed_butterfly(const float *in, uint32_t quarter) {
  V ar, ai, br, bi, cr, ci, dr, di;
  LOAD_PACKED(ar, ai, in);
  LOAD_PACKED(br, bi, in + 2 * quarter);
  LOAD_PACKED(cr, ci, in + 4 * quarter);
  LOAD_PACKED(dr, di, in + 6 * quarter);
  return butterfly(ar, ai, br, bi, cr, ci, dr, di);
}

#define TURN(r, i, wr, wi)                                                                                             \
  do {                                                                                                                 \
    V r_ = r, i_ = i, wr_ = wr, wi_ = wi;                                                                              \
    r = r_ * wr_ - i_ * wi_;                                                                                           \
    i = r_ * wi_ + i_ * wr_;                                                                                           \
  } while (0)

/* Twiddles that are spread out per element. */
ALWAYS void turn_spread(Quad *y, const float *w, uint32_t quarter) {
  TURN(y->r1, y->i1, load(w), load(w + quarter));
  TURN(y->r2, y->i2, load(w + 2 * quarter), load(w + 3 * quarter));
  TURN(y->r3, y->i3, load(w + 4 * quarter), load(w + 5 * quarter));
}

/* y0[0] y1[0] y2[0] y3[0] y0[1] ... */
ALWAYS void store_interleaved(float *out, V y0, V y1, V y2, V y3) {
  V t0 = ZIP_LOW(y0, y2), t1 = ZIP_HIGH(y0, y2), u0 = ZIP_LOW(y1, y3), u1 = ZIP_HIGH(y1, y3);
  store(out, ZIP_LOW(t0, u0));
  store(out + LAC_LANES, ZIP_HIGH(t0, u0));
  store(out + 2 * LAC_LANES, ZIP_LOW(t1, u1));
  store(out + 3 * LAC_LANES, ZIP_HIGH(t1, u1));
}

/* The same with groups of four values. */
ALWAYS void store_fours(float *out, V y0, V y1, V y2, V y3) {
#if LAC_LANES == 4
  store(out, y0);
  store(out + 4, y1);
  store(out + 8, y2);
  store(out + 12, y3);
#else
  V t0 = FOURS_LOW(y0, y2), t1 = FOURS_HIGH(y0, y2), u0 = FOURS_LOW(y1, y3), u1 = FOURS_HIGH(y1, y3);
  store(out, FOURS_LOW(t0, u0));
  store(out + LAC_LANES, FOURS_HIGH(t0, u0));
  store(out + 2 * LAC_LANES, FOURS_LOW(t1, u1));
  store(out + 3 * LAC_LANES, FOURS_HIGH(t1, u1));
#endif
}

/* Stride 1. `in` is the interleaved signal, or NULL: then xr and xi are read. */
ALWAYS void first_pass(const LacFftPlan *plan, const float *in, const float *xr, const float *xi, float *yr,
                       float *yi) {
  const uint32_t quarter = plan->n_complex / 4;
  const float *w = plan->twiddles[0];
  for (uint32_t j = 0; j < quarter; j += LAC_LANES) {
    Quad y = in ? load_packed_butterfly(in + 2 * j, quarter) : load_butterfly(xr + j, xi + j, quarter);
    turn_spread(&y, w + j, quarter);
    store_interleaved(yr + 4 * j, y.r0, y.r1, y.r2, y.r3);
    store_interleaved(yi + 4 * j, y.i0, y.i1, y.i2, y.i3);
  }
}

/* Stride 4. */
static void second_pass(const LacFftPlan *plan, const float *xr, const float *xi, float *yr, float *yi) {
  const uint32_t quarter = plan->n_complex / 4;
  const float *w = plan->twiddles[1];
  for (uint32_t j = 0; j < quarter; j += LAC_LANES) {
    Quad y = load_butterfly(xr + j, xi + j, quarter);
    turn_spread(&y, w + j, quarter);
    store_fours(yr + 4 * j, y.r0, y.r1, y.r2, y.r3);
    store_fours(yi + 4 * j, y.i0, y.i1, y.i2, y.i3);
  }
}

ALWAYS void store_quad(const Quad *y, float *yr, float *yi, uint32_t s) {
  store(yr, y->r0);
  store(yi, y->i0);
  store(yr + s, y->r1);
  store(yi + s, y->i1);
  store(yr + 2 * s, y->r2);
  store(yi + 2 * s, y->i2);
  store(yr + 3 * s, y->r3);
  store(yi + 3 * s, y->i3);
}

/* Stride 16 and more: a row of s values shares its twiddles. */
static void wide_pass(const LacFftPlan *plan, const float *w, uint32_t s, const float *xr, const float *xi, float *yr,
                      float *yi) {
  const uint32_t quarter = plan->n_complex / 4, m = quarter / s;
  for (uint32_t p = 0; p < m; p++) {
    const float *a = xr + s * p, *b = xi + s * p;
    float *c = yr + 4 * s * p, *d = yi + 4 * s * p;
    if (!w) {
      for (uint32_t q = 0; q < s; q += LAC_LANES) {
        Quad y = load_butterfly(a + q, b + q, quarter);
        store_quad(&y, c + q, d + q, s);
      }
      continue;
    }
    const V zero = {0};
    const float *t = w + 6 * p;
    const V w1r = zero + t[0], w1i = zero + t[1], w2r = zero + t[2], w2i = zero + t[3], w3r = zero + t[4];
    const V w3i = zero + t[5];
    for (uint32_t q = 0; q < s; q += LAC_LANES) {
      Quad y = load_butterfly(a + q, b + q, quarter);
      TURN(y.r1, y.i1, w1r, w1i);
      TURN(y.r2, y.i2, w2r, w2i);
      TURN(y.r3, y.i3, w3r, w3i);
      store_quad(&y, c + q, d + q, s);
    }
  }
}

static void radix2(uint32_t half, const float *xr, const float *xi, float *yr, float *yi) {
  for (uint32_t q = 0; q < half; q += LAC_LANES) {
    V ar = load(xr + q), ai = load(xi + q), br = load(xr + q + half), bi = load(xi + q + half);
    store(yr + q, ar + br);
    store(yi + q, ai + bi);
    store(yr + q + half, ar - br);
    store(yi + q + half, ai - bi);
  }
}

/* The passes from number 1 on; like lac_fft_passes of the scalar form. */
static void later_passes(const LacFftPlan *plan, float *xr, float *xi, float *yr, float *yi) {
  second_pass(plan, xr, xi, yr, yi);
  for (uint32_t i = 2, s = 16; i < plan->n_passes; i++, s *= 4) {
    float *tr = xr, *ti = xi;
    xr = yr, xi = yi;
    yr = tr, yi = ti;
    if (plan->n_complex / s == 2) {
      radix2(s, xr, xi, yr, yi);
    } else {
      wide_pass(plan, plan->twiddles[i], s, xr, xi, yr, yi);
    }
  }
}

static void unpack(const LacFftPlan *plan, float *re, float *im) {
  const uint32_t n = plan->n_complex;
  re[n] = re[0];
  im[n] = im[0];
  for (uint32_t k = 0; k < n / 2; k += LAC_LANES) {
    const uint32_t mirror = n - k - (LAC_LANES - 1);
    V a = load(re + k), b = load(im + k), c = load(re + mirror), d = load(im + mirror);
    c = REVERSE(c);
    d = REVERSE(d);
    V er = (a + c) * 0.5f, ei = (b - d) * 0.5f, odd_r = (b + d) * 0.5f, oi = (c - a) * 0.5f;
    V wr = load(plan->unpack_cos + k), wi = load(plan->unpack_sin + k);
    V tr = wr * odd_r - wi * oi, ti = wr * oi + wi * odd_r;
    store(re + k, er + tr);
    store(im + k, ei + ti);
    c = er - tr;
    d = ti - ei;
    store(re + mirror, REVERSE(c));
    store(im + mirror, REVERSE(d));
  }
  im[n / 2] = -im[n / 2];
}

static void pack(const LacFftPlan *plan, const float *re, const float *im, float *zr, float *zi) {
  const uint32_t n = plan->n_complex;
  const float scale = 0.5f / (float)n;
  for (uint32_t k = 0; k < n / 2; k += LAC_LANES) {
    const uint32_t mirror = n - k - (LAC_LANES - 1);
    V a = load(re + k), b = load(im + k), c = load(re + mirror), d = load(im + mirror);
    c = REVERSE(c);
    d = REVERSE(d);
    V er = (a + c) * scale, ei = (b - d) * scale, tr = (a - c) * scale, ti = (b + d) * scale;
    V wr = load(plan->unpack_cos + k), wi = load(plan->unpack_sin + k);
    V odd_r = wr * tr + wi * ti, oi = wr * ti - wi * tr;
    store(zr + k, er - oi);
    store(zi + k, ei + odd_r);
    c = er + oi;
    d = odd_r - ei;
    if (k == 0) { /* the mirror of 0 would be z[N] */
      for (uint32_t j = 1; j < LAC_LANES; j++) {
        zr[n - j] = c[j];
        zi[n - j] = d[j];
      }
      continue;
    }
    store(zr + mirror, REVERSE(c));
    store(zi + mirror, REVERSE(d));
  }
  zr[n / 2] = re[n / 2] * (scale + scale);
  zi[n / 2] = -im[n / 2] * (scale + scale);
}

static void complex_forward(const LacFftPlan *plan, const float *from_re, const float *from_im, float *re, float *im,
                            float *scratch) {
  const uint32_t n = plan->n_complex;
  if (n < LAC_FFT_SMALLEST_VECTOR) {
    lac_fft_complex_scalar(plan, from_re, from_im, re, im, scratch);
  } else if (plan->n_passes % 2 == 1) {
    first_pass(plan, NULL, from_re, from_im, re, im);
    later_passes(plan, re, im, scratch, scratch + n);
  } else {
    first_pass(plan, NULL, from_re, from_im, scratch, scratch + n);
    later_passes(plan, scratch, scratch + n, re, im);
  }
}

static void forward(const LacFftPlan *plan, const float *in, float *re, float *im, float *scratch) {
  const uint32_t n = plan->n_complex;
  if (n < LAC_FFT_SMALLEST_VECTOR) {
    lac_fft_forward_scalar(plan, in, re, im, scratch);
    return;
  }
  if (plan->n_passes % 2 == 1) {
    first_pass(plan, in, NULL, NULL, re, im);
    later_passes(plan, re, im, scratch, scratch + n);
  } else {
    first_pass(plan, in, NULL, NULL, scratch, scratch + n);
    later_passes(plan, scratch, scratch + n, re, im);
  }
  unpack(plan, re, im);
}

static void inverse(const LacFftPlan *plan, const float *re, const float *im, float *out, float *scratch) {
  const uint32_t n = plan->n_complex;
  if (n < LAC_FFT_SMALLEST_VECTOR) {
    lac_fft_inverse_scalar(plan, re, im, out, scratch);
    return;
  }
  float *x = plan->n_passes % 2 == 0 ? scratch : out, *y = x == scratch ? out : scratch;
  pack(plan, re, im, x, x + n);
  first_pass(plan, NULL, x + n, x, y + n, y);
  later_passes(plan, y + n, y, x + n, x);
  for (uint32_t i = 0; i < n; i += LAC_LANES) {
    V a = load(scratch + i), b = load(scratch + n + i);
    store(out + 2 * i, ZIP_LOW(a, b));
    store(out + 2 * i + LAC_LANES, ZIP_HIGH(a, b));
  }
}

const LacFftKernels LAC_KERNEL(lac_fft_kernels) = {forward, inverse, complex_forward};
