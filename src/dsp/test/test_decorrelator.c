/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/test/check.h"

#include <math.h>
#include <string.h>

#include "core/arena.h"
#include "dsp/decorrelator.h"
#include "dsp/elementary.h"

static const double rates[] = {44100, 48000, 96000};

static LacDecorrelator *new_decorrelator(LacArena **arena, double rate_hz) {
  assert_int_equal(lac_arena_new(arena), LAC_OK);
  LacDecorrelator *d = lac_arena_alloc(*arena, 1, sizeof *d);
  assert_non_null(d);
  assert_int_equal(lac_decorrelator_init(d, *arena, rate_hz), LAC_OK);
  return d;
}

/* The response of the taps alone at f_hz. */
static void taps_at(const LacDecorrelator *d, double f_hz, double rate_hz, double *re, double *im) {
  *re = *im = 0;
  for (unsigned k = 0; k < LAC_DECORRELATOR_TAPS; k++) {
    const double w = 2 * LAC_PI * f_hz / rate_hz * d->delay[k];
    *re += (double)d->gain[k] * cos(w);
    *im -= (double)d->gain[k] * sin(w);
  }
}

/* In every third of an octave it is as loud as what goes in, within 1.3 dB, and, added to one side and taken from the
 * other at half the level, lifts neither by more than 2 dB over the other. */
static void test_thirds(void **state) {
  (void)state;
  for (unsigned r = 0; r < 3; r++) {
    LacArena *arena;
    const LacDecorrelator *d = new_decorrelator(&arena, rates[r]);
    double worst_level = 0, worst_image = 0;
    for (int third = 0; third < 18; third++) {
      enum { POINTS = 200 };
      double power = 0, left = 0, right = 0;
      for (int i = 0; i < POINTS; i++) {
        double re, im;
        taps_at(d, 300 * pow(2, (third - 0.5 + (i + 0.5) / POINTS) / 3), rates[r], &re, &im);
        power += (re * re + im * im) / POINTS;
        left += (1 + 0.5 * re) * (1 + 0.5 * re) + 0.25 * im * im;
        right += (1 - 0.5 * re) * (1 - 0.5 * re) + 0.25 * im * im;
      }
      worst_level = fmax(worst_level, fabs(10 * log10(power)));
      worst_image = fmax(worst_image, fabs(10 * log10(left / right)));
    }
    print_message("%.0f Hz: level within %.2f dB, image within %.2f dB\n", rates[r], worst_level, worst_image);
    assert_true(worst_level <= 1.3 && worst_image <= 2.0);
    lac_arena_free(arena);
  }
}

typedef double Source(unsigned i, uint64_t *seed);

static double noise(unsigned i, uint64_t *seed) {
  (void)i;
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (double)(*seed >> 11) * 0x1p-53 - 0.5;
}

/* A hit of 3 ms every quarter second. */
static double hits(unsigned i, uint64_t *seed) {
  const double x = noise(i, seed);
  return i % 12000 < 144 ? x : 0.01 * x;
}

/* Level of what comes out over what goes in, and their correlation, after the first half second. */
static void compare(Source *source, double *level_db, double *correlation) {
  LacArena *arena;
  LacDecorrelator *d = new_decorrelator(&arena, 48000);
  double in = 0, out = 0, product = 0;
  uint64_t seed = 3;
  for (unsigned start = 0; start < 240000; start += 100) {
    double frames[200];
    float spread[100];
    for (unsigned i = 0; i < 100; i++) {
      frames[2 * i] = source(start + i, &seed);
      frames[2 * i + 1] = 1e6;
    }
    lac_decorrelator_run(d, frames, spread, 100);
    for (unsigned i = 0; start >= 24000 && i < 100; i++) {
      in += frames[2 * i] * frames[2 * i];
      out += (double)spread[i] * (double)spread[i];
      product += frames[2 * i] * (double)spread[i];
    }
  }
  *level_db = 10 * log10(out / in);
  *correlation = product / sqrt(in * out);
  lac_arena_free(arena);
}

static void test_steady_passes_and_hits_duck(void **state) {
  (void)state;
  double steady_db, hits_db, correlation, other;
  compare(noise, &steady_db, &correlation);
  compare(hits, &hits_db, &other);
  print_message("steady %.2f dB, correlation %.4f; hits %.1f dB\n", steady_db, correlation, hits_db);
  assert_true(fabs(steady_db) < 0.3 && fabs(correlation) < 0.02);
  assert_true(hits_db < -5);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_thirds), cmocka_unit_test(test_steady_passes_and_hits_duck)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
