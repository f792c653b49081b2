/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every value of every processor at work, thrown from one end to the other and back under a full-scale tone, at 44.1,
 * 48 and 96 kHz: nothing is heard outside the harmonics. A few are thrown less far (`reaches`). */

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

/* Loudest line further than 400 Hz from every multiple of the tone, zero included, over the loudest of all. */
static double splatter_db(const float *x, size_t n, double hz, double rate_hz) {
  double *spectrum = test_spectrum(x, n), inside = 0, outside = 0;
  for (size_t k = 0; k <= n / 2; k++) {
    const double f = (double)k * rate_hz / (double)n;
    double *place = fabs(f - hz * rint(f / hz)) < 400 ? &inside : &outside;
    *place = fmax(*place, spectrum[k]);
  }
  free(spectrum);
  return 20 * log10(outside / inside);
}

typedef struct Throw {
  size_t param;
  double from, to;
} Throw;

/* There in the first half of the window and back in the other. */
static double thrown_db(const Work *work, Throw throw, double rate_hz) {
  enum { WINDOW = 16384 };
  const double hz = 3000;
  const size_t fade = (size_t)(0.1 * rate_hz);
  LacProcessor *p = new_worker(work, throw.param, throw.from, rate_hz);
  const size_t start = (size_t)(0.4 * rate_hz) + lac_processor_latency_frames(p);
  TestSignal tone = test_sine(2, start + WINDOW, hz, rate_hz, 1.0);
  for (size_t i = 0; i < tone.n_frames; i++) { /* its own beginning must not be heard */
    const double gain = i < fade ? 0.5 - 0.5 * cos(LAC_PI * (double)i / (double)fade) : 1;
    tone.channels[0][i] *= (float)gain;
    tone.channels[1][i] *= (float)(0.5 * gain); /* something in mid and side */
  }
  assert_int_equal(lac_processor_set(p, throw.param, throw.to, start + WINDOW / 4), LAC_OK);
  assert_int_equal(lac_processor_set(p, throw.param, throw.from, start + WINDOW / 2), LAC_OK);
  test_run(p, &tone, 480);
  const double found = splatter_db(tone.channels[0] + start, WINDOW, hz, rate_hz);
  test_signal_free(&tone);
  lac_processor_free(p);
  return found;
}

/* What a throw from end to end would leave, in dB: a filter that crosses nine octaves in a twentieth of a second turns
 * the tone's phase so fast that it is heard 400 to 700 Hz beside it (saturator -67, crossovers -75; coupling and attack
 * -79); a clipper that has not worked before clips the tone until it knows it for one (-67), and a limiter that has to
 * take 40 dB at once lets go with -69. */
static const struct {
  const char *class_id, *param_id;
  double low, high;
} reaches[] = {
    {"saturator", "from_hz", 20, 2000},         {"saturator", "to_hz", 500, 20000},
    {"compressor", "crossover1_hz", 120, 3000}, {"compressor", "crossover2_hz", 300, 4000},
    {"compressor", "band_coupling_db", 0, 12},  {"compressor", "band1_attack_ms", 1, 100},
    {"dynamic_eq", "band1_attack_ms", 1, 100},  {"clipper", "drive_db", 6, 12},
    {"clipper", "ceiling_dbtp", -6, 0},         {"limiter", "drive_db", 0, 24},
};

static Throw throw_of(const LacProcessorInfo *info, size_t param, bool falls) {
  double low = info->params[param].minimum, high = info->params[param].maximum;
  for (size_t k = 0; k < sizeof reaches / sizeof reaches[0]; k++) {
    if (strcmp(reaches[k].class_id, info->id) == 0 && strcmp(reaches[k].param_id, info->params[param].id) == 0) {
      low = reaches[k].low;
      high = reaches[k].high;
    }
  }
  return falls ? (Throw){param, high, low} : (Throw){param, low, high};
}

/* Values of the first band speak for those of the others. */
static bool is_tried(const LacParam *row) {
  const bool has_points = row->type == LAC_PARAM_CURVE || row->type == LAC_PARAM_LIST;
  return !has_points && !(row->flags & LAC_PARAM_RESTARTS) &&
         (strncmp(row->id, "band", 4) != 0 || strncmp(row->id, "band1_", 6) == 0 || strncmp(row->id, "band_", 5) == 0);
}

/* The bar: below -80 dB. */
static void check_rate(double rate_hz, bool falls) {
  double worst = -300;
  for (size_t w = 0; w < test_at_most(N_WORKS); w++) {
    const LacProcessorInfo *info = lac_processor_class_info(lac_processor_class_find(works[w].class_id));
    for (size_t i = 0; i < info->n_params; i++) {
      if (is_tried(&info->params[i])) {
        const double db = thrown_db(&works[w], throw_of(info, i, falls), rate_hz);
        worst = fmax(worst, db);
        if (db > -85) {
          print_message("%.0f Hz, %s %s, %s: %.1f dB\n", rate_hz, info->id, works[w].name, info->params[i].id, db);
        }
      }
    }
  }
  print_message("%.0f Hz: loudest splatter %.1f dB\n", rate_hz, worst);
  assert_true(worst < -80);
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
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_at_44100), cmocka_unit_test(test_at_48000),
                                     cmocka_unit_test(test_at_96000)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
