/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/k_weighting.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"

/* Both channels at once. */
typedef double Stereo __attribute__((vector_size(16)));

/* Every so many frames of the absolute index, tiny states become 0 (no subnormals in silence) and non-finite ones
 * too (bad input does not spread). */
enum { QUANTUM = 32 };

/* The analogue prototype behind the 48 kHz table of BS.1770-5 Annex 1: f0, Q and gain at full precision, such that the
 * bilinear transform (w = tan(pi f0 / fs)) gives the table back to 1e-13. */
void lac_k_weighting_init(LacKWeighting *k, double rate_hz) {
  memset(k, 0, sizeof *k);
  double w = lac_tan(LAC_PI * 1681.974450955533 / rate_hz), q = 0.7071752369554196;
  double high_gain = lac_gain_from_db(3.999843853973347), band_gain = lac_pow(high_gain, 0.4996667741545416);
  double d = 1.0 + w / q + w * w;
  k->shelf_b[0] = (high_gain + band_gain * w / q + w * w) / d;
  k->shelf_b[1] = 2.0 * (w * w - high_gain) / d;
  k->shelf_b[2] = (high_gain - band_gain * w / q + w * w) / d;
  k->shelf_a[0] = 2.0 * (w * w - 1.0) / d;
  k->shelf_a[1] = (1.0 - w / q + w * w) / d;

  w = lac_tan(LAC_PI * 38.13547087602444 / rate_hz);
  q = 0.5003270373238773;
  d = 1.0 + w / q + w * w;
  k->high_pass_b[0] = 1.0;
  k->high_pass_b[1] = -2.0;
  k->high_pass_b[2] = 1.0;
  k->high_pass_a[0] = 2.0 * (w * w - 1.0) / d;
  k->high_pass_a[1] = (1.0 - w / q + w * w) / d;
}

void lac_k_weighting_reset(LacKWeighting *k) {
  memset(k->state, 0, sizeof k->state);
  k->quantum_frames = 0;
}

static Stereo healthy(Stereo z) {
  for (int c = 0; c < 2; c++)
    z[c] = fabs(z[c]) > 1e-30 && fabs(z[c]) < 1e30 ? z[c] : 0.0;
  return z;
}

/* Runs up to the next quantum border. Transposed direct form II; the sums are grouped so that only one product and
 * two sums lie between an output and the next. */
static void run(LacKWeighting *k, const float *left, const float *right, double *power, uint32_t n) {
  const double b0 = k->shelf_b[0], b1 = k->shelf_b[1], b2 = k->shelf_b[2];
  const double a1 = k->shelf_a[0], a2 = k->shelf_a[1], c1 = k->high_pass_a[0], c2 = k->high_pass_a[1];
  Stereo z[4];
  for (int i = 0; i < 4; i++)
    z[i] = (Stereo){k->state[0][i], k->state[1][i]};
  for (uint32_t i = 0; i < n; i++) {
    Stereo x = {(double)left[i], right ? (double)right[i] : 0.0};
    Stereo y = b0 * x + z[0];
    z[0] = (b1 * x + z[1]) - a1 * y;
    z[1] = b2 * x - a2 * y;
    Stereo v = y + z[2];
    z[2] = (z[3] - 2.0 * y) - c1 * v;
    z[3] = y - c2 * v;
    Stereo square = v * v;
    power[i] = square[0] + square[1];
  }
  k->quantum_frames = (k->quantum_frames + n) % QUANTUM;
  for (int i = 0; i < 4; i++) {
    if (k->quantum_frames == 0)
      z[i] = healthy(z[i]);
    k->state[0][i] = z[i][0];
    k->state[1][i] = z[i][1];
  }
}

void lac_k_weighting_power(LacKWeighting *k, const float *const *channels, unsigned n_channels, double *power,
                           uint32_t n_frames) {
  for (uint32_t at = 0; at < n_frames;) {
    uint32_t n = QUANTUM - k->quantum_frames;
    if (n > n_frames - at)
      n = n_frames - at;
    run(k, channels[0] + at, n_channels > 1 ? channels[1] + at : NULL, power + at, n);
    at += n;
  }
}
