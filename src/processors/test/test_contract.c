/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What every processor promises of its table and its sound, checked on every registered class. */

#include <lacquer/processor.h>

#include "core/test/check.h"
#include "processors/processor_class.h"
#include "processors/test/processor_signal.h"
#include "processors/test/contract_fixture.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool is_lower_snake(const char *id) {
  if (!islower((unsigned char)id[0])) {
    return false;
  }
  for (const char *c = id; *c; c++) {
    if (!islower((unsigned char)*c) && !isdigit((unsigned char)*c) && *c != '_') {
      return false;
    }
  }
  return id[strlen(id) - 1] != '_' && !strstr(id, "__");
}

static bool is_text(const char *text) {
  return text && text[0] != '\0';
}

static void check_row(const LacProcessorInfo *info, size_t i) {
  const LacParam *row = &info->params[i];
  assert_true(is_lower_snake(row->id));
  assert_int_equal(lac_param_find(info, row->id), i); /* unique */
  assert_true(is_text(row->title) && row->unit && is_text(row->help));
  assert_true(isfinite(row->minimum) && isfinite(row->maximum) && row->minimum < row->maximum);
  if (!test_has_points(row)) {
    assert_true(row->neutral >= row->minimum && row->neutral <= row->maximum);
    assert_true(row->step > 0 && row->step <= row->maximum - row->minimum);
  }
  assert_true(row->scale != LAC_SCALE_LOG || row->minimum > 0);
  if (row->type == LAC_PARAM_CHOICE) {
    size_t n = 0;
    for (; row->choices[n]; n++) {
      assert_true(is_lower_snake(row->choices[n]));
    }
    assert_true(row->minimum == 0 && row->maximum == (double)n - 1);
  } else {
    assert_null(row->choices);
  }
  assert_true(row->type != LAC_PARAM_SWITCH || (row->minimum == 0 && row->maximum == 1));
  assert_true(row->type != LAC_PARAM_CURVE || row->x_unit);
  /* What has no unit and goes by ones counts something. */
  const bool goes_by_ones = row->type == LAC_PARAM_NUMBER && row->unit[0] == '\0' && row->step == 1;
  assert_int_equal((row->flags & LAC_PARAM_COUNTS) != 0, goes_by_ones);
}

static void test_tables(void **state) {
  const LacProcessorInfo *info = lac_processor_class_info(test_class_of(state));
  assert_true(is_lower_snake(info->id) && is_text(info->title) && is_text(info->purpose));
  assert_ptr_equal(lac_processor_class_find(info->id), test_class_of(state));
  assert_true(info->revision >= 1);
  assert_true(info->kinds != 0 && (info->kinds & ~(unsigned)(LAC_KIND_STREAM | LAC_KIND_WHOLE)) == 0);
  for (size_t i = 0; i < info->n_params; i++) {
    check_row(info, i);
  }
  for (size_t i = 0; i < info->n_readouts; i++) {
    assert_true(is_lower_snake(info->readouts[i].id) && is_text(info->readouts[i].title));
    assert_true(info->readouts[i].unit && is_text(info->readouts[i].help));
    assert_int_equal(lac_readout_find(info, info->readouts[i].id), i);
  }
}

static void test_ranges(void **state) {
  LacProcessor *p = test_new_processor(test_class_of(state));
  const LacProcessorInfo *info = lac_processor_class_info(test_class_of(state));
  for (size_t i = 0; i < info->n_params; i++) {
    const LacParam *row = &info->params[i];
    if (test_has_points(row)) {
      LacCurvePoint falling[2] = {{2, row->minimum}, {1, row->minimum}};
      assert_int_equal(lac_processor_set_points(p, i, falling, 2), LAC_ERR_RANGE);
      continue;
    }
    const double bad[] = {NAN, INFINITY, -INFINITY, nextafter(row->minimum, -INFINITY),
                          nextafter(row->maximum, INFINITY)};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
      assert_int_equal(lac_processor_set(p, i, bad[k], 0), LAC_ERR_RANGE);
      assert_true(lac_processor_get(p, i) == row->neutral);
    }
    if (row->flags & LAC_PARAM_COUNTS) {
      assert_int_equal(lac_processor_set(p, i, row->minimum + 0.5, 0), LAC_ERR_RANGE);
    }
    assert_int_equal(lac_processor_set(p, i, row->minimum, 0), LAC_OK);
    assert_int_equal(lac_processor_set(p, i, row->maximum, 0), LAC_OK);
    assert_true(lac_processor_get(p, i) == row->maximum);
    if (row->type != LAC_PARAM_NUMBER) {
      assert_int_equal(lac_processor_set(p, i, 0.5, 0), LAC_ERR_RANGE);
    }
  }
  assert_int_equal(lac_processor_set(p, info->n_params, 0, 0), LAC_ERR_USAGE);
  const LacProcessorSetup bad_setups[] = {test_setup(7999, 2, 64, 0, NULL),  test_setup(384001, 2, 64, 0, NULL),
                                          test_setup(NAN, 2, 64, 0, NULL),   test_setup(48000, 0, 64, 0, NULL),
                                          test_setup(48000, 3, 64, 0, NULL), test_setup(48000, 2, 0, 0, NULL)};
  for (size_t k = 0; k < sizeof bad_setups / sizeof bad_setups[0]; k++) {
    assert_int_not_equal(lac_processor_prepare(p, &bad_setups[k]), LAC_OK);
  }
  lac_processor_free(p);
}

static bool equals_delayed(const TestSignal *in, const TestSignal *out, size_t delay) {
  for (unsigned c = 0; c < in->n_channels; c++) {
    if (memcmp(in->channels[c], out->channels[c] + delay, (in->n_frames - delay) * sizeof(float)) != 0) {
      return false;
    }
  }
  return true;
}

/* Defaults return every bit: of any signal when the processor says it is neutral, else of a signal with headroom. */
static void test_neutral(void **state) {
  for (unsigned k = 0; k < 2 * (TEST_N_ODD_SIGNALS + 1); k++) {
    unsigned n_channels = 1 + k % 2, which = k / 2;
    LacProcessor *p = test_new_processor(test_class_of(state));
    TestSignal in =
        which < TEST_N_ODD_SIGNALS ? test_odd_signal(which, n_channels, 9000) : test_noise(n_channels, 9000, 0.25, k);
    test_prepare(p, 44100, &in);
    if (which == TEST_N_ODD_SIGNALS || lac_processor_is_neutral(p)) {
      TestSignal out = test_copy(&in);
      test_run(p, &out, 512);
      assert_true(equals_delayed(&in, &out, lac_processor_latency_frames(p)));
      test_signal_free(&out);
    }
    test_signal_free(&in);
    lac_processor_free(p);
  }
}

/* With any values: who says neutral, prepared or not, returns every bit, as late as it declares where a change of value
 * may still need its delay (the chain leaves it out). */
static void test_neutral_is_true(void **state) {
  const LacProcessorClass *cls = test_class_of(state);
  for (size_t k = 0; k < 2 * cls->info.n_params + 20; k++) {
    LacProcessor *p = test_new_processor(cls);
    size_t param = k / 2;
    if (param >= cls->info.n_params) {
      test_set_random(p, k);
    } else if (!test_has_points(&cls->info.params[param])) {
      const LacParam *row = &cls->info.params[param];
      assert_int_equal(lac_processor_set(p, param, k % 2 ? row->maximum : row->minimum, 0), LAC_OK);
    }
    TestSignal in = test_noise(1 + k % 2, 6000, 1.0, k), out = test_copy(&in);
    bool is_neutral = lac_processor_is_neutral(p);
    test_prepare(p, 48000, &in);
    is_neutral = is_neutral || lac_processor_is_neutral(p);
    test_run(p, &out, 300);
    assert_true(!is_neutral || equals_delayed(&in, &out, lac_processor_latency_frames(p)));
    test_signal_free(&in);
    test_signal_free(&out);
    lac_processor_free(p);
  }
}

static void test_latency(void **state) {
  test_check_latency(test_class_of(state), 44100, 2, 6000);
}

static void test_silence_stays_silent(void **state) {
  for (uint64_t seed = 0; seed < 12; seed++) {
    TestSignal in = test_silence(1 + seed % 2, 3000);
    TestSignal out = test_render(test_class_of(state), seed, seed ? 50 + seed : 0, &in, 256, NULL);
    for (unsigned c = 0; c < out.n_channels; c++) {
      for (size_t i = 0; i < out.n_frames; i++) {
        assert_true(out.channels[c][i] == 0);
      }
    }
    test_signal_free(&in);
    test_signal_free(&out);
  }
}

/* What comes after the declared latency and tail is 60 dB down. */
static void test_tail(void **state) {
  for (uint64_t seed = 0; seed < 5; seed++) {
    LacProcessor *p = test_new_processor(test_class_of(state));
    test_set_random(p, seed);
    TestSignal noise = test_noise(2, 4000, 0.5, seed);
    LacProcessorSetup setup = test_setup(8000, 2, 4096, 0, NULL);
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    test_run(p, &noise, 4000);
    uint64_t tail = lac_processor_tail_frames(p) + lac_processor_latency_frames(p);
    assert_true(tail < 20000000);
    TestSignal silence = test_silence(2, 4000);
    for (uint64_t done = 0; done < tail; done += silence.n_frames) {
      silence.n_frames = tail - done < 4000 ? (size_t)(tail - done) : 4000;
      test_run(p, &silence, 4000);
      memset(silence.channels[0], 0, 4000 * sizeof(float));
      memset(silence.channels[1], 0, 4000 * sizeof(float));
    }
    silence.n_frames = 4000;
    test_run(p, &silence, 4000);
    for (size_t i = 0; i < 4000; i++) {
      assert_true(fabsf(silence.channels[0][i]) < 5e-4F && fabsf(silence.channels[1][i]) < 5e-4F);
    }
    test_signal_free(&noise);
    test_signal_free(&silence);
    lac_processor_free(p);
  }
}

/* Every value at both ends, the others at random. */
static void test_extremes(void **state) {
  const LacProcessorClass *cls = test_class_of(state);
  for (size_t i = 0; i < 2 * cls->info.n_params; i++) {
    size_t param = i / 2;
    const LacParam *row = &cls->info.params[param];
    for (unsigned which = 0; which <= TEST_N_ODD_SIGNALS; which++) {
      unsigned n_channels = 1 + (unsigned)(i + which) % 2;
      TestSignal signal =
          which < TEST_N_ODD_SIGNALS ? test_odd_signal(which, n_channels, 2000) : test_noise(n_channels, 2000, 1.0, i);
      LacProcessor *p = test_new_processor(cls);
      test_set_random(p, i + 1);
      if (!test_has_points(row)) {
        assert_int_equal(lac_processor_set(p, param, i % 2 ? row->maximum : row->minimum, 0), LAC_OK);
      }
      test_prepare(p, 44100, &signal);
      test_run(p, &signal, 300);
      assert_true(test_all_finite(&signal));
      test_signal_free(&signal);
      lac_processor_free(p);
    }
  }
}

/* After absurd input it still works, and a reset makes it as new. */
static void test_heals(void **state) {
  LacProcessor *p = test_new_processor(test_class_of(state));
  test_set_random(p, 4);
  TestSignal in = test_noise(2, 3000, 0.5, 8), expected = test_copy(&in), out = test_copy(&in);
  test_prepare(p, 48000, &in);
  test_run(p, &expected, 0);
  lac_processor_reset(p);
  TestSignal absurd = test_odd_signal(5, 2, 3000), rest = test_silence(2, 3000);
  test_run(p, &absurd, 64);
  test_run(p, &rest, 64);
  assert_true(test_all_finite(&absurd) && test_all_finite(&rest));
  lac_processor_reset(p);
  test_run(p, &out, 64);
  assert_true(test_same_bits(&out, &expected));
  TestSignal *all[] = {&in, &expected, &out, &absurd, &rest};
  for (size_t k = 0; k < 5; k++) {
    test_signal_free(all[k]);
  }
  lac_processor_free(p);
}

static void test_rates_and_random_values(void **state) {
  static const double rates[] = {8000, 11025, 22050, 44100, 48000, 88200, 96000, 192000, 384000};
  for (size_t k = 0; k < 4 * sizeof rates / sizeof rates[0]; k++) {
    LacProcessor *p = test_new_processor(test_class_of(state));
    test_set_random(p, 1000 + k);
    TestSignal signal = k % 3 ? test_noise(1 + k % 2, 6000, 1.0, k) : test_sine(1 + k % 2, 6000, 997, 44100, 1.0);
    test_prepare(p, rates[k / 4], &signal);
    test_run(p, &signal, TEST_RANDOM_BLOCKS);
    assert_true(test_all_finite(&signal));
    test_signal_free(&signal);
    lac_processor_free(p);
  }
}

static void test_readouts(void **state) {
  const LacProcessorClass *cls = test_class_of(state);
  for (uint64_t seed = 0; seed < 6; seed++) {
    const size_t n_song = 9999; /* not a multiple of the hop, 480 */
    LacProcessor *p = test_new_processor(cls);
    test_set_random(p, seed);
    TestTracks *tracks = test_new_tracks(&cls->info);
    LacProcessorSetup setup = test_setup(48000, 2, 512, n_song, tracks->tracks);
    assert_int_equal(lac_processor_prepare(p, &setup), LAC_OK);
    TestSignal signal = test_noise(2, n_song + lac_processor_latency_frames(p), 1.0, seed);
    test_run(p, &signal, 512);
    for (size_t i = 0; i < cls->info.n_readouts; i++) {
      const LacReadoutTrack *track = &tracks->tracks[i];
      assert_int_equal(track->count, (n_song + 479) / 480);
      for (size_t k = 0; k < track->count; k++) {
        assert_true(isfinite(track->mean[k]) && isfinite(track->minimum[k]));
        assert_true(track->minimum[k] <= track->mean[k] + 1e-5F * fabsf(track->mean[k]));
      }
    }
    test_signal_free(&signal);
    free(tracks);
    lac_processor_free(p);
  }
}

int main(void) {
  static const struct CMUnitTest promises[] = {
      cmocka_unit_test(test_tables),   cmocka_unit_test(test_ranges),
      cmocka_unit_test(test_neutral),  cmocka_unit_test(test_neutral_is_true),
      cmocka_unit_test(test_latency),  cmocka_unit_test(test_silence_stays_silent),
      cmocka_unit_test(test_tail),     cmocka_unit_test(test_extremes),
      cmocka_unit_test(test_heals),    cmocka_unit_test(test_rates_and_random_values),
      cmocka_unit_test(test_readouts),
  };
  return test_every_class(promises, sizeof promises / sizeof promises[0]);
}
