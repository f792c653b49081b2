/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every value of every processor at work, thrown from one end to the other and back under a full-scale tone, at 44.1,
 * 48 and 96 kHz: nothing is heard outside the harmonics.
 *
 * A change of level or phase by itself surrounds the tone with a skirt, the wider the faster it is: that is no click. A
 * click is wide and short. So what is heard is measured twice, each time as the loudest line in dB below the loudest:
 *   near  over 0.37 s around the throw, further than 400 Hz from every harmonic (zero included): below -80 dB. A level
 *         that glides over 50 ms and more stays below -105 dB; a jump of 0.5 dB does not pass.
 *   far   in windows of 11 ms, further than 1 kHz from every harmonic: below -75 dB. There a jump of 0.1 dB does not
 *         pass, nor one sample that is off by 5 % of full scale. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "dsp/elementary.h"
#include "processors/test/processor_values.h"

enum { MAX_VALUES = 12 };

/* A processor that has something to do: a value that is not heard cannot click. */
typedef struct Work {
  const char *class_id, *name;
  TestValue values[MAX_VALUES]; /* ended by a row without id */
} Work;

static const Work works[] = {
    {"dc_filter", "", {{"hz", 20}}},
    {"equalizer", "bell", {{"band1_type", 1}, {"band1_hz", 2500}, {"band1_db", 6}}},
    {"equalizer", "high-pass", {{"band1_type", 8}, {"band1_hz", 900}}},
    {"resonance", "", {{"depth_db", 12}, {"threshold_db", 5}}},
    {"dynamic_eq", "", {{"band1_type", 1}, {"band1_hz", 2500}, {"band1_range_db", -12}, {"band1_threshold_db", -30}}},
    {"leveler", "", {{"amount_percent", 50}}},
    {"compressor", "rms", {{"*_ratio", 3}, {"*_threshold_db", -30}, {"*_attack_ms", 10}}},
    {"compressor",
     "bands",
     {{"bands", 3}, {"*_ratio", 3}, {"*_upward_ratio", 2}, {"crossover1_hz", 1000}, {"crossover2_hz", 4000}}},
    {"compressor",
     "crossover",
     {{"bands", 3}, {"band_structure", 1}, {"*_ratio", 3}, {"*_upward_ratio", 2}, {"crossover1_hz", 1000}}},
    {"match_eq", "minimum", {{"phase", 0}}},
    {"match_eq", "linear", {{"phase", 1}}},
    {"match_eq", "mixed", {{"phase", 2}}},
    {"saturator", "tape", {{"drive_db", 9}}},
    {"saturator", "tube", {{"drive_db", 9}, {"character", 1}}},
    {"saturator", "excite", {{"mode", 1}, {"excite_db", -20}}},
    {"imager", "", {{"band2_width_percent", 60}, {"band3_width_percent", 140}, {"mono_below_hz", 100}}},
    {"reverb", "", {{"return_db", -15}}},
    {"gain", "", {{"db", -1}}},
    {"clipper", "", {{"amount_db", 2}, {"drive_db", 6}}},
    {"limiter", "", {{"drive_db", 6}}},
};
enum { N_WORKS = sizeof works / sizeof works[0] };

static LacProcessor *new_worker(const Work *work, size_t param, double value, double rate_hz) {
  static const LacCurvePoint curve[] = {{500, -6}, {3000, 6}, {8000, -6}}, ride[] = {{0, -3}, {3, 3}};
  LacProcessor *p = NULL;
  assert_int_equal(lac_processor_new(lac_processor_class_find(work->class_id), &p), LAC_OK);
  for (const TestValue *v = work->values; v < work->values + MAX_VALUES && v->id; v++) {
    test_set(p, v->id, v->value);
  }
  if (strcmp(work->class_id, "match_eq") == 0) {
    assert_int_equal(lac_processor_set_points(p, test_param(p, "mid_curve", 0), curve, 3), LAC_OK);
    assert_int_equal(lac_processor_set_points(p, test_param(p, "side_curve", 0), curve, 3), LAC_OK);
  } else if (strcmp(work->class_id, "leveler") == 0) {
    assert_int_equal(lac_processor_set_points(p, 0, ride, 2), LAC_OK);
  }
  assert_int_equal(lac_processor_set(p, param, value, 0), LAC_OK);
  const LacProcessorSetup setup = test_setup(rate_hz, 2, 4096, 0, NULL);
  assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
  return p;
}

typedef struct Lines {
  double inside, outside; /* loudest within guard_hz of a multiple of the tone, zero included, and elsewhere */
} Lines;

static void read_lines(Lines *lines, const float *x, size_t n, double hz, double rate_hz, double guard_hz) {
  double *spectrum = test_spectrum(x, n);
  for (size_t k = 0; k <= n / 2; k++) {
    const double f = (double)k * rate_hz / (double)n;
    double *place = fabs(f - hz * rint(f / hz)) < guard_hz ? &lines->inside : &lines->outside;
    *place = fmax(*place, spectrum[k]);
  }
  free(spectrum);
}

static double outside_db(Lines lines) {
  return 20 * log10(lines.outside / lines.inside);
}

typedef struct Splatter {
  double near_db, far_db;
} Splatter;

static size_t window_of(double rate_hz) {
  return rate_hz < 64000 ? 16384 : 32768;
}

/* Of a window with a throw in it. */
static Splatter splatter_of(const float *x, double hz, double rate_hz) {
  const size_t n = window_of(rate_hz), brief = n / 32;
  Lines near = {0, 0}, far = {0, 0};
  read_lines(&near, x, n, hz, rate_hz, 400);
  for (size_t at = 0; at + brief <= n; at += brief / 3) {
    read_lines(&far, x + at, brief, hz, rate_hz, 1000);
  }
  return (Splatter){outside_db(near), outside_db(far)};
}

static Splatter worse_of(Splatter a, Splatter b) {
  return (Splatter){fmax(a.near_db, b.near_db), fmax(a.far_db, b.far_db)};
}

typedef struct Throw {
  size_t param;
  double from, to;
} Throw;

static const double TONE_HZ = 3000;

/* There in one window and back in the next, each time at a third: half of the way lies in the middle then. */
static Splatter throw_value(const Work *work, Throw throw, double rate_hz) {
  const size_t window = window_of(rate_hz), fade = (size_t)(0.1 * rate_hz);
  LacProcessor *p = new_worker(work, throw.param, throw.from, rate_hz);
  const size_t start = (size_t)(0.4 * rate_hz) + lac_processor_latency_frames(p);
  TestSignal tone = test_sine(2, start + 2 * window, TONE_HZ, rate_hz, 1.0);
  for (size_t i = 0; i < tone.n_frames; i++) { /* its own beginning must not be heard */
    const double gain = i < fade ? 0.5 - 0.5 * cos(LAC_PI * (double)i / (double)fade) : 1;
    tone.channels[0][i] *= (float)gain;
    tone.channels[1][i] *= (float)(0.5 * gain); /* something in mid and side */
  }
  assert_int_equal(lac_processor_set(p, throw.param, throw.to, start + window / 3), LAC_OK);
  assert_int_equal(lac_processor_set(p, throw.param, throw.from, start + window + window / 3), LAC_OK);
  test_run(p, &tone, 480);
  const Splatter found = worse_of(splatter_of(tone.channels[0] + start, TONE_HZ, rate_hz),
                                  splatter_of(tone.channels[0] + start + window, TONE_HZ, rate_hz));
  test_signal_free(&tone);
  lac_processor_free(p);
  return found;
}

static Throw throw_of(const LacProcessorInfo *info, size_t param, bool falls) {
  const double low = info->params[param].minimum, high = info->params[param].maximum;
  return falls ? (Throw){param, high, low} : (Throw){param, low, high};
}

/* Values of the first band speak for those of the others. */
static bool is_tried(const LacParam *row) {
  const bool has_points = row->type == LAC_PARAM_CURVE || row->type == LAC_PARAM_LIST;
  return !has_points && !(row->flags & LAC_PARAM_RESTARTS) &&
         (strncmp(row->id, "band", 4) != 0 || strncmp(row->id, "band1_", 6) == 0 || strncmp(row->id, "band_", 5) == 0);
}

static void check_rate(double rate_hz, bool falls) {
  Splatter worst = {-300, -300};
  for (size_t w = 0; w < test_at_most(N_WORKS); w++) {
    const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_find(works[w].class_id));
    for (size_t i = 0; i < info->n_params; i++) {
      if (is_tried(&info->params[i])) {
        const Splatter found = throw_value(&works[w], throw_of(info, i, falls), rate_hz);
        worst = worse_of(worst, found);
        if (found.near_db > -83 || found.far_db > -78) {
          print_message("%.0f Hz, %s %s, %s: %.1f dB near, %.1f dB far\n", rate_hz, info->id, works[w].name,
                        info->params[i].id, found.near_db, found.far_db);
        }
      }
    }
  }
  print_message("%.0f Hz: loudest splatter %.1f dB near, %.1f dB far\n", rate_hz, worst.near_db, worst.far_db);
  assert_true(worst.near_db < -80 && worst.far_db < -75);
}

/* A tone that falls to `gain` over glide_s (0: at once), and one sample of which is off. */
static Splatter splatter_of_fall(double gain, double glide_s, double off, double rate_hz) {
  const size_t n = window_of(rate_hz);
  TestSignal tone = test_sine(1, n, TONE_HZ, rate_hz, 1.0);
  for (size_t i = 0; i < n; i++) {
    const double after_s = ((double)i - 0.5 * (double)n) / rate_hz, part = after_s / fmax(glide_s, 1e-9) + 0.5;
    const double way = part < 0 ? 0 : part > 1 ? 1 : 0.5 - 0.5 * cos(LAC_PI * part);
    tone.channels[0][i] *= (float)(1 + (gain - 1) * way);
  }
  tone.channels[0][n / 2 + 100] += (float)off;
  const Splatter found = splatter_of(tone.channels[0], TONE_HZ, rate_hz);
  test_signal_free(&tone);
  return found;
}

/* What glides passes both measures, what clicks does not. */
static void test_measure(void **state) {
  (void)state;
  static const double rates_hz[] = {44100, 48000, 96000};
  for (int r = 0; r < 3; r++) {
    const Splatter glide = splatter_of_fall(0, 0.05, 0, rates_hz[r]);
    const Splatter jump = splatter_of_fall(0.944, 0, 0, rates_hz[r]),
                   small = splatter_of_fall(0.9886, 0, 0, rates_hz[r]);
    const Splatter off = splatter_of_fall(1, 0, rates_hz[r] > 64000 ? 0.1 : 0.05, rates_hz[r]);
    print_message("glide %.1f %.1f, jump %.1f %.1f, small %.1f %.1f, off %.1f %.1f dB\n", glide.near_db, glide.far_db,
                  jump.near_db, jump.far_db, small.near_db, small.far_db, off.near_db, off.far_db);
    assert_true(glide.near_db < -105 && glide.far_db < -90);
    assert_true(jump.near_db > -80);
    assert_true(small.far_db > -75 && off.far_db > -75);
  }
}

static void test_at_44100(void **state) {
  (void)state;
  check_rate(44100, false);
}

static void test_at_48000(void **state) {
  (void)state;
  check_rate(48000, true);
}

static void test_at_96000(void **state) {
  (void)state;
  check_rate(96000, false);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_measure), cmocka_unit_test(test_at_44100),
                                     cmocka_unit_test(test_at_48000), cmocka_unit_test(test_at_96000)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
