/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "core/test/check.h"
#include "dsp/elementary.h"
#include "dsp/waveshaper.h"

enum { N = 500, BEFORE = 8, ROOM = BEFORE + N + LAC_WAVESHAPER_AHEAD };

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static const double shapes[][4] = {/* knee, top, odd, even */
                                   {0, 2.5, 1, 0},
                                   {0, 3, 0.7, 0.2},
                                   {0.5, 1.5, 1, 0},
                                   {0, 4, 0, 0.3},
                                   {0.1, 0.4, 0.5, -0.1}};
enum { N_SHAPES = 5 };

/* On the line from u[1] to u[2], bowed where it has four points: by what makes its middle that of the cubic through all
 * four samples. */
static double line_at(const LacWaveshaper *curve, const float *u, double tau) {
  const double from = (double)u[1], to = (double)u[2], straight = from + tau * (to - from);
  if (curve->n_points == 3) {
    return straight;
  }
  const double cubic_middle = (9 * (from + to) - ((double)u[0] + (double)u[3])) / 16;
  return straight + 4 * tau * (1 - tau) * (cubic_middle - 0.5 * (from + to));
}

/* The average under a triangle at n_points of each of two lines, evenly spaced. u[0] is three samples ahead. */
static double average(const LacWaveshaper *curve, const float *u, uint32_t n_points) {
  double sum = 0;
  for (uint32_t k = 0; k < n_points; k++) {
    double tau = (k + 0.5) / n_points;
    sum += tau * lac_waveshaper_at(curve, line_at(curve, u, tau));
    sum += (1.0 - tau) * lac_waveshaper_at(curve, line_at(curve, u + 1, tau));
  }
  return sum / n_points;
}

/* Even and odd samples put together again. n is even. */
static void run(const LacWaveshaperKernels *kernels, const LacWaveshaper *curve, LacWaveshaperState *state, float *u,
                float *y, uint32_t n) {
  float halves[2][N / 2 + 1] = {{0}};
  kernels->run(curve, state, u, halves[0], halves[1], n);
  for (uint32_t i = 0; i < n; i++) {
    y[i] = halves[i % 2][i / 2];
  }
}

/* Largest error against the size of the samples. */
static double error_against_average(const LacWaveshaper *curve, const float *signal) {
  static float u[ROOM], y[ROOM];
  memcpy(u + BEFORE, signal, N * sizeof(float));
  LacWaveshaperState state = {.late = 0};
  run(&lac_waveshaper_kernels_scalar, curve, &state, u + BEFORE, y, N);
  double worst = 0;
  for (int i = 4; i < N; i++) {
    double expected = average(curve, signal + i - 4, curve->n_points);
    double size = 1.0 + fabs((double)signal[i - 3]) + fabs((double)signal[i - 2]) + fabs((double)signal[i - 1]);
    worst = fmax(worst, fabs((double)y[i] - expected) / size);
  }
  return worst;
}

/* A loud tone of 10 kHz at four times 44.1 kHz, whose lines cross the pieces of the curve; and ramps so slow that a
 * difference quotient would divide rounding by rounding: the steps go down to one unit of the last place and to none.
 */
static void test_is_the_average(void **state) {
  (void)state;
  static float signal[N];
  for (int s = 0; s < 2 * N_SHAPES; s++) {
    const double *shape = shapes[s / 2];
    LacWaveshaper curve;
    lac_waveshaper_set(&curve, shape[0], shape[1], shape[2], shape[3]);
    curve.n_points = curve.n_even_points = s % 2 ? 3 : 4;
    for (int i = 0; i < N; i++) {
      signal[i] = (float)(3.0 * sin(2 * LAC_PI * 10000 / 176400 * i + 0.01 * s));
    }
    double tone = error_against_average(&curve, signal), ramp = 0;
    for (double step = 1e-2; step > 1e-9; step *= 0.01) {
      const double places[] = {0, shape[0], shape[1], -shape[1], 0.7};
      for (size_t p = 0; p < 5; p++) {
        for (int i = 0; i < N; i++) {
          signal[i] = (float)(places[p] + (i - N / 2) * step);
        }
        ramp = fmax(ramp, error_against_average(&curve, signal));
      }
    }
    print_message("shape %d, %u points: error %.1e on a tone, %.1e on ramps\n", s / 2, curve.n_points, tone, ramp);
    assert_true(tone < 3e-7 && ramp < 3e-7);
  }
}

enum { PERIOD = 4096 };

/* All below 20 kHz of y that is no harmonic of the tone, over a period. */
static double alias_db(const double *y, double amplitude, int cycles) {
  double sum = 0;
  for (int k = 1; k < PERIOD * 20 / 176; k += test_is_short() ? 4 : 1) {
    double re = 0, im = 0;
    for (int i = 0; i < PERIOD && k % cycles != 0; i++) {
      re += y[i] * lac_cos(2 * LAC_PI * (double)((long)k * i % PERIOD) / PERIOD);
      im += y[i] * lac_sin(2 * LAC_PI * (double)((long)k * i % PERIOD) / PERIOD);
    }
    sum += re * re + im * im;
  }
  return 10 * log10(sum * 4 / ((double)PERIOD * PERIOD * amplitude * amplitude) + 1e-30);
}

/* How few points do: against the whole integral over straight lines, for 5 kHz without a knee. At amplitude 8 three
 * alias by 4 dB more, at 4 as much; four by 7 and 11 dB less, because their lines are bowed. */
static void test_few_points_do(void **state) {
  (void)state;
  enum { MANY = 48, TONE = 117 };
  static double exact[PERIOD], few[PERIOD];
  const double amplitudes[] = {4, 8};
  for (int a = 0; a < 2; a++) {
    for (uint32_t n_points = 3; n_points <= 4; n_points++) {
      LacWaveshaper curve;
      lac_waveshaper_set(&curve, 0, 2, 1, 0);
      for (int i = 0; i < PERIOD; i++) {
        float u[5];
        for (int k = 0; k < 5; k++) {
          u[k] = (float)(amplitudes[a] * lac_sin(2 * LAC_PI * (double)((long)TONE * (i + k) % PERIOD) / PERIOD));
        }
        curve.n_points = 3;
        exact[i] = average(&curve, u, MANY);
        curve.n_points = n_points;
        few[i] = average(&curve, u, n_points);
      }
      const double of_exact = alias_db(exact, amplitudes[a], TONE), of_few = alias_db(few, amplitudes[a], TONE);
      print_message("amplitude %g, %u points: alias %.1f dB, integral %.1f dB\n", amplitudes[a], n_points, of_few,
                    of_exact);
      assert_true(of_few < of_exact + (n_points == 3 ? 4 : -5));
    }
  }
}

/* A constant and a straight line through the bend come out as the curve says. */
static void test_rest_and_silence(void **state) {
  (void)state;
  static float u[ROOM], y[ROOM];
  LacWaveshaper curve;
  lac_waveshaper_set(&curve, 0.5, 1.5, 1, 0);
  for (int i = 0; i < N; i++) {
    u[BEFORE + i] = (float)(0.5 * sin(0.1 * i));
  }
  LacWaveshaperState z = {.late = 0};
  run(&lac_waveshaper_kernels_scalar, &curve, &z, u + BEFORE, y, N);
  for (int i = 0; i < N; i++) {
    assert_true(y[i] == 0); /* below the knee nothing is added at all */
  }
  for (int i = 0; i < N; i++) {
    u[BEFORE + i] = 1.2F;
  }
  run(&lac_waveshaper_kernels_scalar, &curve, &z, u + BEFORE, y, N);
  assert_true(fabs((double)y[N - 1] - lac_waveshaper_at(&curve, (double)1.2F)) < 1e-7);
}

/* f, f' and f'' have no corner at knee and top. */
static void test_smooth(void **state) {
  (void)state;
  for (int s = 0; s < N_SHAPES; s++) {
    if (shapes[s][0] > 0 && shapes[s][3] != 0) {
      continue; /* an even part that begins at a knee has a corner in f'' there */
    }
    LacWaveshaper curve;
    lac_waveshaper_set(&curve, shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3]);
    const double e = 1e-3;
    for (int i = 0; i < 4; i++) {
      double at = (i % 2 ? -1 : 1) * shapes[s][i / 2], bend[2];
      for (int k = 0; k < 2; k++) {
        double x = at + (k ? 2 : -2) * e;
        bend[k] =
            (lac_waveshaper_at(&curve, x - e) - 2 * lac_waveshaper_at(&curve, x) + lac_waveshaper_at(&curve, x + e)) /
            (e * e);
      }
      assert_true(fabs(bend[0] - bend[1]) < 0.05);
    }
  }
}

static void test_levels_agree(void **state) {
  (void)state;
  static float u[ROOM], expected[ROOM], got[ROOM];
  for (int s = 0; s < N_SHAPES; s++) {
    LacWaveshaper curve;
    lac_waveshaper_set(&curve, shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3]);
    curve.n_points = s % 2 ? 3 : 4;
    curve.n_even_points = s == 3 ? 1 : curve.n_points;
    uint64_t random = 9;
    for (int i = 0; i < N; i++) {
      u[BEFORE + i] = i % 50 < 3 ? 0.25F : (float)(pow(10, 3 * uniform(&random) - 2) * (2 * uniform(&random) - 1));
    }
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      LacWaveshaperState truth = {{0.3F, -0.2F, 0.1F}, 0.2F}, z = truth;
      for (uint32_t done = 0, n = 0; done < N; done += n, n += 2) {
        n = N - done < n ? N - done : n;
        run(&lac_waveshaper_kernels_scalar, &curve, &truth, u + BEFORE + done, expected, n);
        run(lac_waveshaper_kernels_at((LacCpuLevel)level), &curve, &z, u + BEFORE + done, got, n);
        assert_memory_equal(expected, got, n * sizeof(float));
        assert_memory_equal(&truth, &z, sizeof z);
      }
    }
  }
}

/* The harmonics of the table are those of the curve. */
static void test_harmonics(void **state) {
  (void)state;
  LacWaveshaper curve;
  lac_waveshaper_set(&curve, 0, 3, 0.8, 0.1);
  double got[3], expected[3] = {0};
  lac_waveshaper_harmonics(&curve, 1.3, got);
  const size_t n = test_at_most(100000);
  for (size_t i = 0; i < n; i++) {
    double angle = 2 * LAC_PI * (double)i / (double)n, r = lac_waveshaper_at(&curve, 1.3 * sin(angle)) * 2 / (double)n;
    expected[0] += r * sin(angle);
    expected[1] -= r * cos(2 * angle);
    expected[2] += r * sin(3 * angle);
  }
  for (int k = 0; k < 3; k++) {
    assert_true(fabs(got[k] - expected[k]) < 1e-5);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_is_the_average), cmocka_unit_test(test_rest_and_silence), cmocka_unit_test(test_smooth),
      cmocka_unit_test(test_few_points_do),  cmocka_unit_test(test_levels_agree),     cmocka_unit_test(test_harmonics),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
