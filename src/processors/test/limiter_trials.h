/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What both forms of the limiter are tried with. */

#ifndef LAC_PROCESSORS_TEST_LIMITER_TRIALS_H
#define LAC_PROCESSORS_TEST_LIMITER_TRIALS_H

#include "processors/test/processor_signal.h"

#include <math.h>
#include <stdlib.h>

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

/* --- Tones, 6 dB over a ceiling of -1 dBTP ------------------------------------------------------------------- */

/* Frequencies on the grid of the spectrum, so that lines do not smear. */
enum { SPECTRUM = 65536, START = 60000 };
static const double RATE_HZ = 44100;

/* Drives a signal of RATE_HZ 6 dB into the form on trial, in place and without delay. */
typedef void (*LimiterOnTrial)(TestSignal *signal);

static double on_grid(double hz) {
  return rint(hz * SPECTRUM / RATE_HZ) * RATE_HZ / SPECTRUM;
}

static double line(const double *spectrum, double hz) {
  const int k = (int)rint(hz * SPECTRUM / RATE_HZ);
  double power = 0;
  for (int i = k - 4; i <= k + 4; i++)
    power += i >= 0 && i <= SPECTRUM / 2 ? spectrum[i] * spectrum[i] : 0;
  return power;
}

/* The spectrum of what settles of two sines. The caller frees it. */
static double *limited_spectrum(LimiterOnTrial limiter, double hz_a, double amplitude_a, double hz_b,
                                double amplitude_b) {
  TestSignal signal = test_silence(2, START + SPECTRUM + 20000);
  for (unsigned c = 0; c < 2; c++)
    for (size_t i = 0; i < signal.n_frames; i++)
      signal.channels[c][i] = (float)(pow(10, -1.0 / 20) * (amplitude_a * sin(2 * PI * hz_a * (double)i / RATE_HZ) +
                                                            amplitude_b * sin(2 * PI * hz_b * (double)i / RATE_HZ)));
  limiter(&signal);
  double *spectrum = test_spectrum(signal.channels[0] + START, SPECTRUM);
  assert_non_null(spectrum);
  test_signal_free(&signal);
  return spectrum;
}

/* SMPTE RP 120: 4:1, sidebands around the treble tone. */
static double intermodulation_db(LimiterOnTrial limiter, double bass_hz, double treble_hz) {
  const double bass = on_grid(bass_hz), treble = on_grid(treble_hz);
  double *spectrum = limited_spectrum(limiter, bass, 0.8, treble, 0.2), power = 0;
  for (int m = 1; m <= 10; m++)
    power += line(spectrum, treble - m * bass) + line(spectrum, treble + m * bass);
  const double db = 10 * log10(power / line(spectrum, treble));
  free(spectrum);
  return db;
}

/* 50 ms of 997 Hz 6 dB over, then the same tone 26 dB lower: how long until it is within 1 dB of its level. */
static double recovery_ms(LimiterOnTrial limiter) {
  TestSignal in = test_sine(2, 44100, 997, RATE_HZ, 1.0);
  for (unsigned c = 0; c < 2; c++)
    for (size_t i = 0; i < in.n_frames; i++)
      in.channels[c][i] *= i >= 22050 && i < 22050 + 2205 ? 0.89f : 0.05f;
  TestSignal out = test_copy(&in);
  limiter(&out);
  size_t last = 0;
  for (size_t i = 22050 + 2205; i < in.n_frames; i++) {
    const double wanted = (double)in.channels[0][i] * pow(10, 6.0 / 20);
    if (fabs((double)out.channels[0][i]) < pow(10, -1.0 / 20) * fabs(wanted))
      last = i;
  }
  test_signal_free(&in);
  test_signal_free(&out);
  return last > 0 ? (double)(last - 22050 - 2205) / 44.1 : 0;
}

#endif
