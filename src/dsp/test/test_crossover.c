/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <complex.h>
#include <math.h>
#include <string.h>

#include "core/test/check.h"
#include "dsp/crossover.h"
#include "dsp/crossover_kernels.h"
#include "dsp/elementary.h"

enum { MAX_FRAMES = 1 << 15 };

static double frames_in[2 * MAX_FRAMES];
static double band_frames[LAC_CROSSOVER_MAX_BANDS][2 * MAX_FRAMES];
static double *const bands[LAC_CROSSOVER_MAX_BANDS] = {band_frames[0], band_frames[1], band_frames[2], band_frames[3],
                                                       band_frames[4]};
static const double usual_hz[LAC_CROSSOVER_MAX_SPLITS] = {90, 400, 2500, 8000};

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static void fill_noise(double *frames, size_t n_frames, uint64_t seed) {
  for (size_t i = 0; i < 2 * n_frames; i++) {
    frames[i] = 2 * uniform(&seed) - 1;
  }
}

static double complex response(const double *frames, size_t n, double w) {
  double complex turn = cexp(-I * w), at = 1, sum = 0;
  for (size_t i = 0; i < n; i++) {
    sum += frames[2 * i] * at;
    at *= turn;
  }
  return sum;
}

/* What each band must be, from the Butterworth formula at the pre-warped frequency. */
static double complex wanted(unsigned band, unsigned n_bands, const double *hz, double w, double rate_hz) {
  double complex h = 1;
  for (unsigned s = 0; s + 1 < n_bands; s++) {
    double complex p = I * tan(0.5 * w) / tan(LAC_PI * hz[s] / rate_hz), d = p * p + sqrt(2) * p + 1;
    double complex low = 1 / (d * d), high = p * p * p * p / (d * d);
    h *= s < band ? high : s == band ? low : low + high;
  }
  return h;
}

static void impulse_through(LacCrossover *crossover, size_t n_frames) {
  memset(frames_in, 0, sizeof frames_in);
  frames_in[0] = 1.0;
  frames_in[1] = 0.5;
  lac_crossover_run(crossover, frames_in, bands, (uint32_t)n_frames, 0, 32);
}

/* Every band is the Linkwitz-Riley product, and the gate: their sum is flat within 0.01 dB (found: within 1e-9). */
static void check_bands(unsigned n_bands, double rate_hz) {
  LacCrossover crossover;
  lac_crossover_init(&crossover, n_bands, rate_hz, usual_hz);
  impulse_through(&crossover, MAX_FRAMES);
  for (int i = 0; i < 40; i++) {
    double f = 30 * pow(0.49 * rate_hz / 30, i / 39.0), w = 2 * LAC_PI * f / rate_hz;
    double complex sum = 0;
    for (unsigned b = 0; b < n_bands; b++) {
      double complex got = response(bands[b], MAX_FRAMES, w);
      assert_true(cabs(got - wanted(b, n_bands, usual_hz, w, rate_hz)) < 1e-9);
      sum += got;
    }
    assert_true(fabs(20 * log10(cabs(sum))) < 1e-7);
  }
  for (size_t i = 0; i < MAX_FRAMES; i++) {
    assert_true(bands[0][2 * i + 1] == 0.5 * bands[0][2 * i]);
  }
}

static void test_bands(void **state) {
  (void)state;
  static const double rates[] = {22050, 44100, 48000, 96000};
  for (size_t r = 0; r < test_at_most(4); r++) {
    for (unsigned n_bands = 1; n_bands <= LAC_CROSSOVER_MAX_BANDS; n_bands++) {
      check_bands(n_bands, rates[r]);
    }
  }
}

/* Rates and frequencies that do not fit each other: still flat. */
static void test_every_rate_is_flat(void **state) {
  (void)state;
  static const double rates[] = {8000, 11025, 192000, 384000}, hz[] = {200, 900, 12000, 40000};
  for (size_t r = 0; r < test_at_most(4); r++) {
    LacCrossover crossover;
    lac_crossover_init(&crossover, 5, rates[r], hz);
    impulse_through(&crossover, MAX_FRAMES);
    for (int i = 1; i < 20; i++) {
      double complex sum = 0;
      for (unsigned b = 0; b < 5; b++) {
        sum += response(bands[b], MAX_FRAMES, LAC_PI * i / 20);
      }
      assert_true(fabs(20 * log10(cabs(sum))) < 1e-6);
    }
  }
}

/* Detectors hear every band at its level. */
static void test_listening(void **state) {
  (void)state;
  LacCrossover crossover;
  lac_crossover_init(&crossover, 5, 48000, usual_hz);
  memset(frames_in, 0, sizeof frames_in);
  frames_in[0] = 1.0;
  lac_crossover_listen(&crossover, frames_in, bands, MAX_FRAMES, 0, 32);
  for (int i = 1; i < 40; i++) {
    for (unsigned b = 0; b < 5; b++) {
      double w = LAC_PI * i / 40, got = cabs(response(bands[b], MAX_FRAMES, w));
      assert_true(fabs(got - cabs(wanted(b, 5, usual_hz, w, 48000))) < 1e-9);
    }
  }
}

/* The second-order all-pass (s^2 - sqrt2 s + 1) / (s^2 + sqrt2 s + 1) at hz, by the bilinear transform, of one lane. */
static void pass_all(double *frames, size_t n, double hz, double rate_hz) {
  const double g = tan(LAC_PI * hz / rate_hz), root = sqrt(2) * g, a0 = 1 + root + g * g;
  const double a1 = 2 * (g * g - 1) / a0, a2 = (1 - root + g * g) / a0;
  double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (size_t i = 0; i < n; i++) {
    const double x = frames[2 * i], y = a2 * x + a1 * x1 + x2 - a1 * y1 - a2 * y2;
    x2 = x1;
    x1 = x;
    y2 = y1;
    frames[2 * i] = y1 = y;
  }
}

static void test_sum_is_the_all_pass(void **state) {
  (void)state;
  LacCrossover crossover;
  lac_crossover_init(&crossover, 4, 44100, usual_hz);
  fill_noise(frames_in, MAX_FRAMES, 1);
  lac_crossover_run(&crossover, frames_in, bands, MAX_FRAMES, 0, 32);
  for (size_t s = 0; s < 3; s++) {
    pass_all(frames_in, MAX_FRAMES, usual_hz[s], 44100);
    pass_all(frames_in + 1, MAX_FRAMES, usual_hz[s], 44100);
  }
  for (size_t i = 0; i < 2 * MAX_FRAMES; i++) {
    assert_true(fabs(bands[0][i] + bands[1][i] + bands[2][i] + bands[3][i] - frames_in[i]) < 1e-12);
  }
}

/* Standing, moving and moved again, in odd cuts: all levels have the bits of the truth. */
static void test_levels_agree(void **state) {
  (void)state;
  static const uint32_t cuts[] = {1, 2, 29, 32, 5, 0, 27, 32};
  static double expected[LAC_CROSSOVER_MAX_BANDS][512], got[LAC_CROSSOVER_MAX_BANDS][512];
  for (unsigned i = 0; i < 8; i++) {
    const unsigned n_bands = 2 + i % 4, pass = i / 4;
    for (int level = 0; level <= (int)lac_cpu_level(); level++) {
      const LacCrossoverKernels *kernels[2] = {&lac_crossover_kernels_scalar,
                                               lac_crossover_kernels_at((LacCpuLevel)level)};
      LacCrossover crossover[2];
      for (int k = 0; k < 2; k++) {
        lac_crossover_init(&crossover[k], n_bands, 48000, usual_hz);
        crossover[k].kernels = kernels[k];
        fill_noise(frames_in, 256, 9);
        for (uint32_t c = 0, at = 0, place = 0; c < 8; at += cuts[c++]) {
          double *out[LAC_CROSSOVER_MAX_BANDS];
          for (unsigned b = 0; b < LAC_CROSSOVER_MAX_BANDS; b++) {
            out[b] = (k ? got : expected)[b] + 2 * at;
          }
          for (unsigned s = 0; place == 0 && s + 1 < n_bands; s++) {
            lac_crossover_aim(&crossover[k], s, usual_hz[s] * (at > 0 && at < 90 ? 1.1 : 1.0));
          }
          if (pass == 0) {
            lac_crossover_run(&crossover[k], frames_in + 2 * at, out, cuts[c], place, 32);
          } else {
            lac_crossover_listen(&crossover[k], frames_in + 2 * at, out, cuts[c], place, 32);
          }
          place = (place + cuts[c]) % 32;
        }
      }
      assert_memory_equal(got, expected, sizeof got);
      assert_memory_equal(crossover[0].stages, crossover[1].stages, sizeof crossover[0].stages);
    }
  }
}

/* Frequencies thrown about between every quantum: what sounds only dies away. */
static void test_moving_is_stable(void **state) {
  (void)state;
  LacCrossover crossover;
  uint64_t random = 3;
  lac_crossover_init(&crossover, 5, 48000, usual_hz);
  fill_noise(frames_in, 32, 4);
  double loudest = 0;
  for (int q = 0; q < 400; q++) {
    for (unsigned s = 0; s < 4; s++) {
      lac_crossover_aim(&crossover, s, 20 * pow(1000, uniform(&random)));
    }
    lac_crossover_run(&crossover, frames_in, bands, 32, 0, 32);
    for (unsigned b = 0; b < 5; b++) {
      for (int i = 0; i < 64; i++) {
        loudest = fmax(loudest, fabs(bands[b][i]));
      }
    }
    memset(frames_in, 0, 64 * sizeof *frames_in);
  }
  assert_true(loudest < 20);
  for (unsigned b = 0; b < 5; b++) {
    assert_true(fabs(bands[b][60]) < 1e-3);
  }
}

static void test_silence_ends(void **state) {
  (void)state;
  LacCrossover crossover, silent;
  lac_crossover_init(&crossover, 5, 48000, usual_hz);
  lac_crossover_init(&silent, 5, 48000, usual_hz);
  fill_noise(frames_in, 256, 5);
  for (int k = 0; k < 400; k++) {
    lac_crossover_run(&crossover, frames_in, bands, 256, 0, 32);
    lac_crossover_flush(&crossover);
    memset(frames_in, 0, 512 * sizeof *frames_in);
  }
  assert_memory_equal(crossover.stages, silent.stages, sizeof silent.stages);
  fill_noise(frames_in, 256, 5);
  lac_crossover_run(&crossover, frames_in, bands, 256, 0, 32);
  lac_crossover_reset(&crossover);
  assert_memory_equal(&crossover, &silent, sizeof silent);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bands),        cmocka_unit_test(test_every_rate_is_flat),
      cmocka_unit_test(test_listening),    cmocka_unit_test(test_sum_is_the_all_pass),
      cmocka_unit_test(test_levels_agree), cmocka_unit_test(test_moving_is_stable),
      cmocka_unit_test(test_silence_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
