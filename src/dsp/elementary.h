/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Our own elementary functions: the same bits on every machine (libm differs by CPU). Double, error below 2 ulp in
 * the ranges audio needs. Only + - * / and sqrt, floor, rint inside. */

#ifndef LAC_DSP_ELEMENTARY_H
#define LAC_DSP_ELEMENTARY_H

#include <stdint.h>

#define LAC_PI 3.14159265358979323846

double lac_exp(double x);
double lac_log(double x); /* x > 0; 0 gives -INFINITY, negative NAN */
double lac_exp2(double x);
double lac_log2(double x);
double lac_pow(double base, double exponent); /* base > 0 */
double lac_log10(double x);
double lac_sin(double x); /* |x| up to 2^40 */
double lac_cos(double x);
double lac_tan(double x);
double lac_atan2(double y, double x);
double lac_sinh(double x);
double lac_cosh(double x);
double lac_tanh(double x);
double lac_bessel_i0(double x); /* modified Bessel function of the first kind, order 0 */

/* 20 log10|gain|; 0 gives -INFINITY. */
double lac_db_from_gain(double gain);
double lac_gain_from_db(double db); /* -INFINITY gives 0 */
double lac_db_from_power(double power);
double lac_power_from_db(double db);

/* Float forms for signals, inline and branch-free so that compilers vectorise loops over them; every operation is
 * elementwise, so the bits do not depend on the vector width. Polynomials fitted by weighted least squares towards
 * equal ripple (log2(1 + f) / f on sqrt(1/2)-1..sqrt(2)-1, (2^f - 1) / f on -1/2..1/2). */

/* log2 of a positive normal float: absolute error below 2e-7 for results around 0, else 2 float ulp (1e-6 dB). */
static inline float lac_fast_log2f(float x) {
  int32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  int32_t exponent = (bits - 0x3f3504f3) >> 23; /* 0x3f3504f3 is sqrt(1/2): the mantissa ends in sqrt(1/2)..sqrt(2) */
  int32_t mantissa_bits = bits - exponent * (1 << 23);
  float f;
  __builtin_memcpy(&f, &mantissa_bits, sizeof f);
  f -= 1.0f;
  float p = -0.14599059059727104f;
  p = p * f + 0.23674603616170115f;
  p = p * f - 0.24992366803880772f;
  p = p * f + 0.2867273400998976f;
  p = p * f - 0.3601038263205649f;
  p = p * f + 0.4809384698728607f;
  p = p * f - 0.7213566477531658f;
  p = p * f + 1.4426947916765196f;
  return (float)exponent + f * p;
}

/* 2^x for -126 <= x <= 127: relative error below 2e-7 (2e-6 dB). */
static inline float lac_fast_exp2f(float x) {
  float whole = x + 12582912.0f; /* 1.5 * 2^23: the low mantissa bits hold rint(x) */
  int32_t whole_bits;
  __builtin_memcpy(&whole_bits, &whole, sizeof whole_bits);
  float f = x - (whole - 12582912.0f);
  float p = 0.00015476300382664607f;
  p = p * f + 0.0013400269655752615f;
  p = p * f + 0.00961800388941543f;
  p = p * f + 0.05550327791200798f;
  p = p * f + 0.24022651345919344f;
  p = p * f + 0.6931472062482409f;
  int32_t scale_bits = (int32_t)(((uint32_t)whole_bits - 0x4b400000u + 127u) << 23);
  float scale;
  __builtin_memcpy(&scale, &scale_bits, sizeof scale);
  return scale * (1.0f + f * p);
}

/* 20 log10 of a positive normal float: absolute error below 1.2e-6 dB around 0 dB, else 2 float ulp. */
static inline float lac_fast_db_from_gainf(float gain) {
  return 6.0205999133f * lac_fast_log2f(gain);
}

#endif
