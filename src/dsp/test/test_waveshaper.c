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

/* The integral that the kernel solves, by Gauss's two points in each of many steps. u[0] is three samples ahead. */
static double average(const LacWaveshaper *curve, const float *u) {
  enum { STEPS = 300 };
  double sum = 0;
  for (int k = 0; k < 2 * STEPS; k++) {
    double tau = (k / 2 + 0.5 + (k % 2 ? 0.5 : -0.5) / sqrt(3.0)) / STEPS;
    sum += tau * lac_waveshaper_at(curve, line_at(curve, u, tau));
    sum += (1.0 - tau) * lac_waveshaper_at(curve, line_at(curve, u + 1, tau));
  }
  return sum / (2 * STEPS);
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
static double error_against_integral(const LacWaveshaper *curve, const float *signal) {
  static float u[ROOM], y[ROOM];
  memcpy(u + BEFORE, signal, N * sizeof(float));
  LacWaveshaperState state = {.late = 0};
  run(&lac_waveshaper_kernels_scalar, curve, &state, u + BEFORE, y, N);
  double worst = 0;
  for (int i = 4; i < N; i += test_is_short() ? 10 : 1) {
    double expected = average(curve, signal + i - 4);
    double size = 1.0 + fabs((double)signal[i - 3]) + fabs((double)signal[i - 2]) + fabs((double)signal[i - 1]);
    worst = fmax(worst, fabs((double)y[i] - expected) / size);
  }
  return worst;
}

/* A loud tone of 10 kHz at four times 44.1 kHz, whose lines cross the pieces of the curve; and ramps so slow that a
 * difference quotient would divide rounding by rounding: the steps go down to one unit of the last place and to none.
 */
static void test_is_the_integral(void **state) {
  (void)state;
  static float signal[N];
  for (int s = 0; s < N_SHAPES; s++) {
    LacWaveshaper curve;
    lac_waveshaper_set(&curve, shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3]);
    for (int i = 0; i < N; i++) {
      signal[i] = (float)(3.0 * sin(2 * LAC_PI * 10000 / 176400 * i + 0.01 * s));
    }
    double tone = error_against_integral(&curve, signal), ramp = 0;
    for (double step = 1e-2; step > 1e-9; step *= 0.01) {
      const double places[] = {0, shapes[s][0], shapes[s][1], -shapes[s][1], 0.7};
      for (size_t p = 0; p < 5; p++) {
        for (int i = 0; i < N; i++) {
          signal[i] = (float)(places[p] + (i - N / 2) * step);
        }
        ramp = fmax(ramp, error_against_integral(&curve, signal));
      }
    }
    print_message("shape %d: error %.1e on a tone, %.1e on ramps\n", s, tone, ramp);
    /* The last shape bends within a tenth of the tone. */
    assert_true(tone < (s == N_SHAPES - 1 ? 1e-3 : 1e-4) && ramp < 3e-7);
  }
}

/* Three points are as exact wherever a line stays within a piece, and without a knee as good as exact on that tone. */
static void test_three_points(void **state) {
  (void)state;
  static float signal[N];
  for (int s = 0; s < N_SHAPES; s++) {
    LacWaveshaper curve;
    lac_waveshaper_set(&curve, shapes[s][0], shapes[s][1], shapes[s][2], shapes[s][3]);
    curve.n_points = 3;
    for (int i = 0; i < N; i++) {
      signal[i] = (float)(3.0 * sin(2 * LAC_PI * 10000 / 176400 * i + 0.01 * s));
    }
    double tone = error_against_integral(&curve, signal);
    const double middle = 0.5 * (shapes[s][0] + shapes[s][1]), step = 0.49 * (shapes[s][1] - shapes[s][0]) / N;
    for (int i = 0; i < N; i++) {
      signal[i] = (float)(middle + 2 * (i - N / 2) * step);
    }
    double ramp = error_against_integral(&curve, signal);
    print_message("shape %d, three points: error %.1e on a tone, %.1e on a ramp\n", s, tone, ramp);
    assert_true((shapes[s][0] > 0 || tone < 1e-4) && ramp < 3e-7);
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
      cmocka_unit_test(test_is_the_integral), cmocka_unit_test(test_rest_and_silence), cmocka_unit_test(test_smooth),
      cmocka_unit_test(test_three_points),    cmocka_unit_test(test_levels_agree),     cmocka_unit_test(test_harmonics),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
