/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/test/check.h"

#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/svf.h"
#include "dsp/svf_kernels.h"
#include "dsp/width_splits.h"
#include "dsp/width_splits_kernels.h"

enum { N = 4096 };
typedef enum Kind { LOW, HIGH, ALL } Kind;

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

/* x through one Butterworth section, or its all-pass. */
static void pass(double *x, Kind kind, double hz, double rate_hz) {
  const double k = sqrt(2.0), g = lac_tan(LAC_PI * hz / rate_hz);
  const LacSvf forms[] = {[LOW] = {g, k, 1, 0, 0}, [HIGH] = {g, k, 0, 0, 1}, [ALL] = {g, k, 1, -k, 1}};
  LacSvfSection section;
  LacSvfState memory = {.is_sum = false};
  lac_svf_lane(&section, 0, &forms[kind], 1.0);
  lac_svf_lane(&section, 1, &forms[kind], 1.0);
  const LacSvfSection *sections = &section;
  LacSvfState *states = &memory;
  lac_svf_kernels_scalar.run(&sections, &states, 1, x, N);
}

/* Every band by itself: high-passes of the splits below, the low-pass of its own, all-passes of those above. */
static void reference(double *frames, unsigned n_splits, double rate_hz, const double *hz, const double *gains) {
  static double band[2 * N], sum[N];
  memset(sum, 0, sizeof sum);
  for (unsigned b = 0; b <= n_splits; b++) {
    memcpy(band, frames, sizeof band);
    for (unsigned s = 0; s < n_splits; s++) {
      if (s > b) {
        pass(band, ALL, hz[s], rate_hz);
      } else {
        pass(band, s == b ? LOW : HIGH, hz[s], rate_hz);
        pass(band, s == b ? LOW : HIGH, hz[s], rate_hz);
      }
    }
    for (unsigned i = 0; i < N; i++) {
      sum[i] += gains[b] * band[2 * i + 1];
    }
  }
  for (unsigned s = 0; s < n_splits; s++) {
    pass(frames, ALL, hz[s], rate_hz);
  }
  for (unsigned i = 0; i < N; i++) {
    frames[2 * i + 1] = sum[i];
  }
}

static void test_equals_its_bands(void **state) {
  (void)state;
  static const double rates[] = {8000, 44100, 48000, 96000, 384000};
  static const double hz[] = {90, 250, 1100, 3300}, gains[] = {0, 1.5, 0.7, 1.0, 2.0};
  for (unsigned r = 0; r < 5; r++) {
    for (unsigned n_splits = 0; n_splits <= LAC_WIDTH_MAX_SPLITS; n_splits++) {
      static double x[2 * N], y[2 * N];
      uint64_t seed = r + 10 * n_splits;
      for (unsigned i = 0; i < 2 * N; i++) {
        x[i] = y[i] = uniform(&seed) - 0.5;
      }
      reference(x, n_splits, rates[r], hz, gains);
      LacWidthSplits splits;
      lac_width_splits_init(&splits, n_splits, rates[r], hz, gains);
      for (unsigned i = 0; i < N; i += 32) {
        lac_width_splits_run(&splits, y + 2 * i, 11, 0, 32);
        lac_width_splits_run(&splits, y + 2 * i + 22, 21, 11, 32);
      }
      double worst = 0;
      for (unsigned i = 0; i < 2 * N; i++) {
        worst = fmax(worst, fabs(x[i] - y[i]));
      }
      assert_true(worst < 1e-11);
    }
  }
}

/* Equal gains: the side passes the same all-pass as the mid, to rounding, also while splits move. */
static void test_equal_gains_bend_nothing(void **state) {
  (void)state;
  double hz[] = {40, 300, 2000, 8000}, other[] = {400, 150, 3000, 12000};
  static const double gains[] = {1, 1, 1, 1, 1};
  static double frames[2 * N];
  uint64_t seed = 1;
  for (unsigned i = 0; i < N; i++) {
    frames[2 * i] = frames[2 * i + 1] = uniform(&seed) - 0.5;
  }
  LacWidthSplits splits;
  lac_width_splits_init(&splits, 4, 48000, hz, gains);
  for (unsigned i = 0; i < N; i += 32) {
    lac_width_splits_aim(&splits, i / 32 % 4 < 2 ? other : hz, gains);
    lac_width_splits_run(&splits, frames + 2 * i, 32, 0, 32);
  }
  /* While a split moves, what is held behind it is not exactly what its own all-pass makes of it; at rest it is. */
  lac_width_splits_init(&splits, 4, 48000, hz, gains);
  for (unsigned i = 0; i < N; i++) {
    assert_true(fabs(frames[2 * i]) < 10 && fabs(frames[2 * i + 1]) < 10);
    frames[2 * i] = frames[2 * i + 1] = uniform(&seed) - 0.5;
  }
  for (unsigned i = 0; i < N; i += 32) {
    lac_width_splits_run(&splits, frames + 2 * i, 32, 0, 32);
  }
  for (unsigned i = 0; i < N; i++) {
    assert_true(fabs(frames[2 * i] - frames[2 * i + 1]) < 1e-13);
  }
}

static void check_same(const void *got, const void *wanted, size_t size) {
  assert_memory_equal(got, wanted, size);
}

/* Every level gives the bits of the truth, however a stretch is cut, and runs that move join those that stand. */
static void test_levels(void **state) {
  (void)state;
  enum { MOST = LAC_WIDTH_MOST_FRAMES };
  static const double hz[] = {90, 250, 1100, 3300}, gains[] = {0, 1.5, 0.7, 1.0, 2.0};
  static const uint32_t cuts[] = {MOST, 1, 7, 12, 13, 100};
  const LacWidthSplitsKernels *truth = &lac_width_splits_kernels_scalar;
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    const LacWidthSplitsKernels *kernels = lac_width_splits_kernels_at((LacCpuLevel)level);
    for (unsigned n_splits = 1; n_splits <= LAC_WIDTH_MAX_SPLITS; n_splits++) {
      LacWidthSplits splits, other;
      lac_width_splits_init(&splits, n_splits, 44100, hz, gains);
      other = splits;
      for (unsigned round = 0; round < sizeof cuts / sizeof cuts[0]; round++) {
        double x[2 * MOST], y[2 * MOST];
        uint64_t seed = round;
        for (unsigned i = 0; i < 2 * MOST; i++) {
          x[i] = y[i] = uniform(&seed) - 0.5;
        }
        truth->run(&splits.factors, &splits.state, n_splits, x, MOST);
        for (uint32_t at = 0, n; at < MOST; at += n) {
          n = cuts[round] < MOST - at ? cuts[round] : MOST - at;
          kernels->run(&other.factors, &other.state, n_splits, y + 2 * at, n);
        }
        check_same(y, x, sizeof x);
        check_same(&other.state, &splits.state, sizeof other.state);
      }
    }
  }
}

/* Left and right there and back, on every level, with sums too large for a float held within it. */
static void test_left_and_right(void **state) {
  (void)state;
  enum { MOST = LAC_WIDTH_MOST_FRAMES };
  const LacWidthSplitsKernels *truth = &lac_width_splits_kernels_scalar;
  float in[2][MOST], out[2][MOST], wanted[2][MOST];
  double frames[2 * MOST], wanted_frames[2 * MOST];
  uint64_t seed = 5;
  for (unsigned c = 0; c < 2; c++) {
    for (unsigned i = 0; i < MOST; i++) {
      in[c][i] = (float)((uniform(&seed) - 0.5) * (i % 50 == 3 ? 6.8e38 : 1.0));
    }
  }
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    const LacWidthSplitsKernels *kernels = lac_width_splits_kernels_at((LacCpuLevel)level);
    for (uint32_t n = 0; n <= MOST; n += n < 70 ? 1 : 31) {
      const double gains[2] = {1.0, n % 2 ? 1.0 : 1.25};
      truth->to_mid_side(in[0], in[1], wanted_frames, n);
      kernels->to_mid_side(in[0], in[1], frames, n);
      check_same(frames, wanted_frames, 2 * n * sizeof frames[0]);
      truth->to_left_right(frames, gains, wanted[0], wanted[1], n);
      kernels->to_left_right(frames, gains, out[0], out[1], n);
      for (unsigned c = 0; c < 2; c++) {
        check_same(out[c], wanted[c], n * sizeof out[c][0]);
        for (uint32_t i = 0; i < n; i++) {
          const double right = (double)in[c][i] * gains[c];
          assert_true(isfinite(out[c][i]) && fabs((double)out[c][i] - right) <= fmax(1e-7, fabs(right) * 0.25));
        }
      }
    }
  }
}

/* Silence ends in exact zeros. */
static void test_flush(void **state) {
  (void)state;
  static const double hz[] = {100, 1000}, gains[] = {0, 1, 2};
  LacWidthSplits splits;
  lac_width_splits_init(&splits, 2, 48000, hz, gains);
  double frames[64] = {1, 1}, last = 1;
  for (unsigned q = 0; q < 2000; q++) {
    lac_width_splits_run(&splits, frames, 32, 0, 32);
    lac_width_splits_flush(&splits);
    last = 0;
    for (unsigned i = 0; i < 64; i++) {
      last = fmax(last, fabs(frames[i]));
      frames[i] = 0;
    }
  }
  assert_true(last == 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_equals_its_bands),
                                     cmocka_unit_test(test_equal_gains_bend_nothing), cmocka_unit_test(test_levels),
                                     cmocka_unit_test(test_left_and_right), cmocka_unit_test(test_flush)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
