/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every kernel on every CPU level against the obvious form, for all lengths and alignments. */

#include "meter_signals.h"

#include "analysis/lane_sum.h"
#include "analysis/meter_kernels.h"

enum { MOST = 75, OFFSETS = 3 };

static float data[2][MOST + OFFSETS + 16];

static void fill(uint64_t seed) {
  for (int c = 0; c < 2; c++)
    for (int i = 0; i < MOST + OFFSETS + 16; i++)
      data[c][i] = (float)uniform(seed * 2 + (uint64_t)c, (uint64_t)i);
}

static void check_scans(const LacMeterKernels *kernels) {
  for (size_t n = 0; n <= MOST; n++)
    for (size_t offset = 0; offset < OFFSETS; offset++) {
      fill(n);
      float *x = data[0] + 4 + offset, out[MOST];
      float low = -0.1F, high = 0.1F, least = -0.1F, most = 0.1F;
      for (size_t i = 0; i < n; i++) {
        least = fminf(least, x[i]);
        most = fmaxf(most, x[i]);
      }
      kernels->range(x, n, &low, &high);
      assert_true(low == least && high == most);
      if (n > 2) {
        x[n / 2] = NAN;
        x[n - 1] = -INFINITY;
      }
      assert_int_equal(kernels->copy_finite(x, out, n), n > 2 ? 2 : 0);
      for (size_t i = 0; i < n; i++)
        assert_true(out[i] == (isfinite(x[i]) ? x[i] : 0));
    }
}

static void check_flats(const LacMeterKernels *kernels) {
  for (size_t n = 1; n <= MOST; n++)
    for (size_t at = 0; at < n; at++) {
      fill(n);
      float *x = data[0] + 4;
      for (size_t i = 0; i < n + 4; i++)
        data[0][i] = i % 2 ? 0.5F : -0.5F;
      assert_false(kernels->has_flat(x, n, 0.1F, 0.01F));
      x[at] = 0.805F; /* two before and itself: within the tolerance, step by step */
      (x + at)[-1] = 0.8F;
      assert_false(kernels->has_flat(x, n, 0.1F, 0.01F));
      (x + at)[-2] = 0.795F;
      assert_true(kernels->has_flat(x, n, 0.1F, 0.01F));
      assert_false(kernels->has_flat(x, n, 0.81F, 0.01F));
      assert_false(kernels->has_flat(x, n, 0.1F, 0.004F));
    }
}

static void check_sums(const LacMeterKernels *kernels) {
  for (size_t n = 0; n <= MOST; n++) {
    fill(n);
    const float *l = data[0] + 1, *r = data[1] + 2;
    LacFrameSums sums, plain = {0};
    kernels->frame_sums(l, r, n, &sums);
    for (size_t i = 0; i < n; i++) {
      plain.left += (double)l[i];
      plain.right += (double)r[i];
      plain.left_squared += (double)l[i] * (double)l[i];
      plain.right_squared += (double)r[i] * (double)r[i];
      plain.product += (double)l[i] * (double)r[i];
    }
    assert_near(sums.left, plain.left, 1e-12);
    assert_near(sums.right, plain.right, 1e-12);
    assert_near(sums.left_squared, plain.left_squared, 1e-12);
    assert_near(sums.right_squared, plain.right_squared, 1e-12);
    assert_near(sums.product, plain.product, 1e-12);
    float mid[MOST], side[MOST], larger[MOST];
    kernels->mid_side(l, r, mid, side, n);
    kernels->larger(l, r, larger, n);
    for (size_t i = 0; i < n; i++) {
      assert_true(mid[i] == (l[i] + r[i]) * 0.5F && side[i] == (l[i] - r[i]) * 0.5F);
      assert_true(larger[i] == fmaxf(l[i], r[i]));
    }
  }
}

static void check_bins(const LacMeterKernels *kernels) {
  enum { BINS = 40 };
  _Alignas(64) float re[2][BINS], im[2][BINS], power[BINS], cross[BINS];
  double sums[BINS];
  for (int i = 0; i < BINS; i++) {
    for (int c = 0; c < 2; c++) {
      re[c][i] = (float)uniform((uint64_t)c, (uint64_t)i);
      im[c][i] = (float)uniform((uint64_t)c + 2, (uint64_t)i);
    }
    sums[i] = i;
  }
  kernels->powers(re[0], im[0], power, BINS);
  kernels->cross(re[0], im[0], re[1], im[1], cross, BINS);
  kernels->accumulate(power, power, sums, BINS);
  for (int i = 0; i < BINS; i++) {
    assert_true(power[i] == re[0][i] * re[0][i] + im[0][i] * im[0][i]);
    assert_true(cross[i] == re[0][i] * re[1][i] + im[0][i] * im[1][i]);
    assert_true(sums[i] == i + (double)(power[i] + power[i]));
  }
}

/* The bank in double precision, one band at a time. */
static void check_bank(const LacMeterKernels *kernels) {
  static LacBandBank bank;
  static float x[2][600];
  memset(&bank, 0, sizeof(bank));
  for (int i = 0; i < 600; i++)
    for (int c = 0; c < 2; c++)
      x[c][i] = (float)uniform((uint64_t)c + 9, (uint64_t)i);
  double coefficients[LAC_BANK_BANDS][2][3];
  for (int b = 0; b < LAC_BANK_BANDS; b++)
    for (int f = 0; f < 2; f++) {
      const double g = tan(M_PI * 0.004 * pow(1.8, b + f)), a1 = 1 / (1 + g * (g + sqrt(2)));
      for (int k = 0; k < 3; k++) {
        coefficients[b][f][k] = a1 * pow(g, k);
        (f ? bank.low_pass : bank.high_pass)[k][b] = (float)coefficients[b][f][k];
      }
    }
  for (int done = 0, n = 1; done < 600; done += n, n = n * 2 % 61)
    kernels->bank(&bank, x[0] + done, x[1] + done, (size_t)(600 - done < n ? 600 - done : n));
  for (int b = 0; b < LAC_BANK_BANDS; b++)
    for (int c = 0; c < 2; c++) {
      double s[4] = {0}, peak = 0, energy = 0;
      for (int i = 0; i < 600; i++) {
        double v = (double)x[c][i];
        for (int f = 0; f < 2; f++) {
          const double *a = coefficients[b][f], v3 = v - s[2 * f + 1];
          const double v1 = a[0] * s[2 * f] + a[1] * v3, v2 = s[2 * f + 1] + a[1] * s[2 * f] + a[2] * v3;
          s[2 * f] = 2 * v1 - s[2 * f];
          s[2 * f + 1] = 2 * v2 - s[2 * f + 1];
          v = f ? v2 : v - sqrt(2) * v1 - v2;
        }
        peak = fmax(peak, fabs(v));
        energy += v * v;
      }
      assert_near((double)bank.peak[c][b], peak, 1e-4 * peak);
      assert_near((double)bank.energy[c][b], energy, 1e-4 * energy);
    }
}

static void test_levels(void **state) {
  (void)state;
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    const LacMeterKernels *kernels = lac_meter_kernels_at((LacCpuLevel)level);
    check_scans(kernels);
    check_flats(kernels);
    check_sums(kernels);
    check_bins(kernels);
    check_bank(kernels);
  }
}

/* Cut anywhere, the sum has the same bits. */
static void test_lane_sum(void **state) {
  (void)state;
  double values[100];
  for (int i = 0; i < 100; i++)
    values[i] = gaussian(1, (uint64_t)i) * pow(10, uniform(2, (uint64_t)i) * 8);
  double lanes[8] = {0};
  for (int i = 0; i < 100; i++)
    lanes[i % 8] += values[i];
  const double expected =
      ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
  for (uint32_t a = 0; a <= 100; a++)
    for (uint32_t b = a; b <= 100; b += 3) {
      LacLaneSum sum;
      lac_lane_sum_reset(&sum);
      lac_lane_sum_add(&sum, values, a);
      lac_lane_sum_add(&sum, values + a, b - a);
      lac_lane_sum_add(&sum, values + b, 100 - b);
      assert_true(lac_lane_sum_total(&sum) == expected);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels), cmocka_unit_test(test_lane_sum)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
