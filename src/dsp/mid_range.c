/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/mid_range.h"

#include "dsp/elementary.h"

#include <string.h>

static const double CENTRE_HZ = 900, Q = 0.56;
static const double FROM = 0.35, FULLY = 0.6; /* share of the energy */

void lac_mid_range_init(LacMidRange *m, double rate_hz) {
  const double w0 = 2 * LAC_PI * CENTRE_HZ / rate_hz, alpha = lac_sin(w0) / (2 * Q); /* R. Bristow-Johnson, 1994 */
  m->b0 = alpha / (1 + alpha);
  m->a1 = -2 * lac_cos(w0) / (1 + alpha);
  m->a2 = (1 - alpha) / (1 + alpha);
  lac_mid_range_reset(m);
}

void lac_mid_range_reset(LacMidRange *m) {
  memset(m->z1, 0, sizeof m->z1);
  memset(m->z2, 0, sizeof m->z2);
  m->mid = m->all = 0;
}

/* Both channels at once: two chains of dependent operations side by side. */
void lac_mid_range_add(LacMidRange *m, const float *left, const float *right, size_t n_frames) {
  const double b0 = m->b0, a1 = m->a1, a2 = m->a2;
  double lz1 = m->z1[0], lz2 = m->z2[0], rz1 = m->z1[1], rz2 = m->z2[1], mid = m->mid, all = m->all;
  for (size_t i = 0; i < n_frames; i++) {
    const double l = (double)left[i], r = right ? (double)right[i] : 0;
    const double ly = b0 * l + lz1, ry = b0 * r + rz1;
    lz1 = lz2 - a1 * ly, lz2 = -b0 * l - a2 * ly;
    rz1 = rz2 - a1 * ry, rz2 = -b0 * r - a2 * ry;
    mid += ly * ly + ry * ry;
    all += l * l + r * r;
  }
  m->z1[0] = lz1, m->z2[0] = lz2, m->z1[1] = rz1, m->z2[1] = rz2;
  m->mid = mid, m->all = all;
}

double lac_mid_range_part(double mid, double all) {
  const double part = all > 1e-20 ? (mid / all - FROM) / (FULLY - FROM) : 0;
  return part > 0 ? (part < 1 ? part : 1) : 0;
}
