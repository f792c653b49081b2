/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <string.h>

#include "dsp/elementary.h"
#include "dsp/svf.h"
#include "dsp/svf_kernels.h"

enum { MAX_SECTIONS = 20, N_FRAMES = 400 };

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static LacSvf random_svf(uint64_t *random) {
  return (LacSvf){.g = pow(10, -4 + 5 * uniform(random)),
                  .k = pow(10, -1.5 + 2 * uniform(random)),
                  .low = 2 * uniform(random),
                  .band = 2 * uniform(random),
                  .high = 2 * uniform(random)};
}

typedef struct Row {
  LacSvfSection sections[MAX_SECTIONS];
  LacSvfState states[MAX_SECTIONS];
  const LacSvfSection *section[MAX_SECTIONS];
  LacSvfState *state[MAX_SECTIONS];
} Row;

static void make_row(Row *row, uint64_t seed) {
  memset(row, 0, sizeof *row);
  for (int k = 0; k < MAX_SECTIONS; k++) {
    row->section[k] = &row->sections[k];
    row->state[k] = &row->states[k];
    for (unsigned lane = 0; lane < LAC_SVF_LANES; lane++) {
      LacSvf svf = random_svf(&seed);
      if (uniform(&seed) < 0.2) {
        lac_svf_lane_through(&row->sections[k], lane);
      } else {
        lac_svf_lane(&row->sections[k], lane, &svf, uniform(&seed));
        row->states[k].z1[lane] = uniform(&seed);
      }
    }
  }
}

/* The impulse response through the kernel has the magnitude that lac_svf_power says. */
static void test_response(void **state) {
  (void)state;
  static const LacSvf filters[] = {{0.1, 1.4, 1, 0, 0}, {0.5, 0.3, 1, 0.9, 1}, {1.7, 2, 0, 0, 1}, {0.02, 0.7, 2, 1, 1}};
  for (size_t f = 0; f < 4; f++) {
    static double frames[2 * 8192];
    memset(frames, 0, sizeof frames);
    frames[0] = 1;
    LacSvfSection section;
    LacSvfState z = {.is_sum = false};
    const LacSvfSection *sections[1] = {&section};
    LacSvfState *states[1] = {&z};
    lac_svf_lane(&section, 0, &filters[f], 1.0);
    lac_svf_lane_through(&section, 1);
    lac_svf_kernels_scalar.run(sections, states, 1, frames, 8192);
    for (int i = 1; i < 20; i++) {
      double w = LAC_PI * i / 20, re = 0, im = 0;
      for (int n = 0; n < 8192; n++) {
        re += frames[2 * n] * cos(w * n);
        im += frames[2 * n] * sin(w * n);
      }
      assert_true(fabs(re * re + im * im - lac_svf_power(&filters[f], w)) < 1e-9);
    }
  }
}

static void test_levels_agree(void **state) {
  (void)state;
  static const uint32_t lengths[] = {0, 1, 2, 3, 5, 8, 13, 32, 100, N_FRAMES};
  static _Alignas(64) double expected[2 * N_FRAMES], got[2 * N_FRAMES];
  for (unsigned n = 0; n <= MAX_SECTIONS; n++) {
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
      uint64_t random = n + 100 * l;
      static Row truth, row;
      make_row(&truth, n);
      for (int i = 0; i < 2 * N_FRAMES; i++) {
        expected[i] = 2 * uniform(&random) - 1;
      }
      memcpy(got, expected, sizeof got);
      static double input[2 * N_FRAMES];
      memcpy(input, expected, sizeof input);
      lac_svf_kernels_scalar.run(truth.section, truth.state, n, expected, lengths[l]);
      for (int level = 0; level <= (int)lac_cpu_level(); level++) {
        make_row(&row, n);
        memcpy(got, input, sizeof got);
        lac_svf_kernels_at((LacCpuLevel)level)->run(row.section, row.state, n, got, lengths[l]);
        assert_memory_equal(got, expected, sizeof got);
        assert_memory_equal(row.states, truth.states, sizeof row.states);
      }
    }
  }
}

static void test_conversions_agree(void **state) {
  (void)state;
  static float left[67], right[67], out[2][67], wanted[2][67];
  static double frames[2 * 67], expected[2 * 67];
  uint64_t random = 3;
  for (int i = 0; i < 67; i++) {
    left[i] = i == 3 ? -0.0F : i == 4 ? 1e-41F : (float)(uniform(&random) - 0.5);
    right[i] = i == 5 ? FLT_MAX : (float)(uniform(&random) - 0.5);
  }
  for (int mono = 0; mono < 2; mono++) {
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      const LacSvfKernels *kernels = lac_svf_kernels_at((LacCpuLevel)level);
      kernels->interleave(left, mono ? NULL : right, frames, 67);
      lac_svf_kernels_scalar.interleave(left, mono ? NULL : right, expected, 67);
      assert_memory_equal(frames, expected, sizeof frames);
      for (int i = 0; i < 10; i++) {
        frames[2 * i + 1] = i % 2 ? 1e300 : -1e39; /* held, not infinite */
      }
      kernels->separate(frames, out[0], mono ? NULL : out[1], 67);
      lac_svf_kernels_scalar.separate(frames, wanted[0], mono ? NULL : wanted[1], 67);
      assert_memory_equal(out, wanted, sizeof out);
      assert_memory_equal(out[0], left, sizeof left);
      assert_true(mono || (out[1][1] == FLT_MAX && out[1][2] == -FLT_MAX));
    }
  }
}

static void test_through_keeps_bits(void **state) {
  (void)state;
  LacSvfSection section;
  LacSvfState z = {.is_sum = false};
  const LacSvfSection *sections[1] = {&section};
  LacSvfState *states[1] = {&z};
  lac_svf_lane_through(&section, 0);
  lac_svf_lane_through(&section, 1);
  double frames[8] = {-0.0, 1e-310, -1, 3e38, 0.1, -0.0, -1e-320, 0}, before[8];
  memcpy(before, frames, sizeof frames);
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    lac_svf_kernels_at((LacCpuLevel)level)->run(sections, states, 1, frames, 4);
    assert_memory_equal(frames, before, sizeof frames);
  }
}

/* Jumping between any two filters, sample by sample, never gains energy from nothing: the state only shrinks. */
static void test_moving_is_stable(void **state) {
  (void)state;
  uint64_t random = 11;
  LacSvfState z = {.z1 = {1, 0.6}, .z2 = {0, 0.8}};
  double before = 1.0;
  for (int k = 0; k < 400; k++) {
    LacSvf a = random_svf(&random), b = random_svf(&random);
    LacSvfSection from, to;
    for (unsigned lane = 0; lane < 2; lane++) {
      lac_svf_lane(&from, lane, &a, 1.0);
      lac_svf_lane(&to, lane, &b, 1.0);
    }
    double frames[2] = {0, 0};
    lac_svf_run_moving(&from, &to, &z, frames, 1, 15, 32);
    double energy = z.z1[0] * z.z1[0] + z.z2[0] * z.z2[0];
    assert_true(energy <= before * (1 + 1e-12));
    before = energy > 1e-12 ? energy : 1.0;
    if (energy <= 1e-12) {
      z.z1[0] = 0.6;
      z.z2[0] = 0.8;
    }
  }
}

static void test_moving_does_not_depend_on_cuts(void **state) {
  (void)state;
  uint64_t random = 5;
  LacSvf a = random_svf(&random), b = random_svf(&random);
  LacSvfSection from, to;
  for (unsigned lane = 0; lane < 2; lane++) {
    lac_svf_lane(&from, lane, &a, 1.0);
    lac_svf_lane(&to, lane, &b, 0.3);
  }
  double whole[64], cut[64];
  for (int i = 0; i < 64; i++) {
    whole[i] = cut[i] = uniform(&random);
  }
  LacSvfState z = {.is_sum = false}, y = z;
  lac_svf_run_moving(&from, &to, &z, whole, 32, 0, 32);
  lac_svf_run_moving(&from, &to, &y, cut, 5, 0, 32);
  lac_svf_run_moving(&from, &to, &y, cut + 10, 27, 5, 32);
  assert_memory_equal(whole, cut, sizeof cut);
  assert_memory_equal(&z, &y, sizeof z);
}

/* Standing still, or moving from a filter to itself, or by turns: the same to the rounding of the states, which is no
 * larger where g is small. */
static void test_forms_agree(void **state) {
  (void)state;
  enum { N = 4000, RUN = 250 };
  static double still[2 * N], moving[2 * N], turns[2 * N];
  static const double g[] = {1e-6, 1e-4, 1e-2, 1, 20};
  uint64_t random = 21;
  for (int k = 0; k < 25; k++) {
    LacSvf svf = random_svf(&random);
    svf.g = g[k % 5];
    LacSvfSection section;
    LacSvfState states[3] = {{.is_sum = false}};
    for (unsigned lane = 0; lane < 2; lane++) {
      lac_svf_lane(&section, lane, &svf, lane ? 0.5 : 1.0);
    }
    for (int i = 0; i < 2 * N; i++) {
      still[i] = moving[i] = turns[i] = uniform(&random); /* not about zero: the low states grow large */
    }
    for (uint32_t at = 0; at < N; at += RUN) {
      const LacSvfSection *const row[1] = {&section};
      LacSvfState *const of_still[1] = {&states[0]}, *const of_turns[1] = {&states[2]};
      lac_svf_kernels_at(lac_cpu_level())->run(row, of_still, 1, still + 2 * at, RUN);
      lac_svf_run_moving(&section, &section, &states[1], moving + 2 * at, RUN, 0, RUN);
      if (at / RUN % 3 == 0) {
        lac_svf_run_moving(&section, &section, &states[2], turns + 2 * at, RUN, 0, RUN);
      } else {
        lac_svf_kernels_at(lac_cpu_level())->run(row, of_turns, 1, turns + 2 * at, RUN);
      }
    }
    double most = 0, off = 0;
    for (int i = 0; i < 2 * N; i++) {
      most = fmax(most, fabs(moving[i]));
      off = fmax(off, fmax(fabs(still[i] - moving[i]), fabs(turns[i] - moving[i])));
    }
    print_message("g %g, k %.2g: %.1e of %.1e\n", svf.g, svf.k, off, most);
    assert_true(off < 1e-12 * most);
  }
}

static void test_flush(void **state) {
  (void)state;
  LacSvfState z = {.z1 = {1e-31, -1e-31}, .z2 = {2e-30, -2e-30}};
  lac_svf_flush(&z);
  assert_true(z.z1[0] == 0 && z.z1[1] == 0 && z.z2[0] == 2e-30 && z.z2[1] == -2e-30);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_response),          cmocka_unit_test(test_levels_agree),
      cmocka_unit_test(test_conversions_agree), cmocka_unit_test(test_through_keeps_bits),
      cmocka_unit_test(test_moving_is_stable),  cmocka_unit_test(test_moving_does_not_depend_on_cuts),
      cmocka_unit_test(test_forms_agree),       cmocka_unit_test(test_flush),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
