/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* EBU Tech 3341 cases 1-5 and 9-14, EBU Tech 3342 cases 1-4, generated, at four sample rates; and the arithmetic of
 * gating against a slow direct form. */

#include "meter_signals.h"

#include "analysis/loudness.h"

enum { BLOCK = 4096 };

typedef struct Segment {
  double seconds, dbfs; /* peak of a 1 kHz sine in both channels; below -200: silence */
} Segment;

/* Feeds segments one after another; the sine runs through. */
typedef struct Feeder {
  LacLoudnessMeter meter;
  double rate_hz;
  float *second; /* one second of the sine: 1000 whole periods */
  uint64_t frame;
} Feeder;

static Feeder feeder_new(double rate_hz) {
  Feeder f = {.rate_hz = rate_hz, .second = malloc((size_t)rate_hz * sizeof(float))};
  assert_non_null(f.second);
  for (size_t i = 0; i < (size_t)rate_hz; i++)
    f.second[i] = (float)sin(2 * M_PI * 1000 * (double)i / rate_hz);
  lac_loudness_meter_init(&f.meter, rate_hz, 2);
  return f;
}

static void feeder_free(Feeder *f) {
  lac_loudness_meter_free(&f->meter);
  free(f->second);
}

static void feed(Feeder *f, Segment segment) {
  float x[BLOCK];
  const float gain = segment.dbfs < -200 ? 0.0F : (float)pow(10, segment.dbfs / 20);
  uint64_t left = (uint64_t)(segment.seconds * f->rate_hz + 0.5);
  while (left) {
    const uint32_t n = left < BLOCK ? (uint32_t)left : BLOCK;
    for (uint32_t i = 0; i < n; i++)
      x[i] = gain * f->second[(f->frame + i) % (uint64_t)f->rate_hz];
    assert_int_equal(lac_loudness_meter_add(&f->meter, (const float *const[2]){x, x}, n), LAC_OK);
    f->frame += n;
    left -= n;
  }
}

static LacLoudness result(const Feeder *f) {
  LacLoudness loudness;
  assert_int_equal(lac_loudness_meter_result(&f->meter, &loudness), LAC_OK);
  return loudness;
}

static LacLoudness measure(double rate_hz, const Segment *segments, size_t count) {
  Feeder f = feeder_new(rate_hz);
  for (size_t i = 0; i < count; i++)
    feed(&f, segments[i]);
  const LacLoudness loudness = result(&f);
  feeder_free(&f);
  return loudness;
}

#define MEASURE(rate, ...)                                                                                             \
  measure(rate, (const Segment[]){__VA_ARGS__}, sizeof((const Segment[]){__VA_ARGS__}) / sizeof(Segment))

static const double SILENT = -300;

static void check_integrated(double rate) {
  LacLoudness l = MEASURE(rate, {20, -23});
  assert_near(l.integrated_lufs, -23, 0.1);
  assert_near(l.momentary_max_lufs, -23, 0.1);
  assert_near(l.short_term_max_lufs, -23, 0.1);
  l = MEASURE(rate, {20, -33});
  assert_near(l.integrated_lufs, -33, 0.1);
  assert_near(l.momentary_max_lufs, -33, 0.1);
  assert_near(l.short_term_max_lufs, -33, 0.1);
  assert_near(MEASURE(rate, {10, -36}, {60, -23}, {10, -36}).integrated_lufs, -23, 0.1);
  assert_near(MEASURE(rate, {10, -72}, {10, -36}, {60, -23}, {10, -36}, {10, -72}).integrated_lufs, -23, 0.1);
  assert_near(MEASURE(rate, {20, -26}, {20.1, -20}, {20, -26}).integrated_lufs, -23, 0.1);
}

/* Cases 9 and 12: constant once the window is full. */
static void check_constant(double rate, Segment loud, Segment quiet, int repeats, bool is_short_term) {
  Feeder f = feeder_new(rate);
  for (int i = 0; i < repeats; i++) {
    feed(&f, loud);
    feed(&f, quiet);
  }
  float momentary[512], short_term[512];
  const size_t count = f.meter.hops.count, first = is_short_term ? 30 : 10;
  assert_true(count > first && count <= 512);
  lac_loudness_meter_history(&f.meter, momentary, short_term, count);
  for (size_t i = first; i < count; i++)
    assert_near((double)(is_short_term ? short_term[i] : momentary[i]), -23, 0.1);
  const LacLoudness l = result(&f);
  if (is_short_term)
    assert_near(l.short_term_max_lufs, -23, 0.1);
  else
    assert_near(l.momentary_max_lufs, -23, 0.1);
  feeder_free(&f);
}

/* Cases 10 and 13: the window must find the burst wherever it starts. */
static void check_shifted(double rate) {
  for (int i = 0; i < 20; i++) {
    assert_near(MEASURE(rate, {i * 0.15, SILENT}, {3, -23}, {1, SILENT}).short_term_max_lufs, -23, 0.1);
    assert_near(MEASURE(rate, {i * 0.02, SILENT}, {0.4, -23}, {1, SILENT}).momentary_max_lufs, -23, 0.1);
  }
}

/* Cases 11 and 14: one signal of 20 parts, each louder; read after each. */
static void check_rising(double rate) {
  Feeder s = feeder_new(rate), m = feeder_new(rate);
  for (int i = 0; i < 20; i++) {
    feed(&s, (Segment){i * 0.15, SILENT});
    feed(&s, (Segment){3, -38 + i});
    feed(&s, (Segment){3 - i * 0.15, SILENT});
    assert_near(result(&s).short_term_max_lufs, -38 + i, 0.1);
    feed(&m, (Segment){i * 0.02, SILENT});
    feed(&m, (Segment){0.4, -38 + i});
    feed(&m, (Segment){0.4 - i * 0.02, SILENT});
    assert_near(result(&m).momentary_max_lufs, -38 + i, 0.1);
  }
  feeder_free(&s);
  feeder_free(&m);
}

static void check_range(double rate) {
  assert_near(MEASURE(rate, {20, -20}, {20, -30}).range_lu, 10, 1);
  assert_near(MEASURE(rate, {20, -20}, {20, -15}).range_lu, 5, 1);
  assert_near(MEASURE(rate, {20, -40}, {20, -20}).range_lu, 20, 1);
  assert_near(MEASURE(rate, {20, -50}, {20, -35}, {20, -20}, {20, -35}, {20, -50}).range_lu, 15, 1);
}

static void test_ebu_cases(void **state) {
  (void)state;
  static const double rates[] = {44100, 48000, 96000, 192000};
  for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++) {
    check_integrated(rates[i]);
    check_constant(rates[i], (Segment){1.34, -20}, (Segment){1.66, -30}, 5, true);
    check_constant(rates[i], (Segment){0.18, -20}, (Segment){0.22, -30}, 25, false);
    check_shifted(rates[i]);
    check_rising(rates[i]);
    check_range(rates[i]);
  }
}

/* A hop of 1102.5 frames cannot be; whatever the rounding, the loudness holds. */
static void test_odd_rates(void **state) {
  (void)state;
  static const double rates[] = {8000, 11025, 22050, 37800, 384000};
  for (size_t i = 0; i < sizeof(rates) / sizeof(*rates); i++)
    assert_near(MEASURE(rates[i], {5, -23}).integrated_lufs, -23, 0.1);
}

static double slow_integrated(const double *hops, size_t n, double hop_frames) {
  double gate = -70, result_lufs = NAN;
  for (int pass = 0; pass < 2; pass++) {
    double sum = 0;
    size_t count = 0;
    for (size_t i = 0; i + 4 <= n; i++) {
      const double z = (hops[i] + hops[i + 1] + hops[i + 2] + hops[i + 3]) / (4 * hop_frames);
      const double lufs = -0.691 + 10 * log10(z);
      if (lufs > gate) {
        sum += z;
        count++;
      }
    }
    result_lufs = count ? -0.691 + 10 * log10(sum / (double)count) : NAN;
    gate = fmax(-70, result_lufs - 10);
  }
  return result_lufs;
}

static void test_gating(void **state) {
  (void)state;
  double hops[500];
  for (int round = 0; round < 20; round++) {
    for (int i = 0; i < 500; i++)
      hops[i] = 4410 * pow(10, -6 * lac_random_double(3, (uint64_t)round, (uint64_t)i));
    assert_near(lac_integrated_loudness(hops, 500, 4410), slow_integrated(hops, 500, 4410), 1e-9);
  }
  assert_true(isnan(lac_integrated_loudness(hops, 3, 4410)));
  memset(hops, 0, sizeof(hops));
  assert_true(isnan(lac_integrated_loudness(hops, 500, 4410)));
  assert_true(isnan(lac_integrated_loudness(NULL, 0, 4410)));
}

/* 399 ms have no loudness, 400 ms have; 2.9 s have no range. */
static void test_short(void **state) {
  (void)state;
  LacLoudness l = MEASURE(48000, {0.399, -23});
  assert_true(isnan(l.integrated_lufs) && isnan(l.momentary_max_lufs) && isnan(l.short_term_max_lufs));
  l = MEASURE(48000, {0.4, -23});
  assert_near(l.integrated_lufs, -23, 0.1);
  l = MEASURE(48000, {2.9, -23});
  assert_true(isnan(l.range_lu) && isnan(l.short_term_max_lufs));
  l = MEASURE(48000, {5, SILENT});
  assert_true(isnan(l.integrated_lufs) && isnan(l.range_lu) && isnan(l.momentary_max_lufs));
}

/* One channel reads 3.01 LU less than the same in two. */
static void test_mono(void **state) {
  (void)state;
  LacLoudnessMeter meter;
  lac_loudness_meter_init(&meter, 48000, 1);
  float *x = calloc(96000, sizeof(float));
  assert_non_null(x);
  add_sine(x, 96000, 48000, 1000, pow(10, -20 / 20.0));
  assert_int_equal(lac_loudness_meter_add(&meter, (const float *const[1]){x}, 96000), LAC_OK);
  LacLoudness l;
  assert_int_equal(lac_loudness_meter_result(&meter, &l), LAC_OK);
  assert_near(l.integrated_lufs, -23.01, 0.1);
  lac_loudness_meter_free(&meter);
  free(x);
}

/* Alone, without the analyzer's blocks, the meter must not depend on chunks either. */
static void test_chunks(void **state) {
  (void)state;
  Stereo s = stereo_new(7, 11025);
  fill_programme(&s, 0.5);
  LacLoudness truth = {0};
  static const uint32_t chunks[] = {65536, 1, 7, 64, 4096};
  for (size_t k = 0; k < sizeof(chunks) / sizeof(*chunks); k++) {
    LacLoudnessMeter meter;
    LacLoudness l = {0};
    lac_loudness_meter_init(&meter, s.rate_hz, 2);
    for (uint32_t done = 0; done < s.n_frames; done += chunks[k]) {
      const uint32_t n = s.n_frames - done < chunks[k] ? s.n_frames - done : chunks[k];
      assert_int_equal(
          lac_loudness_meter_add(&meter, (const float *const[2]){s.channels[0] + done, s.channels[1] + done}, n),
          LAC_OK);
    }
    assert_int_equal(lac_loudness_meter_result(&meter, &l), LAC_OK);
    lac_loudness_meter_free(&meter);
    if (k == 0)
      truth = l;
    assert_memory_equal(&l, &truth, sizeof(l));
  }
  stereo_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ebu_cases), cmocka_unit_test(test_odd_rates), cmocka_unit_test(test_gating),
      cmocka_unit_test(test_short),     cmocka_unit_test(test_mono),      cmocka_unit_test(test_chunks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
