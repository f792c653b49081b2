/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Speed of the processors, stereo at 44.1 kHz, on every CPU level: x real time of one core's CPU time (the bar: an
 * equalizer of 8 bands runs at least 1000x), then the cost of one equaliser design. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "dsp/biquad_fit.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"

enum { BLOCK = 4096, BLOCKS = 300, ROUNDS = 5 };

static double cpu_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void set(LacProcessor *p, size_t param, double value) {
  if (lac_processor_set(p, param, value, 0) != LAC_OK) {
    abort();
  }
}

static LacProcessor *prepared(LacProcessor *p) {
  LacProcessorSetup setup = {.rate_hz = 44100, .n_channels = 2, .max_block_frames = BLOCK};
  if (lac_processor_prepare(p, &setup) != LAC_OK) {
    abort();
  }
  return p;
}

static LacProcessor *equalizer(int n_bands, int n_mid) {
  LacProcessor *p = NULL;
  if (lac_processor_new(lac_processor_class_find("equalizer"), &p) != LAC_OK) {
    abort();
  }
  for (int b = 1; b <= n_bands; b++) {
    set(p, test_param(p, "type", b), LAC_BAND_BELL);
    set(p, test_param(p, "db", b), b % 2 ? 3 : -2.5);
    set(p, test_param(p, "channel", b), b <= n_mid ? 3 : 0);
  }
  return prepared(p);
}

static LacProcessor *dc_filter(double slope) {
  LacProcessor *p = NULL;
  if (lac_processor_new(lac_processor_class_find("dc_filter"), &p) != LAC_OK) {
    abort();
  }
  set(p, test_param(p, "hz", 0), 5);
  set(p, test_param(p, "slope_db_per_octave", 0), slope);
  return prepared(p);
}

/* Moving all the time, or (db 0) resting between two moves. */
static LacProcessor *leveler(double db) {
  LacProcessor *p = NULL;
  LacCurvePoint points[300];
  for (int i = 0; i < 300; i++) {
    points[i] = (LacCurvePoint){i, i == 299 ? 1 : i % 2 ? db : -db};
  }
  if (lac_processor_new(lac_processor_class_find("leveler"), &p) != LAC_OK ||
      lac_processor_set_points(p, test_param(p, "curve", 0), points, 300) != LAC_OK) {
    abort();
  }
  return prepared(p);
}

/* A mid and a side curve, in the phase of that index. */
static LacProcessor *match_eq(double phase, bool has_side) {
  LacProcessor *p = NULL;
  static const LacCurvePoint points[] = {{50, 3}, {300, -2}, {2000, 1}, {10000, 4}};
  if (lac_processor_new(lac_processor_class_find("match_eq"), &p) != LAC_OK ||
      lac_processor_set_points(p, test_param(p, "mid_curve", 0), points, 4) != LAC_OK ||
      (has_side && lac_processor_set_points(p, test_param(p, "side_curve", 0), points, 4) != LAC_OK)) {
    abort();
  }
  set(p, test_param(p, "phase", 0), phase);
/* At work in every band; 1 band: glue. */
static LacProcessor *compressor(int n_bands, int structure, int link_percent) {
  LacProcessor *p = NULL;
  if (lac_processor_new(lac_processor_class_find("compressor"), &p) != LAC_OK) {
    abort();
  }
  for (int b = 1; b <= n_bands; b++) {
    set(p, test_param(p, "threshold_db", b), -30);
    set(p, test_param(p, "ratio", b), 2);
  }
  set(p, test_param(p, "bands", 0), n_bands);
  set(p, test_param(p, "band_structure", 0), structure);
  set(p, test_param(p, "link_percent", 0), link_percent);
/* A class with one value set, or none. */
static LacProcessor *one(const char *id, const char *param, double value) {
  LacProcessor *p = NULL;
  if (lac_processor_new(lac_processor_class_find(id), &p) != LAC_OK) {
    abort();
  }
  set(p, test_param(p, param, 0), value);
  return prepared(p);
}

static LacProcessor *imager(double low, double middle, double top, int has_mono_bass) {
  LacProcessor *p = NULL;
  if (lac_processor_new(lac_processor_class_find("imager"), &p) != LAC_OK) {
    abort();
  }
  set(p, test_param(p, "width_percent", 1), low);
  set(p, test_param(p, "width_percent", 2), low == middle ? low : 100);
  set(p, test_param(p, "width_percent", 3), low == middle ? low : middle == 80 ? middle : 100);
  set(p, test_param(p, "width_percent", 4), low == middle ? low : middle == 80 ? top : middle);
  set(p, test_param(p, "mono_below_hz", 0), has_mono_bass ? 100 : 20);
  return prepared(p);
}

/* Best of several rounds. */
static double x_real_time(LacProcessor *p, const TestSignal *signal) {
  TestSignal work = test_copy(signal);
  double best = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double start = cpu_seconds();
    for (int k = 0; k < BLOCKS; k++) {
      memcpy(work.channels[0], signal->channels[0], BLOCK * sizeof(float));
      memcpy(work.channels[1], signal->channels[1], BLOCK * sizeof(float));
      lac_processor_process(p, work.channels, BLOCK);
    }
    double speed = (double)BLOCKS * BLOCK / 44100.0 / (cpu_seconds() - start);
    best = speed > best ? speed : best;
  }
  test_signal_free(&work);
  lac_processor_free(p);
  return best;
}

int main(void) {
  static const char *const levels[] = {"baseline", "avx2", "avx512"};
  TestSignal noise = test_noise(2, BLOCK, 0.5, 1), silence = test_silence(2, BLOCK);
  for (int level = 0; level < 3; level++) {
    setenv("LACQUER_CPU", levels[level], 1);
    printf("%-9s 1 band %5.0fx, 8 bands %5.0fx, 8 bands half mid %5.0fx, 12 bands %5.0fx, 8 bands on silence %5.0fx\n",
           levels[level], x_real_time(equalizer(1, 0), &noise), x_real_time(equalizer(8, 0), &noise),
           x_real_time(equalizer(8, 4), &noise), x_real_time(equalizer(12, 0), &noise),
           x_real_time(equalizer(8, 0), &silence));
    printf("%-9s match_eq minimum %.0fx, linear %.0fx, mixed %.0fx, minimum mid only %.0fx\n", levels[level],
           x_real_time(match_eq(0, true), &noise), x_real_time(match_eq(1, true), &noise),
           x_real_time(match_eq(2, true), &noise), x_real_time(match_eq(0, false), &noise));
  }
  for (int level = 0; level < 3; level++) {
    setenv("LACQUER_CPU", levels[level], 1);
    printf("%-9s compressor: 1 band %5.0fx, 4 bands %5.0fx, unlinked %5.0fx, by crossover %5.0fx, 5 bands %5.0fx\n",
           levels[level], x_real_time(compressor(1, 0, 100), &noise), x_real_time(compressor(4, 0, 100), &noise),
           x_real_time(compressor(4, 0, 50), &noise), x_real_time(compressor(4, 1, 100), &noise),
           x_real_time(compressor(5, 0, 100), &noise));
    printf("%-9s reverb %.0fx, on silence %.0fx\n", levels[level], x_real_time(one("reverb", "return_db", -25), &noise),
           x_real_time(one("reverb", "return_db", -25), &silence));
    printf("%-9s imager: all widths %.0fx, one split %.0fx, three and mono bass %.0fx, widen %.0fx\n", levels[level],
           x_real_time(imager(150, 150, 100, 0), &noise), x_real_time(imager(100, 150, 100, 0), &noise),
           x_real_time(imager(150, 80, 120, 1), &noise), x_real_time(one("imager", "widen_percent", 30), &noise));
  }
  LacProcessor *gain = NULL;
  if (lac_processor_new(lac_processor_class_find("gain"), &gain) != LAC_OK) {
    abort();
  }
  set(gain, 0, -3);
  printf("gain %.0fx\n", x_real_time(prepared(gain), &noise));
  printf("dc_filter 12 dB/octave %.0fx, 24 dB/octave %.0fx\n", x_real_time(dc_filter(12), &noise),
         x_real_time(dc_filter(24), &noise));
  printf("leveler under way %.0fx, at rest %.0fx\n", x_real_time(leveler(3), &noise), x_real_time(leveler(0), &noise));
  LacSvf sections[LAC_BAND_MAX_SECTIONS];
  double start = cpu_seconds(), sum = 0;
  for (int i = 0; i < 1000; i++) {
    lac_band_design(LAC_BAND_BELL, 500 + 15 * i, 6, 1, 44100, sections);
    sum += sections[0].g;
  }
  printf("design of a bell: %.0f us (%.1f)\n", (cpu_seconds() - start) * 1e3, sum);
  test_signal_free(&noise);
  test_signal_free(&silence);
  return 0;
}
