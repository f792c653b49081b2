/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/elementary.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* The methods are the classic ones: argument reduction with constants in two or three parts (Cody & Waite 1980,
 * Dekker 1971 products), then a series around zero. Series coefficients are written as the fractions they are. */

/* A value as an unevaluated sum of two doubles, |low| <= ulp(high)/2 or so. */
typedef struct Pair {
  double high, low;
} Pair;

static const double LN2_SHORT = 0x1.62e42fee00000p-1; /* ln 2, 32 bits: times an exponent it is exact */
static const double LN2_SHORT_REST = 0x1.a39ef35793c76p-33;
static const Pair LN2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
static const Pair INV_LN2 = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
static const Pair INV_LN10 = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};
static const double LOG10_2_SHORT = 0x1.3441350800000p-2;
static const double LOG10_2_SHORT_REST = 0x1.f79fef311f12bp-34;
static const Pair LOG2_10_BY_20 = {0x1.542a5a12e1c5bp-3, -0x1.33e2bb36cd142p-57};
static const Pair LOG2_10_BY_10 = {0x1.542a5a12e1c5bp-2, -0x1.33e2bb36cd142p-56};
static const double HALF_PI[3] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};
static const double TWO_BY_PI = 0x1.45f306dc9c883p-1;

static double from_bits(uint64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static uint64_t to_bits(double x) {
  uint64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* a * b exactly (Dekker 1971; no fused multiply-add, whose presence differs by machine). */
static Pair multiply_exactly(double a, double b) {
  const double split = 134217729.0; /* 2^27 + 1 */
  double t = split * a, ah = t - (t - a), al = a - ah;
  t = split * b;
  double bh = t - (t - b), bl = b - bh;
  double high = a * b;
  return (Pair){high, ((ah * bh - high) + ah * bl + al * bh) + al * bl};
}

/* x * 2^k for any k, rounding once into the subnormals. */
static double scale_by_power(double x, int k) {
  if (k > 1023)
    return x * 0x1p1023 * from_bits((uint64_t)(k > 2046 ? 2046 : k - 1023 + 1023) << 52);
  if (k >= -1022)
    return x * from_bits((uint64_t)(k + 1023) << 52);
  if (k < -1100)
    k = -1100;
  return x * from_bits((uint64_t)(k + 1022 + 1023) << 52) * 0x1p-1022;
}

/* 2^k * e^(r + low), |r| <= ln(2)/2, low a correction. */
static double exp_reduced(double r, double low, int k) {
  double p = 1.0 / 6227020800.0; /* 1/13! */
  p = p * r + 1.0 / 479001600.0;
  p = p * r + 1.0 / 39916800.0;
  p = p * r + 1.0 / 3628800.0;
  p = p * r + 1.0 / 362880.0;
  p = p * r + 1.0 / 40320.0;
  p = p * r + 1.0 / 5040.0;
  p = p * r + 1.0 / 720.0;
  p = p * r + 1.0 / 120.0;
  p = p * r + 1.0 / 24.0;
  p = p * r + 1.0 / 6.0;
  p = p * r + 0.5;
  double curve = r * r * p;
  return scale_by_power(1.0 + (r + (low * (1.0 + r + curve) + curve)), k);
}

double lac_exp(double x) {
  if (isnan(x))
    return x;
  if (x > 709.79)
    return INFINITY;
  if (x < -745.2)
    return 0.0;
  double k = rint(x * INV_LN2.high);
  double high = x - k * LN2_SHORT;
  double low = k * LN2_SHORT_REST;
  double r = high - low;
  return exp_reduced(r, (high - r) - low, (int)k);
}

/* 2^(y.high + y.low). */
static double exp2_pair(Pair y) {
  if (isnan(y.high))
    return y.high;
  if (y.high >= 1025.0)
    return INFINITY;
  if (y.high < -1080.0)
    return 0.0;
  double k = rint(y.high);
  Pair r = multiply_exactly(y.high - k, LN2.high);
  return exp_reduced(r.high, r.low + (y.high - k) * LN2.low + y.low * LN2.high, (int)k);
}

double lac_exp2(double x) {
  return exp2_pair((Pair){x, 0.0});
}

/* x = 2^exponent * m with m in sqrt(1/2)..sqrt(2); x positive and finite. Returns m - 1 (exact). */
static double split_logarithm(double x, double *exponent) {
  int k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  uint64_t bits = to_bits(x);
  int64_t e = (int64_t)(bits - 0x3fe6a09e667f3bcdULL) >> 52; /* bits of sqrt(1/2) */
  *exponent = (double)(e + k);
  return from_bits(bits - ((uint64_t)e << 52)) - 1.0;
}

/* (2 atanh(s) - 2 s) / s as a function of z = s^2 <= 0.0295. */
static double atanh_tail(double z) {
  double p = 2.0 / 23.0;
  p = p * z + 2.0 / 21.0;
  p = p * z + 2.0 / 19.0;
  p = p * z + 2.0 / 17.0;
  p = p * z + 2.0 / 15.0;
  p = p * z + 2.0 / 13.0;
  p = p * z + 2.0 / 11.0;
  p = p * z + 2.0 / 9.0;
  p = p * z + 2.0 / 7.0;
  p = p * z + 2.0 / 5.0;
  p = p * z + 2.0 / 3.0;
  return p * z;
}

/* True when log of x needs no arithmetic; then *result is it. */
static bool is_special_logarithm(double x, double *result) {
  if (x > 0.0 && x < INFINITY)
    return false;
  *result = x == 0.0 ? -INFINITY : x > 0.0 ? x : NAN;
  return true;
}

/* log(1 + f) = f - (f^2/2 - s (f^2/2 + R)) with s = f / (2 + f): keeps the large term f exact (Ng, 1993). */
static double log_of_mantissa(double f, double correction) {
  double s = f / (2.0 + f);
  double half_square = 0.5 * f * f;
  return f - (half_square - (s * (half_square + atanh_tail(s * s)) + correction));
}

double lac_log(double x) {
  double special, k;
  if (is_special_logarithm(x, &special))
    return special;
  double f = split_logarithm(x, &k);
  return k * LN2_SHORT + log_of_mantissa(f, k * LN2_SHORT_REST);
}

/* log2 to about 2^-60 relative: log(1 + f) = 2 s + s R(s^2), 2 s in two parts. */
static Pair log2_pair(double x) {
  double k, f = split_logarithm(x, &k);
  double g = 2.0 + f, g_low = f - (g - 2.0);
  double s = f / g;
  Pair product = multiply_exactly(s, g);
  double s_low = (((f - product.high) - product.low) - s * g_low) / g;
  double tail = s * atanh_tail(s * s);
  double high = 2.0 * s + tail;
  double low = (tail - (high - 2.0 * s)) + 2.0 * s_low;
  Pair y = multiply_exactly(high, INV_LN2.high);
  y.low += high * INV_LN2.low + low * INV_LN2.high;
  double sum = k + y.high;
  double rest = k == 0.0 ? y.low : (y.high - (sum - k)) + y.low;
  high = sum + rest;
  return (Pair){high, rest - (high - sum)};
}

double lac_log2(double x) {
  double special;
  if (is_special_logarithm(x, &special))
    return special;
  return log2_pair(x).high;
}

double lac_log10(double x) {
  double special, k;
  if (is_special_logarithm(x, &special))
    return special;
  double m = log_of_mantissa(split_logarithm(x, &k), 0.0);
  Pair y = multiply_exactly(m, INV_LN10.high);
  return k * LOG10_2_SHORT + (y.high + (y.low + m * INV_LN10.low + k * LOG10_2_SHORT_REST));
}

double lac_pow(double base, double exponent) {
  if (exponent == 0.0 || base == 1.0)
    return 1.0;
  if (isnan(base) || isnan(exponent) || base < 0.0)
    return NAN;
  if (base == 0.0)
    return exponent > 0.0 ? 0.0 : INFINITY;
  if (isinf(base))
    return exponent > 0.0 ? INFINITY : 0.0;
  if (fabs(exponent) > 0x1p80)
    return (base > 1.0) == (exponent > 0.0) ? INFINITY : 0.0;
  Pair l = log2_pair(base);
  Pair y = multiply_exactly(l.high, exponent);
  y.low += l.low * exponent;
  return exp2_pair(y);
}

/* x = quadrant * pi/2 + r, |r| <= pi/4 (and a bit), r in two parts. */
static Pair reduce_angle(double x, unsigned *quadrant) {
  if (fabs(x) <= 0.7853981633974483) {
    *quadrant = 0;
    return (Pair){x, 0.0};
  }
  double k = rint(x * TWO_BY_PI);
  *quadrant = (unsigned)((int64_t)k & 3);
  Pair a = multiply_exactly(k, HALF_PI[0]);
  Pair b = multiply_exactly(k, HALF_PI[1]);
  double t = x - a.high; /* exact: both are close */
  /* t - a.low - b in two parts (Knuth's sum, the terms may have any order of size) */
  double s = t - a.low, v = s - t;
  double low = (t - (s - v)) + (-a.low - v);
  double u = s - b.high;
  v = u - s;
  low += (s - (u - v)) + (-b.high - v);
  low -= b.low + k * HALF_PI[2];
  double high = u + low;
  return (Pair){high, low - (high - u)};
}

static double sin_reduced(Pair r) {
  double x = r.high, z = x * x, cube = z * x;
  double p = 1.0 / 355687428096000.0; /* 1/17! */
  p = p * z - 1.0 / 1307674368000.0;
  p = p * z + 1.0 / 6227020800.0;
  p = p * z - 1.0 / 39916800.0;
  p = p * z + 1.0 / 362880.0;
  p = p * z - 1.0 / 5040.0;
  p = p * z + 1.0 / 120.0;
  return x - ((z * (0.5 * r.low - cube * p) - r.low) + cube * (1.0 / 6.0));
}

static double cos_reduced(Pair r) {
  double x = r.high, z = x * x, half = 0.5 * z;
  double p = -1.0 / 6402373705728000.0; /* -1/18! */
  p = p * z + 1.0 / 20922789888000.0;
  p = p * z - 1.0 / 87178291200.0;
  p = p * z + 1.0 / 479001600.0;
  p = p * z - 1.0 / 3628800.0;
  p = p * z + 1.0 / 40320.0;
  p = p * z - 1.0 / 720.0;
  p = p * z + 1.0 / 24.0;
  double w = 1.0 - half;
  return w + (((1.0 - w) - half) + (z * z * p - x * r.low));
}

/* sin(x + quadrants * pi/2) */
static double sin_shifted(double x, unsigned quadrants) {
  if (!(fabs(x) <= 0x1p40))
    return NAN;
  unsigned quadrant;
  Pair r = reduce_angle(x, &quadrant);
  quadrant = (quadrant + quadrants) & 3;
  double y = quadrant & 1 ? cos_reduced(r) : sin_reduced(r);
  return quadrant & 2 ? -y : y;
}

double lac_sin(double x) {
  return sin_shifted(x, 0);
}

double lac_cos(double x) {
  return sin_shifted(x, 1);
}

double lac_tan(double x) {
  if (!(fabs(x) <= 0x1p40))
    return NAN;
  unsigned quadrant;
  Pair r = reduce_angle(x, &quadrant);
  double s = sin_reduced(r), c = cos_reduced(r);
  return quadrant & 1 ? -c / s : s / c;
}

/* atan(j/8) */
static const Pair ATAN_EIGHTHS[9] = {
    {0.0, 0.0},
    {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
};

/* atan of t in 0..1: atan(t) = atan(c) + atan((t - c) / (1 + t c)), c the nearest eighth. */
static double atan_unit(double t) {
  int j = (int)rint(8.0 * t);
  double c = 0.125 * j;
  double u = (t - c) / (1.0 + t * c), z = u * u;
  double p = 1.0 / 17.0;
  p = p * z - 1.0 / 15.0;
  p = p * z + 1.0 / 13.0;
  p = p * z - 1.0 / 11.0;
  p = p * z + 1.0 / 9.0;
  p = p * z - 1.0 / 7.0;
  p = p * z + 1.0 / 5.0;
  p = p * z - 1.0 / 3.0;
  return ATAN_EIGHTHS[j].high + (u + (ATAN_EIGHTHS[j].low + u * z * p));
}

double lac_atan2(double y, double x) {
  if (isnan(x) || isnan(y))
    return NAN;
  double ax = fabs(x), ay = fabs(y);
  double a;
  if (ax == ay) {
    a = ax == 0.0 ? 0.0 : ATAN_EIGHTHS[8].high;
  } else if (ay < ax) {
    a = atan_unit(ay / ax);
  } else {
    a = HALF_PI[0] - (atan_unit(ax / ay) - HALF_PI[1]);
  }
  if (signbit(x))
    a = 2.0 * HALF_PI[0] - (a - 2.0 * HALF_PI[1]);
  return copysign(a, y);
}

/* sinh for |x| <= 1 by its series. */
static double sinh_small(double x) {
  double z = x * x;
  double p = 1.0 / 121645100408832000.0; /* 1/19! */
  p = p * z + 1.0 / 355687428096000.0;
  p = p * z + 1.0 / 1307674368000.0;
  p = p * z + 1.0 / 6227020800.0;
  p = p * z + 1.0 / 39916800.0;
  p = p * z + 1.0 / 362880.0;
  p = p * z + 1.0 / 5040.0;
  p = p * z + 1.0 / 120.0;
  p = p * z + 1.0 / 6.0;
  return x + x * z * p;
}

/* cosh for |x| <= 1 by its series. */
static double cosh_small(double x) {
  double z = x * x;
  double p = 1.0 / 6402373705728000.0; /* 1/18! */
  p = p * z + 1.0 / 20922789888000.0;
  p = p * z + 1.0 / 87178291200.0;
  p = p * z + 1.0 / 479001600.0;
  p = p * z + 1.0 / 3628800.0;
  p = p * z + 1.0 / 40320.0;
  p = p * z + 1.0 / 720.0;
  p = p * z + 1.0 / 24.0;
  return 1.0 + (0.5 * z + z * z * p);
}

double lac_sinh(double x) {
  double a = fabs(x);
  if (isnan(x))
    return x;
  if (a <= 1.0)
    return sinh_small(x);
  double y;
  if (a > 709.0) {
    double e = lac_exp(0.5 * a);
    y = 0.5 * e * e;
  } else {
    double e = lac_exp(a);
    y = 0.5 * (e - 1.0 / e);
  }
  return copysign(y, x);
}

double lac_cosh(double x) {
  double a = fabs(x);
  if (isnan(x))
    return x;
  if (a > 709.0) {
    double e = lac_exp(0.5 * a);
    return 0.5 * e * e;
  }
  double e = lac_exp(a);
  return 0.5 * (e + 1.0 / e);
}

double lac_tanh(double x) {
  double a = fabs(x);
  if (isnan(x))
    return x;
  if (a <= 1.0)
    return sinh_small(x) / cosh_small(x);
  double y = a > 22.0 ? 1.0 : 1.0 - 2.0 / (lac_exp(2.0 * a) + 1.0);
  return copysign(y, x);
}

/* Abramowitz & Stegun 9.6.12 (series, all terms positive), beyond 20 the asymptotic 9.7.1 whose smallest term is
 * then e^-40. */
double lac_bessel_i0(double x) {
  if (isnan(x))
    return x;
  x = fabs(x);
  double sum = 1.0, term = 1.0;
  if (x <= 20.0) {
    double q = 0.25 * x * x;
    for (int k = 1; term > sum * 0x1p-56; k++) {
      term *= q / ((double)k * k);
      sum += term;
    }
    return sum;
  }
  if (x > 713.0)
    return INFINITY; /* 1.79e308 is passed at 713.99 */
  for (int k = 1; k <= 40 && term > 0x1p-56; k++) {
    double odd = 2.0 * k - 1.0;
    term *= odd * odd / (8.0 * x * k);
    sum += term;
  }
  double e = lac_exp(0.5 * x);
  return e * (sum / sqrt(2.0 * LAC_PI * x)) * e;
}

double lac_db_from_gain(double gain) {
  return 20.0 * lac_log10(fabs(gain));
}

double lac_db_from_power(double power) {
  return 10.0 * lac_log10(power);
}

/* 2^(db * c): the product in two parts, else its rounding would show as 0.001 ulp of the exponent times its size. */
static double exp2_of_product(double db, Pair c) {
  if (!(fabs(db) < 1e6))
    return isnan(db) ? db : db > 0.0 ? INFINITY : 0.0;
  Pair y = multiply_exactly(db, c.high);
  y.low += db * c.low;
  return exp2_pair(y);
}

double lac_gain_from_db(double db) {
  return exp2_of_product(db, LOG2_10_BY_20);
}

double lac_power_from_db(double db) {
  return exp2_of_product(db, LOG2_10_BY_10);
}
