/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "dsp/gain_computer.h"
#include "dsp/gain_computer_kernels.h"

enum { N = 1024 };

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static const LacGainCurve curves[] = {
    {.threshold_db = -20, .slope = 0.5, .knee_db = 6, .range_db = LAC_DYNAMICS_NO_RANGE_DB},
    {.threshold_db = -35, .slope = 0.75, .knee_db = 0, .range_db = LAC_DYNAMICS_NO_RANGE_DB},
    {.threshold_db = -10, .slope = 0.9, .knee_db = 20, .range_db = 6},
    {.threshold_db = -40, .slope = 0.5, .knee_db = 10, .range_db = 8, .fade_db = -70, .is_below = true},
    {.threshold_db = -30,
     .slope = 1,
     .knee_db = 3,
     .range_db = 12,
     .fade_db = LAC_DYNAMICS_NO_FADE_DB,
     .is_below = true},
};
enum { N_CURVES = sizeof curves / sizeof curves[0] };

/* Written out from the paper: eq. 4 with the knee, and its mirror image. */
static void test_curve(void **state) {
  (void)state;
  const LacGainCurve *c = &curves[0];
  assert_true(lac_gain_curve_db(c, -23.0) == 0);
  assert_true(fabs(lac_gain_curve_db(c, -20.0) - 0.5 * 9.0 / 12.0) < 1e-12);
  assert_true(fabs(lac_gain_curve_db(c, -17.0) - 1.5) < 1e-12);
  assert_true(fabs(lac_gain_curve_db(c, 0.0) - 10.0) < 1e-12);
  assert_true(lac_gain_curve_db(&curves[2], 40) == 6);
  assert_true(fabs(lac_gain_curve_db(&curves[3], -50) - 5) < 1e-12);
  assert_true(lac_gain_curve_db(&curves[3], -57.99) == 8 && lac_gain_curve_db(&curves[3], -58.1) < 8);
  assert_true(fabs(lac_gain_curve_db(&curves[3], -64) - 4) < 1e-12); /* half way through the fade */
  assert_true(lac_gain_curve_db(&curves[3], -70) == 0 && lac_gain_curve_db(&curves[3], -34.9) == 0);
  assert_true(lac_gain_curve_db(&curves[4], -300) == 12);
}

static void test_kernels(void **state) {
  (void)state;
  static double powers[N], frames[2 * N], squares[3][N], truth_squares[3][N];
  static float level[N], amount[N], gain[N], truth_level[N], truth_amount[N], truth_gain[N];
  uint64_t random = 5;
  for (int i = 0; i < N; i++) {
    powers[i] = i == 0 ? 0 : i == 1 ? 1e77 : pow(10, 14 * uniform(&random) - 13);
    frames[2 * i] = uniform(&random) - 0.5;
    frames[2 * i + 1] = uniform(&random) - 0.5;
  }
  for (int k = 0; k < N_CURVES; k++) {
    for (int l = 0; l <= (int)lac_cpu_level(); l++) {
      const LacGainComputerKernels *kernels = lac_gain_computer_kernels_at((LacCpuLevel)l);
      kernels->squares(frames, squares[0], squares[1], N);
      kernels->larger(squares[0], squares[1], squares[2], N);
      kernels->levels(powers, 2.0, level, N);
      kernels->amounts(&curves[k], level, amount, N);
      kernels->gains(amount, gain, N);
      for (int i = 0; i < N; i++) {
        double wanted_level = fmin(300, fmax(-300, 10 * log10(2 * powers[i])));
        assert_true(fabs((double)level[i] - wanted_level) < 1e-4);
        assert_true(fabs((double)amount[i] - lac_gain_curve_db(&curves[k], (double)level[i])) < 2e-4);
        assert_true(fabs(20 * log10((double)gain[i]) - fmin(200, (double)amount[i])) < 2e-5);
        assert_true(amount[i] != 0 || gain[i] == 1);
        assert_true(squares[2][i] == fmax(frames[2 * i] * frames[2 * i], frames[2 * i + 1] * frames[2 * i + 1]));
      }
      if (l == 0) {
        memcpy(truth_level, level, sizeof level);
        memcpy(truth_amount, amount, sizeof amount);
        memcpy(truth_gain, gain, sizeof gain);
        memcpy(truth_squares, squares, sizeof squares);
      }
      assert_memory_equal(truth_level, level, sizeof level);
      assert_memory_equal(truth_amount, amount, sizeof amount);
      assert_memory_equal(truth_gain, gain, sizeof gain);
      assert_memory_equal(truth_squares, squares, sizeof squares);
    }
  }
}

/* Seconds until a step of the amount is 63 % there. */
static double step_time(LacBallistics lane, double from_db, double to_db, double rate_hz) {
  lac_ballistics_rest(&lane, from_db);
  for (uint32_t i = 1;; i++) {
    float amount = (float)to_db, *amounts[1] = {&amount};
    lac_ballistics_run(&lane, 1, amounts, 1);
    if (fabs((double)amount - from_db) >= (1 - exp(-1)) * fabs(to_db - from_db)) {
      return i / rate_hz;
    }
  }
}

/* The bar: 63 % times of attack and release within 5 % of what was set. */
static void test_times(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000}, attacks[] = {0.0005, 0.005, 0.03, 0.08};
  static const double releases[] = {0.04, 0.1, 0.2, 0.8};
  for (size_t r = 0; r < 3; r++) {
    for (size_t a = 0; a < 4; a++) {
      for (size_t b = 0; b < 4; b++) {
        LacBallistics lane = {0};
        lac_ballistics_set(&lane, attacks[a], releases[b], 0, rates[r]);
        double slower = fmax(releases[b], attacks[a]);
        assert_true(fabs(step_time(lane, 0, 8, rates[r]) / attacks[a] - 1) < 0.05);
        assert_true(fabs(step_time(lane, 8, 0, rates[r]) / slower - 1) < 0.05);
        if (releases[b] > attacks[a]) {
          lac_ballistics_set_quickly(&lane, attacks[a], releases[b], 0, rates[r]);
          double bound = releases[b] >= 9 * attacks[a] ? 0.012 : 0.08;
          assert_true(fabs(step_time(lane, 8, 0, rates[r]) / releases[b] - 1) < bound);
        }
      }
    }
  }
}

/* Reduction of 10 dB for `hold_s`, then none: seconds until half of it is left. */
static double half_time(double steady_s, double hold_s) {
  LacBallistics lane = {0};
  lac_ballistics_set(&lane, 0.001, 0.05, steady_s, 48000);
  lac_ballistics_rest(&lane, 0);
  for (uint32_t i = 0;; i++) {
    float amount = i < hold_s * 48000 ? 10.0F : 0.0F, *amounts[1] = {&amount};
    lac_ballistics_run(&lane, 1, amounts, 1);
    if (i > hold_s * 48000 && amount < 5) {
      return i / 48000.0 - hold_s;
    }
  }
}

static void test_steady_release(void **state) {
  (void)state;
  assert_true(fabs(half_time(0, 5) - half_time(0, 0.02)) < 1e-3);
  assert_true(fabs(half_time(1, 0.02) - half_time(0, 0.02)) < 1e-3); /* a short peak is forgotten as quickly */
  assert_true(half_time(1, 5) > 0.5 && half_time(1, 5) < 0.9);
}

/* Of an overshoot before a steady 8 dB nothing is held, so that the attack is that of the 8 dB; and what has been
 * applied is let go with the release, with a window or without. */
static void test_overshoot(void **state) {
  (void)state;
  double value[2][2];
  for (int i = 0; i < 2; i++) {
    LacBallistics lane = {0};
    lac_ballistics_set(&lane, 0.03, 0.2, 0, 5512.5);
    lane.window = i ? 3 : 0;
    for (int at = 0; at < 16000; at++) {
      float amount = at < 4 ? 12.0F : at < 8000 ? 8.0F : 0.0F, *amounts[1] = {&amount};
      lac_ballistics_run(&lane, 1, amounts, 1);
      value[i][0] = at == 165 ? amount : value[i][0];
      value[i][1] = at == 9102 ? amount : value[i][1];
    }
  }
  assert_true(fabs(value[1][0] / (8 * (1 - exp(-1))) - 1) < 0.02 && value[0][0] > 1.2 * value[1][0]);
  assert_true(fabs(value[1][1] / (8 * exp(-1)) - 1) < 0.02 && fabs(value[0][1] - value[1][1]) < 0.1);
}

/* Lanes do not know of each other, nor of how a stretch is cut. */
static void test_lanes(void **state) {
  (void)state;
  static float together[7][N], alone[7][N];
  LacBallistics lanes[7] = {{0}}, single[7];
  float *amounts[7];
  uint64_t random = 7;
  for (int k = 0; k < 7; k++) {
    lac_ballistics_set(&lanes[k], 0.001 * (k + 1), 0.02 * (k + 1), k % 2 ? 0.3 : 0, 48000);
    amounts[k] = together[k];
    for (int i = 0; i < N; i++) {
      together[k][i] = alone[k][i] = (float)(10 * uniform(&random));
    }
  }
  memcpy(single, lanes, sizeof lanes);
  lac_ballistics_run(lanes, 7, amounts, N);
  for (int k = 0; k < 7; k++) {
    float *head[1] = {alone[k]}, *tail[1] = {alone[k] + 333};
    lac_ballistics_run(&single[k], 1, head, 333);
    lac_ballistics_run(&single[k], 1, tail, N - 333);
  }
  assert_memory_equal(together, alone, sizeof alone);
  assert_memory_equal(lanes, single, sizeof lanes);
}

/* However many run side by side. */
static void test_lanes_agree(void **state) {
  (void)state;
  enum { LANES = 11, POINTS = 77 };
  static float amounts[2][LANES][POINTS];
  static double powers[2][LANES][POINTS];
  uint64_t random = 11;
  for (int l = 0; l <= (int)lac_cpu_level(); l++) {
    const LacGainComputerKernels *kernels = lac_gain_computer_kernels_at((LacCpuLevel)l);
    for (unsigned n = 1; n <= LANES; n++) {
      LacBallistics ballistics[2][LANES];
      LacMeanSquare means[2][LANES];
      memset(ballistics, 0, sizeof ballistics);
      memset(means, 0, sizeof means);
      float *rows[2][LANES];
      double *power_rows[2][LANES];
      for (unsigned k = 0; k < LANES; k++) {
        lac_ballistics_set(&ballistics[0][k], 0.001 * (k + 1), 0.02 * (k + 1), (k + n) % 3 ? 0 : 0.3, 48000);
        means[0][k].factor = 0.07 * (k + 1);
        ballistics[0][k].window = n % 2 ? 1.5 * k + 0.5 : 0;
        ballistics[1][k] = ballistics[0][k];
        means[1][k] = means[0][k];
        for (int i = 0; i < POINTS; i++) {
          amounts[0][k][i] = amounts[1][k][i] = (float)(10 * uniform(&random));
          powers[0][k][i] = powers[1][k][i] = uniform(&random);
        }
        for (int side = 0; side < 2; side++) {
          rows[side][k] = amounts[side][k];
          power_rows[side][k] = powers[side][k];
        }
      }
      lac_ballistics_run(ballistics[0], n, rows[0], POINTS);
      kernels->ballistics(ballistics[1], n, rows[1], POINTS);
      lac_mean_power_run(means[0], n, power_rows[0], POINTS);
      kernels->mean_powers(means[1], n, power_rows[1], POINTS);
      assert_memory_equal(amounts[0], amounts[1], sizeof amounts[0]);
      assert_memory_equal(powers[0], powers[1], sizeof powers[0]);
      assert_memory_equal(ballistics[0], ballistics[1], sizeof ballistics[0]);
      assert_memory_equal(means[0], means[1], sizeof means[0]);
    }
  }
}

static LacSteps steps_of(uint32_t n_frames, uint32_t frames, uint32_t at) {
  return (LacSteps){n_frames, frames, at};
}

static void test_steps(void **state) {
  (void)state;
  for (uint32_t frames = 1; frames <= 32; frames *= 2) {
    for (uint32_t at = 0; at < frames; at++) {
      for (uint32_t n = 0; n < 70; n++) {
        uint32_t points = 0, before = n;
        for (uint32_t i = 0; i < n; i++) {
          before = points == 0 && (at + i) % frames == 0 ? i : before;
          points += (at + i) % frames == 0;
        }
        assert_int_equal(lac_steps_points(steps_of(n, frames, at)), points);
        assert_true(points == 0 || lac_steps_before(steps_of(n, frames, at)) == before);
      }
    }
  }
  assert_int_equal(lac_steps_frames(0.03, 44100), 8);
  assert_int_equal(lac_steps_frames(0.005, 44100), 4);
  assert_int_equal(lac_steps_frames(0.001, 48000), 4);
  assert_int_equal(lac_steps_frames(0.001, 96000), 8);
  assert_int_equal(lac_steps_frames(0.0001, 44100), 1);
  assert_int_equal(lac_steps_frames(1.0, 8000), 1);
  assert_int_equal(lac_steps_frames(1.0, 384000), 32);
}

/* y = a (x - y') + x' in a row. */
static double all_passes(LacQuadrature *q, int chain, int channel, double x) {
  double before = q->input[channel];
  for (int s = 0; s < LAC_QUADRATURE_SECTIONS; s++) {
    double last = q->output[chain][s][channel];
    x = q->output[chain][s][channel] = q->factors[chain][s] * (x - last) + before;
    before = last;
  }
  return x;
}

static double steady_power(LacQuadrature *q, int channel, double power, double mean) {
  double first = all_passes(q, 0, channel, mean), second = all_passes(q, 1, channel, mean);
  q->input[channel] = mean;
  return power - mean * mean + 0.5 * (first * first + second * second);
}

/* Against the formula, in any cuts and groups, at any step, on every level, any number of bands with a quadrature. */
static void test_powers_of(unsigned n_steady) {
  static double signals[5][2 * N], powers[10][N], expected[10][N], largest[10][N];
  const double *frames[5], *later[5];
  double *power[10], *later_power[10];
  uint64_t random = 11;
  for (uint32_t step = 1; step <= 16; step *= 2) {
    for (int b = 0; b < 5; b++) {
      double factor = 0.01 * (b + 1), z[2][2] = {{0}}, sum[2][2] = {{0}}, sounds[2][2] = {{0}}, peak[2] = {0};
      LacQuadrature quadrature = {.sum = {{0}}};
      lac_quadrature_aim(&quadrature, 44100.0 / step);
      frames[b] = signals[b];
      later[b] = signals[b] + 2 * 101;
      for (int i = 0; i < 2 * N; i++) {
        double x = signals[b][i] = uniform(&random) - 0.5;
        uint32_t side = (uint32_t)(i / 2) % 2;
        sum[side][i % 2] += x * x;
        sounds[side][i % 2] += x;
        peak[i % 2] = fmax(peak[i % 2], x * x);
        if ((uint32_t)(i / 2) % step == 0) {
          double now = (sum[0][i % 2] + sum[1][i % 2]) / step, mean = (sounds[0][i % 2] + sounds[1][i % 2]) / step;
          now = b < (int)n_steady ? steady_power(&quadrature, i % 2, now, mean) : now;
          z[0][i % 2] = z[0][i % 2] * (1 - factor) + now * factor;
          z[1][i % 2] = z[1][i % 2] * (1 - factor) + z[0][i % 2] * factor;
          expected[b + 5 * (i % 2)][(uint32_t)(i / 2) / step] = z[1][i % 2];
          largest[b + 5 * (i % 2)][(uint32_t)(i / 2) / step] = peak[i % 2];
          sum[0][i % 2] = sum[1][i % 2] = sounds[0][i % 2] = sounds[1][i % 2] = peak[i % 2] = 0;
        }
      }
    }
    const LacSteps head = steps_of(101, step, 0), tail = steps_of(N - 101, step, 101 % step);
    for (int l = 0; l <= (int)lac_cpu_level(); l++) {
      const LacGainComputerKernels *kernels = lac_gain_computer_kernels_at((LacCpuLevel)l);
      LacMeanSquare bands[5] = {{0}};
      LacQuadrature quadratures[5] = {{.sum = {{0}}}};
      double peaks[5][2] = {{0}};
      for (int k = 0; k < 10; k++) {
        power[k] = powers[k];
        later_power[k] = powers[k] + lac_steps_points(head);
        bands[k % 5].factor = 0.01 * (k % 5 + 1);
        lac_quadrature_aim(&quadratures[k % 5], 44100.0 / step);
      }
      kernels->mean_squares(bands, 5, quadratures, n_steady, frames, power, head);
      kernels->mean_squares(bands, 5, quadratures, n_steady, later, later_power, tail);
      for (int k = 0; k < 10; k++) {
        assert_memory_equal(powers[k], expected[k], (N / step) * sizeof(double));
      }
      kernels->peak_squares(peaks, 5, frames, power, head);
      kernels->peak_squares(peaks, 5, later, later_power, tail);
      for (int k = 0; k < 10; k++) {
        assert_memory_equal(powers[k], largest[k], (N / step) * sizeof(double));
      }
    }
  }
}

static void test_powers(void **state) {
  (void)state;
  for (unsigned n_steady = 0; n_steady <= 5; n_steady++) {
    test_powers_of(n_steady);
  }
}

/* The power of a tone stands still, where squares ripple by 100 %, the more the deeper it is, at any rate and step; its
 * mean and that of noise are those of the squares. */
static void test_quadrature(void **state) {
  (void)state;
  enum { POINTS = 11025 };
  static const double tones_hz[] = {31, 40, 50, 63, 80, 100, 160},
                      most[] = {0.001, 0.002, 0.001, 0.008, 0.013, 0.01, 0.13};
  static double x[2 * 16 * POINTS], powers[2][POINTS];
  for (uint32_t step = 4; step <= 16; step *= 2) {
    for (int t = 0; t <= 7; t++) {
      uint64_t random = 17;
      const double rate_hz = 5512.5 * step, hz = t < 7 ? tones_hz[t] : 0;
      double least = 1e9, largest = 0, sum = 0, squares = 0;
      LacMeanSquare band = {.factor = 1};
      LacQuadrature quadrature = {.sum = {{0}}};
      lac_quadrature_aim(&quadrature, 5512.5);
      for (uint32_t i = 0; i < step * POINTS; i++) {
        x[2 * i] = t < 7 ? sin(2 * 3.14159265358979 * hz / rate_hz * i) : uniform(&random) - 0.5;
        squares += x[2 * i] * x[2 * i] / step;
      }
      const double *frames = x;
      double *rows[2] = {powers[0], powers[1]};
      lac_gain_computer_kernels_at(lac_cpu_level())
          ->mean_squares(&band, 1, &quadrature, 1, &frames, rows, steps_of(step * POINTS, step, 0));
      for (int i = 0; i < POINTS; i++) {
        assert_true(powers[0][i] > -1e-12 && powers[1][i] == 0);
        sum += powers[0][i];
        least = i > POINTS / 2 && powers[0][i] < least ? powers[0][i] : least;
        largest = i > POINTS / 2 && powers[0][i] > largest ? powers[0][i] : largest;
      }
      print_message("%3.0f Hz, step %2u: ripple %.4f, mean %.4f\n", hz, step, (largest - least) / (largest + least),
                    sum / squares);
      assert_true(fabs(sum / squares - 1) < 0.01);
      assert_true(t == 7 || (largest - least) / (largest + least) < most[t]);
    }
  }
}

/* Ramps from point to point, in any cuts, on every level. */
static void test_mix(void **state) {
  (void)state;
  static double signals[5][2 * N], mixed[2 * N];
  static float gains[5][2][N + 2];
  uint64_t random = 13;
  for (int i = 0; i < 5 * 2 * N; i++) {
    signals[i % 5][i / 5] = uniform(&random) - 0.5;
    gains[i % 5][i / 5 % 2][i / 10] = (float)uniform(&random);
  }
  for (uint32_t step = 1; step <= 8; step *= 2) {
    for (int k = 0; k < 5 * ((int)lac_cpu_level() + 1); k++) {
      const LacGainComputerKernels *kernels = lac_gain_computer_kernels_at((LacCpuLevel)(k / 5));
      const unsigned n_bands = (unsigned)(k % 5) + 1;
      const uint32_t cut = 203;
      const double *frames[2][5];
      const float *at[2][5][2];
      for (unsigned b = 0; b < 5; b++) {
        for (int lane = 0; lane < 2; lane++) {
          at[0][b][lane] = gains[b][lane];
          at[1][b][lane] = gains[b][lane] + cut / step;
        }
        frames[0][b] = signals[b];
        frames[1][b] = signals[b] + 2 * cut;
      }
      kernels->mix(frames[0], n_bands, (const float *const(*)[2])at[0], mixed, steps_of(cut, step, 0));
      kernels->mix(frames[1], n_bands, (const float *const(*)[2])at[1], mixed + 2 * cut,
                   steps_of(N - 1 - cut, step, cut % step));
      for (uint32_t i = 0; i < 2 * (N - 1); i++) {
        double sum = 0, share = (i / 2 % step + 1) / (double)step;
        for (unsigned b = 0; b < n_bands; b++) {
          const float *g = &gains[b][i % 2][i / 2 / step];
          sum += signals[b][i] * ((double)g[0] + ((double)g[1] - (double)g[0]) * share);
        }
        assert_true(mixed[i] == sum);
      }
    }
  }
}

static void test_crest(void **state) {
  (void)state;
  static double powers[96000];
  LacCrest crest;
  lac_crest_init(&crest, 48000);
  assert_true(lac_crest_square(&crest) == 2);
  for (int i = 0; i < 96000; i++) {
    powers[i] = pow(sin(0.13 * i), 2);
  }
  lac_crest_run(&crest, powers, 96000);
  assert_true(fabs(lac_crest_square(&crest) - 2) < 0.02);
  for (int i = 0; i < 96000; i++) {
    powers[i] = i % 4800 == 0;
  }
  lac_crest_run(&crest, powers, 96000);
  assert_true(lac_crest_square(&crest) > 900);
}

static void test_settle(void **state) {
  (void)state;
  LacBallistics lane = {0};
  lac_ballistics_set(&lane, 0.01, 0.2, 0.5, 48000);
  lac_ballistics_rest(&lane, 9e-7);
  lac_ballistics_settle(&lane);
  assert_true(lane.value == 0 && lane.held == 0 && lane.mean == 0);
  lac_ballistics_rest(&lane, 2e-6);
  lac_ballistics_settle(&lane);
  assert_true(lane.value == 2e-6);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lanes_agree), cmocka_unit_test(test_curve),          cmocka_unit_test(test_kernels),
      cmocka_unit_test(test_times),       cmocka_unit_test(test_steady_release), cmocka_unit_test(test_lanes),
      cmocka_unit_test(test_steps),       cmocka_unit_test(test_powers),         cmocka_unit_test(test_quadrature),
      cmocka_unit_test(test_mix),         cmocka_unit_test(test_overshoot),      cmocka_unit_test(test_crest),
      cmocka_unit_test(test_settle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
