/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "dsp/linear_prediction.h"

#include <math.h>

/* One step of the recursion: a1..a(m-1) become a1..am by the reflection coefficient k. */
static void raise_order(double *a, unsigned m, double k) {
  for (unsigned i = 1, j = m - 1; i <= j; i++, j--) {
    const double low = a[i - 1], high = a[j - 1];
    a[i - 1] = low + k * high;
    a[j - 1] = high + k * low;
  }
  a[m - 1] = k;
}

double lac_levinson(const double *r, unsigned order, double *a) {
  double left = r[0];
  for (unsigned i = 0; i < order; i++)
    a[i] = 0.0;
  for (unsigned m = 1; m <= order && left > 0.0; m++) {
    double sum = r[m];
    for (unsigned i = 1; i < m; i++)
      sum += a[i - 1] * r[m - i];
    const double k = -sum / left;
    if (!(fabs(k) <= 1.0))
      break;
    raise_order(a, m, k);
    left *= 1.0 - k * k;
  }
  return left > 0.0 ? left : 0.0;
}
