/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What both forms of the limiter are tried with. */

#ifndef LAC_PROCESSORS_TEST_LIMITER_TORTURE_H
#define LAC_PROCESSORS_TEST_LIMITER_TORTURE_H

#include "processors/test/processor_signal.h"

#include <math.h>

static const double PI = 3.14159265358979323846;

/* The signals that are hardest to hold. */
enum { N_TORTURES = 8 };

static TestSignal torture(int kind, double rate_hz, size_t n) {
  TestSignal signal = test_noise(2, n, 1.0, 100 + (uint64_t)kind);
  for (unsigned c = 0; c < 2; c++) {
    double slow = 0;
    for (size_t i = 0; i < n; i++) {
      const double t = (double)i, white = (double)signal.channels[c][i];
      slow += 0.02 * (white - slow);
      const double chord = sin(2 * PI * 110 * t / rate_hz) + sin(2 * PI * 523.3 * t / rate_hz) +
                           sin(2 * PI * (3000 + 400 * c) * t / rate_hz);
      const double hit = exp(-fmod(t, rate_hz / 9) / (0.01 * rate_hz));
      const double values[N_TORTURES] = {
          sin(0.5 * PI * t + PI / 4),                       /* a quarter of the rate */
          fmod(t, 2000) < 300 ? sin(2 * PI * 0.49 * t) : 0, /* bursts just under half of it */
          fmax(-1, fmin(1, 2 * chord + white)),             /* a clipped master */
          white,                                            /* white noise */
          i % 2 ? 1 : -1,                                   /* alternation */
          0.3 * chord + 2 * hit * white + 3 * slow,         /* drums over a chord */
          fmod(t, 997) < 1    ? 1
          : fmod(t, 1409) < 2 ? -1
                              : 0.1 * white,                                          /* lone samples */
          fmod(t, 9000) < 4500 ? sin(PI * 0.9 * t) : sin(2 * PI * 30 * t / rate_hz)}; /* bass and treble in turns */
      signal.channels[c][i] = (float)values[kind];
    }
  }
  return signal;
}

#endif
