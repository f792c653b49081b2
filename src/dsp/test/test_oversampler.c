/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "core/test/check.h"
#include "dsp/elementary.h"
#include "dsp/oversampler.h"
#include "dsp/oversampler_kernels.h"

static const double rates[] = {44100, 48000, 96000};
/* What the kinds of filters promise: of images and aliases at twice the rate, and at more; and of aliases that land
 * above what passes. */
static const struct {
  double pass_hz, first_db, next_db, edge_db;
} promises[] = {[LAC_OVERSAMPLER_FULL] = {20000, -110, -110, -110}, [LAC_OVERSAMPLER_LEAN] = {19100, -99, -80, -60}};
enum { FULL = LAC_OVERSAMPLER_FULL, LEAN = LAC_OVERSAMPLER_LEAN };

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

/* Amplitude of the part of x at f, cycles per sample; f must fit whole periods into n. */
static double level_at(const float *x, size_t n, double f) {
  double re = 0, im = 0;
  for (size_t i = 0; i < n; i++) {
    re += (double)x[i] * cos(2 * LAC_PI * f * (double)i);
    im += (double)x[i] * sin(2 * LAC_PI * f * (double)i);
  }
  return 2.0 * sqrt(re * re + im * im) / (double)n;
}

enum { N = 4800, SETTLED = 1920 };

typedef struct Rig {
  LacArena *arena;
  LacOversampler *over;
  unsigned factor;
  float *low, *high, *back;
} Rig;

static Rig new_rig(int kind, double rate_hz, unsigned factor, unsigned inner) {
  Rig rig = {.factor = factor};
  assert_int_equal(lac_arena_new(&rig.arena), LAC_OK);
  assert_int_equal(lac_oversampler_new(rig.arena, (LacOversamplerKind)kind, rate_hz, factor, inner, &rig.over), LAC_OK);
  rig.low = calloc(N, sizeof(float));
  rig.high = calloc((size_t)N * factor, sizeof(float));
  rig.back = calloc(N, sizeof(float));
  assert_true(rig.low && rig.high && rig.back);
  return rig;
}

static void free_rig(Rig *rig) {
  free(rig->low);
  free(rig->high);
  free(rig->back);
  lac_arena_free(rig->arena);
}

static void up(Rig *rig) {
  for (uint32_t i = 0; i < N; i += LAC_OVERSAMPLER_RUN) {
    uint32_t n = N - i < LAC_OVERSAMPLER_RUN ? N - i : LAC_OVERSAMPLER_RUN;
    lac_oversampler_up(rig->over, rig->low + i, rig->high + (size_t)i * rig->factor, n);
  }
}

static void down_run(Rig *rig, uint32_t from, uint32_t n) {
  const LacOversamplerHigh high = lac_oversampler_high(rig->over);
  for (uint32_t i = 0; i < n * rig->factor; i++) {
    *(i % 2 ? &high.odd[i / 2] : &high.even[i / 2]) = rig->high[(size_t)from * rig->factor + i];
  }
  lac_oversampler_down(rig->over, rig->back + from, n);
}

static void down(Rig *rig) {
  for (uint32_t i = 0; i < N; i += LAC_OVERSAMPLER_RUN) {
    down_run(rig, i, N - i < LAC_OVERSAMPLER_RUN ? N - i : LAC_OVERSAMPLER_RUN);
  }
}

/* Tones come up at their level, to 0.01 dB (0.0007 measured), and their images under it as promised. */
static void check_images(int kind) {
  double worst_level = 0;
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (unsigned factor = 2; factor <= 8; factor *= 2) {
      double worst_image = 0;
      for (unsigned k = 1; k <= 10; k += test_is_short() ? 3 : 1) {
        Rig rig = new_rig(kind, rates[r], factor, 0);
        double f = rint(0.1 * promises[kind].pass_hz * k / rates[r] * (N - SETTLED)) / (N - SETTLED);
        for (int i = 0; i < N; i++) {
          rig.low[i] = (float)sin(2 * LAC_PI * f * i);
        }
        up(&rig);
        const float *x = rig.high + (size_t)SETTLED * factor;
        size_t n = (size_t)(N - SETTLED) * factor;
        for (unsigned image = 1; image <= factor / 2; image++) {
          worst_image = fmax(worst_image, level_at(x, n, (image - f) / factor));
          worst_image =
              image + f < 0.5 * factor ? fmax(worst_image, level_at(x, n, (image + f) / factor)) : worst_image;
        }
        worst_level = fmax(worst_level, fabs(20 * log10(level_at(x, n, f / factor))));
        free_rig(&rig);
      }
      print_message("%.0f Hz, %u times: images %.1f dB\n", rates[r], factor, 20 * log10(worst_image));
      assert_true(20 * log10(worst_image) < (factor > 2 ? promises[kind].next_db : promises[kind].first_db));
    }
  }
  print_message("flat to %.6f dB\n", worst_level);
  assert_true(worst_level < 0.01);
}

static void test_images(void **state) {
  (void)state;
  check_images(FULL);
  check_images(LEAN);
}

/* What lies above half the rate does not come down. */
static void check_aliases(int kind) {
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (unsigned factor = 2; factor <= 8; factor *= 2) {
      double worst[2] = {0, 0}; /* of what lands where the filters pass, and above */
      const double edge = 0.5;  /* nothing folds, not even to just below half the rate */
      for (unsigned k = 0; k < 25; k += test_is_short() ? 4 : 1) {
        Rig rig = new_rig(kind, rates[r], factor, 0);
        double f = edge + (0.5 * factor - 0.001 - edge) * k / 24.0;
        for (size_t i = 0; i < (size_t)N * factor; i++) {
          rig.high[i] = (float)sin(2 * LAC_PI * f / factor * (double)i);
        }
        down(&rig);
        const int is_edge = fabs(f - rint(f)) * rates[r] > fmin(promises[kind].pass_hz, 0.4 * rates[r]);
        for (int i = SETTLED; i < N; i++) {
          worst[is_edge] = fmax(worst[is_edge], fabs((double)rig.back[i]));
        }
        free_rig(&rig);
      }
      print_message("%.0f Hz, %u times: aliases %.1f dB, above the pass band %.1f dB\n", rates[r], factor,
                    20 * log10(worst[0]), 20 * log10(worst[1]));
      assert_true(20 * log10(worst[0]) < (factor > 2 ? promises[kind].next_db : promises[kind].first_db));
      assert_true(20 * log10(worst[1]) < (factor > 2 ? promises[kind].edge_db : promises[kind].first_db));
    }
  }
}

static void test_aliases(void **state) {
  (void)state;
  check_aliases(FULL);
  check_aliases(LEAN);
}

/* Up and down again is the input, late by the declared frames, whatever waits between: noise below 19 kHz to the
 * ripple, -80 dB (made from tones), and every cut into calls gives the same bits. */
static void check_null(int kind) {
  for (size_t r = 0; r < test_at_most(3); r++) {
    for (unsigned factor = 2; factor <= 8; factor *= 2) {
      for (unsigned inner = 0; inner < 3; inner++) {
        Rig rig = new_rig(kind, rates[r], factor, inner);
        for (int i = 0; i < N; i++) {
          for (int k = 1; k <= 19; k++) {
            rig.low[i] += (float)(0.05 * sin(2 * LAC_PI * 1000.0 * k / rates[r] * i + k * k));
          }
        }
        up(&rig);
        size_t n_high = (size_t)N * factor;
        memmove(rig.high + inner, rig.high, (n_high - inner) * sizeof(float));
        memset(rig.high, 0, inner * sizeof(float));
        down(&rig);
        uint32_t latency = lac_oversampler_latency_frames(rig.over);
        double error = 0;
        for (int i = SETTLED; i < N; i++) {
          error = fmax(error, fabs((double)rig.back[i] - (double)rig.low[i - (int)latency]));
        }
        assert_true(20 * log10(error) < -79);
        float *whole = malloc(N * sizeof(float));
        assert_non_null(whole);
        memcpy(whole, rig.back, N * sizeof(float));
        lac_oversampler_reset(rig.over);
        uint64_t random = factor;
        for (uint32_t i = 0; i < N;) {
          uint32_t n = (uint32_t)(uniform(&random) * 100);
          n = n < N - i ? n : N - i;
          down_run(&rig, i, n);
          i += n;
        }
        assert_memory_equal(whole, rig.back, N * sizeof(float));
        free(whole);
        free_rig(&rig);
      }
    }
  }
}

static void test_null(void **state) {
  (void)state;
  check_null(FULL);
  check_null(LEAN);
}

/* Down from twice the rate is the filter its own impulse responses tell of, to the noise of single precision: -134 dB
 * measured for even frames, -128 dB for odd ones, which are a difference. */
static void test_noise(void **state) {
  (void)state;
  enum { TAPS = 130 };
  double h[2 * TAPS];
  for (int late = 0; late < 2; late++) {
    Rig rig = new_rig(FULL, 44100, 2, 0);
    rig.high[late] = 1.0F;
    down(&rig);
    for (int k = 0; k < TAPS; k++)
      h[2 * k + late] = (double)rig.back[k];
    free_rig(&rig);
  }
  Rig rig = new_rig(FULL, 44100, 2, 0);
  uint64_t random = 9;
  for (int i = 0; i < 2 * N; i++)
    rig.high[i] = (float)(2 * uniform(&random) - 1);
  down(&rig);
  double error[2] = {0, 0}, power = 0;
  for (int i = TAPS; i < N; i++) {
    double y = 0;
    for (int k = 0; k < TAPS; k++)
      y += h[2 * k] * (double)rig.high[2 * (i - k)] + h[2 * k + 1] * (double)rig.high[2 * (i - k) + 1];
    error[i % 2] += ((double)rig.back[i] - y) * ((double)rig.back[i] - y);
    power += 0.5 * y * y;
  }
  for (int odd = 0; odd < 2; odd++) {
    print_message("%s frames: noise %.1f dB\n", odd ? "odd" : "even", 10 * log10(error[odd] / power));
    assert_true(10 * log10(error[odd] / power) < -126);
  }
  free_rig(&rig);
}

static void check_pairs(const LacOversamplerKernels *truth, const LacOversamplerKernels *kernels, const float *x,
                        uint32_t n) {
  enum { ROOM = 80 };
  static float dealt[2][3][ROOM], out[2][2 * ROOM];
  memset(dealt, 0, sizeof dealt);
  for (int k = 0; k < 2; k++) {
    const LacOversamplerKernels *one = k == 0 ? truth : kernels;
    one->deal(x, dealt[k][0], dealt[k][1], dealt[k][2], n);
    one->join(x + 1, x + 100, x + 50, out[k], n);
  }
  assert_memory_equal(dealt[0], dealt[1], sizeof dealt[0]);
  assert_memory_equal(out[0], out[1], sizeof out[0]);
}

/* An even number of samples. */
static void check_down_half(const LacOversamplerKernels *truth, const LacOversamplerKernels *kernels,
                            const LacTaps *taps, uint32_t n) {
  enum { ROOM = 80 };
  static float halves[2][2][ROOM];
  memset(halves, 0, sizeof halves);
  truth->down_half(taps, 0.3F, taps->x + 47, halves[0][0], halves[0][1], n);
  kernels->down_half(taps, 0.3F, taps->x + 47, halves[1][0], halves[1][1], n);
  assert_memory_equal(halves[0], halves[1], sizeof halves[0]);
}

static void test_levels_agree(void **state) {
  (void)state;
  enum { MOST = 150, TAPS = 11 * LAC_TAPS_STEP };
  static float x[2 * MOST + TAPS], h[TAPS], expected[2 * MOST], got[2 * MOST];
  uint64_t random = 1;
  for (size_t i = 0; i < sizeof x / sizeof x[0]; i++) {
    x[i] = (float)(uniform(&random) - 0.5);
    h[i % TAPS] = (float)(uniform(&random) - 0.5);
  }
  const LacOversamplerKernels *truth = &lac_oversampler_kernels_scalar;
  for (int level = 0; level <= (int)lac_cpu_level(); level++) {
    const LacOversamplerKernels *kernels = lac_oversampler_kernels_at((LacCpuLevel)level);
    for (uint32_t n = 0; n <= MOST; n += n < 40 ? 1 : 37) {
      memset(expected, 0, sizeof expected);
      memset(got, 0, sizeof got);
      const LacTaps many = {h, x, 11}, few = {h + 5, x + 3, n % 9};
      truth->up(&many, x + 7, expected, n);
      kernels->up(&many, x + 7, got, n);
      assert_memory_equal(expected, got, sizeof got);
      truth->down(&many, &few, expected, n);
      kernels->down(&many, &few, got, n);
      assert_memory_equal(expected, got, sizeof got);
      check_down_half(truth, kernels, &few, n / 2 * 2);
      check_pairs(truth, kernels, x, n);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_images), cmocka_unit_test(test_aliases),      cmocka_unit_test(test_null),
      cmocka_unit_test(test_noise),  cmocka_unit_test(test_levels_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
