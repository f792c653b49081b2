/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "dsp/level_match.h"

enum { N = 32 };

/* Runs seconds of noise of `level`, which the process makes `loss` times as loud, with the gain applied as returned.
 * Adds up what went in and what came out. */
static double run(LacLevelMatch *match, double seconds, float level, float loss, double gain, double powers[2]) {
  static uint64_t random = 1;
  for (int k = 0; k < (int)(seconds * 48000 / N); k++) {
    float before[N], after[N];
    for (int i = 0; i < N; i++) {
      random = random * 6364136223846793005u + 1442695040888963407u;
      before[i] = level * ((float)(random >> 40) * 0x1p-23F - 1.0F);
      after[i] = loss * before[i];
      powers[0] += (double)before[i] * (double)before[i];
      powers[1] += (double)after[i] * (double)after[i] * gain * gain;
    }
    lac_level_match_add(match, (const float *const[]){before}, (const float *const[]){after}, 1, N);
    gain = lac_level_match_step(match, gain);
  }
  return gain;
}

static void test_constant_loss(void **state) {
  (void)state;
  LacLevelMatch match;
  double powers[2] = {0};
  lac_level_match_init(&match, 48000, 48000.0 / N);
  assert_true(run(&match, 0.1, 0, 1, 1, powers) == 1.0); /* silence says nothing */
  double gain = run(&match, 90, 0.3F, 0.8F, 1, powers);
  assert_true(fabs(gain - 1.25) < 1e-3);
  lac_level_match_reset(&match);
  assert_true(run(&match, 1, 0.3F, 0.01F, 1, powers) == 4.0); /* the most it gives */
}

/* Loud parts lose, quiet ones do not: a follower is late at every change, the account makes up for it. */
static void test_changing_loss(void **state) {
  (void)state;
  LacLevelMatch match;
  double powers[2] = {0}, gain = 1;
  lac_level_match_init(&match, 48000, 48000.0 / N);
  for (int k = 0; k < 20; k++) {
    gain = run(&match, 3, k % 2 ? 0.5F : 0.1F, k % 2 ? 0.7F : 1.0F, gain, powers);
  }
  print_message("off by %.3f dB\n", 10 * log10(powers[1] / powers[0]));
  assert_true(fabs(10 * log10(powers[1] / powers[0])) < 0.15);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_constant_loss), cmocka_unit_test(test_changing_loss)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
