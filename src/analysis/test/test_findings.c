/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every finding on a signal made to have it, and none on clean ones. */

#include "meter_signals.h"

#include "analysis/findings.h"

static LacAnalysis analyse_all(const Stereo *s) {
  return analyse(s, LAC_MEASURE_ALL);
}

static void quantise(Stereo *s, double bits) {
  const double steps = pow(2, bits - 1);
  for (uint32_t i = 0; i < s->n_frames; i++)
    for (int c = 0; c < 2; c++) {
      const double dither = lac_random_double(5, (uint64_t)c, 2 * i) - lac_random_double(5, (uint64_t)c, 2 * i + 1);
      const double code = rint((double)s->channels[c][i] * steps + dither);
      s->channels[c][i] = (float)(fmax(-steps, fmin(steps - 1, code)) / steps);
    }
}

/* Minimum of the wanted gain over 2 ms, averaged over 2 ms: a look-ahead limiter that never exceeds its ceiling. */
static void limit(Stereo *s, double drive, double ceiling) {
  enum { REACH = 88 };
  double *wanted = calloc(s->n_frames + 2 * REACH, sizeof(double)),
         *low = calloc(s->n_frames + 2 * REACH, sizeof(double));
  assert_true(wanted && low);
  for (uint32_t i = 0; i < s->n_frames + 2 * REACH; i++)
    wanted[i] = low[i] = 1;
  for (uint32_t i = 0; i < s->n_frames; i++) {
    const double peak = drive * fmax(fabs((double)s->channels[0][i]), fabs((double)s->channels[1][i]));
    wanted[i + REACH] = peak > ceiling ? ceiling / peak : 1;
  }
  for (uint32_t i = REACH / 2; i < s->n_frames + 2 * REACH - REACH / 2; i++)
    for (uint32_t k = i - REACH / 2; k <= i + REACH / 2; k++)
      low[i] = fmin(low[i], wanted[k]);
  for (uint32_t i = 0; i < s->n_frames; i++) {
    double sum = 0;
    for (uint32_t k = i + REACH - REACH / 2; k <= i + REACH + REACH / 2; k++)
      sum += low[k];
    for (int c = 0; c < 2; c++)
      s->channels[c][i] = (float)((double)s->channels[c][i] * drive * sum / (REACH + 1));
  }
  free(wanted);
  free(low);
}

static void expect_none(const Stereo *s, const char *name) {
  LacAnalysis analysis = analyse_all(s);
  if (analysis.n_findings)
    fail_msg("%s: %s", name, analysis.findings[0].text);
  lac_analysis_free(&analysis);
}

static void test_clean(void **state) {
  (void)state;
  Stereo s = stereo_new(12, 44100);
  fill_programme(&s, 0.4);
  expect_none(&s, "programme");
  quantise(&s, 16);
  expect_none(&s, "programme in 16 bits");
  for (int c = 0; c < 2; c++)
    fill_noise(s.channels[c], s.n_frames, s.rate_hz, -1, 22050, (uint64_t)c);
  expect_none(&s, "pink noise");
  for (int c = 0; c < 2; c++)
    scale_to_rms(s.channels[c], s.n_frames, 0.01);
  quantise(&s, 16);
  expect_none(&s, "quiet pink noise in 16 bits");
  stereo_free(&s);
}

/* Smooth tops of bass notes last many samples at one 16-bit code, and are no clipping; nor is a limiter's work. */
static void test_no_clipping(void **state) {
  (void)state;
  static const double tones[] = {20, 31.5, 50, 80, 440};
  static const double rates[] = {44100, 96000, 192000};
  for (size_t r = 0; r < 3; r++)
    for (size_t i = 0; i < sizeof(tones) / sizeof(*tones); i++)
      for (int bits = 16; bits <= 24; bits += 8) {
        Stereo s = stereo_new(3, rates[r]);
        add_sine(s.channels[0], s.n_frames, s.rate_hz, tones[i], 0.99);
        memcpy(s.channels[1], s.channels[0], s.n_frames * sizeof(float));
        quantise(&s, bits);
        LacAnalysis analysis = analyse(&s, LAC_MEASURE_FINDINGS);
        assert_null(find(&analysis, LAC_FINDING_CLIPPED));
        lac_analysis_free(&analysis);
        stereo_free(&s);
      }
  Stereo s = stereo_new(10, 44100);
  fill_programme(&s, 0.5);
  limit(&s, 8, 0.98);
  for (int bits = 24; bits >= 16; bits -= 8) {
    quantise(&s, bits);
    LacAnalysis analysis = analyse_all(&s);
    assert_null(find(&analysis, LAC_FINDING_CLIPPED));
    assert_non_null(find(&analysis, LAC_FINDING_HEADROOM));
    lac_analysis_free(&analysis);
  }
  stereo_free(&s);
}

static void clip(float *x, uint32_t n, float level) {
  for (uint32_t i = 0; i < n; i++)
    x[i] = x[i] > level ? level : x[i] < -level ? -level : x[i];
}

/* Runs of three and more at the level, counted in the plain way. */
static uint64_t count_runs(const float *x, uint32_t n, float level, uint32_t *longest) {
  uint64_t runs = 0;
  *longest = 0;
  for (uint32_t i = 0; i < n;) {
    uint32_t k = i;
    while (k < n && (double)fabsf(x[k]) >= (double)level - 1e-9 && (x[k] < 0) == (x[i] < 0))
      k++;
    if (k - i >= 3) {
      runs++;
      *longest = k - i > *longest ? k - i : *longest;
    }
    i = k > i ? k : i + 1;
  }
  return runs;
}

static void check_clipped(double gain, float level, double after, double bits) {
  Stereo s = stereo_new(12, 44100);
  fill_programme(&s, gain);
  clip(s.channels[0], s.n_frames, level);
  clip(s.channels[1], s.n_frames, level);
  uint32_t longest[2];
  const uint64_t left = count_runs(s.channels[0], s.n_frames, level, &longest[0]);
  const uint64_t right = count_runs(s.channels[1], s.n_frames, level, &longest[1]);
  const uint32_t most = longest[0] > longest[1] ? longest[0] : longest[1];
  assert_true(left > 20);
  for (uint32_t i = 0; i < s.n_frames; i++)
    for (int c = 0; c < 2; c++)
      s.channels[c][i] *= (float)after;
  if (bits > 0)
    quantise(&s, bits);
  LacAnalysis analysis = analyse_all(&s);
  const LacFinding *finding = find(&analysis, LAC_FINDING_CLIPPED);
  assert_non_null(finding);
  /* Runs that are entered gently (a bass top just over the level) may be left out. */
  if (finding->count < (left + right) * 8 / 10 || finding->count > left + right + 2)
    fail_msg("%llu runs found of %llu (gain %g, level %g, after %g, %g bits)", (unsigned long long)finding->count,
             (unsigned long long)(left + right), gain, (double)level, after, bits);
  assert_int_equal(finding->channel, -1);
  assert_int_equal(finding->severity, LAC_SEVERITY_PROBLEM);
  assert_true(finding->confidence > 0.6);
  assert_true(finding->seconds >= most / 44100.0);
  assert_non_null(strstr(finding->text, "clipped stretches"));
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_clipped(void **state) {
  (void)state;
  check_clipped(1.5, 0.99F, 1, 0);
  check_clipped(1.5, 0.99F, 1, 24);
  check_clipped(1.5, 0.99F, 1, 16);
  check_clipped(1.5, 0.99F, 0.5, 24); /* turned down afterwards */
  check_clipped(2.5, 1.0F, 1, 0);
  check_clipped(2.5, 1.0F, 0.3, 16);
}

static void test_clipped_place(void **state) {
  (void)state;
  Stereo s = stereo_new(5, 48000);
  for (int c = 0; c < 2; c++)
    add_sine(s.channels[c], s.n_frames, s.rate_hz, 997, 0.5);
  float *right = s.channels[1];
  for (uint32_t i = 0; i < 480; i++) { /* ten periods pressed against a wall at 2 s, the first for longest */
    const double v = (i < 24 ? 3.0 : 1.6) * sin(2 * M_PI * 997 / 48000 * i);
    right[96000 + i] = (float)fmax(-0.8, fmin(0.8, v));
  }
  LacAnalysis analysis = analyse_all(&s);
  const LacFinding *finding = find(&analysis, LAC_FINDING_CLIPPED);
  assert_non_null(finding);
  assert_int_equal(finding->channel, 1);
  assert_near(finding->time_s, 2.0, 0.001);
  assert_true(finding->count >= 18 && finding->count <= 20);
  assert_non_null(strstr(finding->text, "right channel"));
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_overs(void **state) {
  (void)state;
  Stereo s = stereo_new(6, 44100);
  for (int place = 0; place < 3; place++)
    for (uint32_t i = 0; i < 441; i++) {
      const double fade = sin(M_PI * i / 441);
      s.channels[0][44100 * (1 + place) + i] = (float)((1.1 + 0.1 * place) * fade * sin(M_PI / 2 * i + M_PI / 4));
    }
  for (uint32_t i = 0; i < s.n_frames; i++)
    s.channels[1][i] = s.channels[0][i] * 0.5F;
  LacAnalysis analysis = analyse_all(&s);
  const LacFinding *finding = find(&analysis, LAC_FINDING_OVERS);
  assert_non_null(finding);
  assert_int_equal(finding->count, 3);
  assert_near(finding->time_s, 3.005, 0.011);
  assert_near(finding->value, 20 * log10(1.3), 0.05);
  assert_true(analysis.loudness.sample_peak_dbfs < 0);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_offset(void **state) {
  (void)state;
  Stereo s = stereo_new(10, 44100);
  fill_programme(&s, 0.3);
  for (uint32_t i = 0; i < s.n_frames; i++)
    s.channels[1][i] += 0.02F;
  LacAnalysis analysis = analyse_all(&s);
  const LacFinding *finding = find(&analysis, LAC_FINDING_DC);
  assert_non_null(finding);
  assert_int_equal(finding->channel, 1);
  assert_near(finding->value, 0.02, 0.001);
  assert_int_equal(finding->severity, LAC_SEVERITY_WARNING);
  lac_analysis_free(&analysis);
  /* A bass tone that does not close its period has a mean, but no offset. */
  Stereo bass = stereo_new(3.513, 44100);
  for (int c = 0; c < 2; c++)
    add_sine(bass.channels[c], bass.n_frames, bass.rate_hz, 20.3, 0.8);
  analysis = analyse_all(&bass);
  assert_null(find(&analysis, LAC_FINDING_DC));
  lac_analysis_free(&analysis);
  stereo_free(&bass);
  stereo_free(&s);
}

static void test_silence(void **state) {
  (void)state;
  Stereo s = stereo_new(20, 44100);
  fill_programme(&s, 0.4);
  for (int c = 0; c < 2; c++) {
    memset(s.channels[c], 0, 44100 * 3 * sizeof(float));
    memset(s.channels[c] + 44100 * 8, 0, 44100 * 12 * sizeof(float));
    s.channels[c][44100 * 12] = 1e-5F; /* noise below the threshold does not end a silence */
  }
  LacAnalysis analysis = analyse_all(&s);
  const LacFinding *head = find(&analysis, LAC_FINDING_SILENCE_HEAD), *tail = find(&analysis, LAC_FINDING_SILENCE_TAIL);
  assert_true(head && tail);
  assert_near(head->seconds, 3, 0.01);
  assert_near(head->time_s, 0, 0);
  assert_near(tail->seconds, 12, 0.01);
  assert_near(tail->time_s, 8, 0.01);
  assert_int_equal(head->severity, LAC_SEVERITY_WARNING);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_image(void **state) {
  (void)state;
  Stereo s = stereo_new(8, 44100);
  fill_programme(&s, 0.4);
  float *left = s.channels[0], *right = s.channels[1];
  for (uint32_t i = 0; i < s.n_frames; i++)
    right[i] = -right[i];
  LacAnalysis analysis = analyse_all(&s);
  const LacFinding *finding = find(&analysis, LAC_FINDING_POLARITY);
  assert_non_null(finding);
  assert_int_equal(finding->severity, LAC_SEVERITY_PROBLEM);
  assert_true(finding->value > 10);
  lac_analysis_free(&analysis);

  memcpy(right, left, s.n_frames * sizeof(float));
  analysis = analyse_all(&s);
  finding = find(&analysis, LAC_FINDING_MONO);
  assert_non_null(finding);
  assert_near(finding->confidence, 1, 0);
  assert_null(find(&analysis, LAC_FINDING_POLARITY));
  lac_analysis_free(&analysis);

  quantise(&s, 16); /* own dither in each channel: still one signal */
  analysis = analyse_all(&s);
  assert_non_null(find(&analysis, LAC_FINDING_MONO));
  lac_analysis_free(&analysis);

  memset(left, 0, s.n_frames * sizeof(float));
  analysis = analyse_all(&s);
  finding = find(&analysis, LAC_FINDING_ONE_SIDED);
  assert_non_null(finding);
  assert_int_equal(finding->channel, 0);
  assert_null(find(&analysis, LAC_FINDING_MONO));
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

/* A stretch of four seconds with one channel reversed in a song that is in order. */
static void test_cancelling_place(void **state) {
  (void)state;
  Stereo s = stereo_new(20, 44100);
  for (int c = 0; c < 2; c++)
    fill_noise(s.channels[c], s.n_frames, s.rate_hz, -1, 22050, 4);
  for (uint32_t i = 0; i < s.n_frames; i++)
    s.channels[1][i] *= i / 44100 >= 11 && i / 44100 < 16 ? -0.8F : 0.8F;
  LacAnalysis analysis = analyse_all(&s);
  const LacFinding *finding = find(&analysis, LAC_FINDING_POLARITY);
  assert_non_null(finding);
  assert_true(finding->time_s > 10 && finding->time_s < 16);
  assert_true(finding->count >= 4 && finding->count <= 6);
  assert_near(finding->value, 10 * log10(2 * (1 + 0.64) / (0.2 * 0.2)), 0.5);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_nonfinite(void **state) {
  (void)state;
  Stereo s = stereo_new(4, 44100);
  fill_programme(&s, 0.4);
  s.channels[1][88200] = NAN;
  s.channels[0][88300] = -INFINITY;
  LacAnalysis analysis = analyse_all(&s);
  assert_int_equal(analysis.n_nonfinite, 2);
  const LacFinding *finding = find(&analysis, LAC_FINDING_NONFINITE);
  assert_non_null(finding);
  assert_int_equal(finding->count, 2);
  assert_near(finding->time_s, 2, 1e-9);
  assert_true(isfinite(analysis.loudness.integrated_lufs) && isfinite(analysis.loudness.true_peak_dbtp));
  /* The same as with zeros in their place. */
  s.channels[1][88200] = s.channels[0][88300] = 0;
  LacAnalysis zeros = analyse_all(&s);
  assert_memory_equal(&analysis.loudness, &zeros.loudness, sizeof(LacLoudness));
  assert_string_equal(analysis.pcm_sha256, zeros.pcm_sha256);
  lac_analysis_free(&analysis);
  lac_analysis_free(&zeros);
  stereo_free(&s);
}

/* Limited hard, turned down or not: no headroom. Sorted by severity, then time. */
static void test_headroom(void **state) {
  (void)state;
  Stereo s = stereo_new(16, 44100);
  fill_programme(&s, 0.5);
  limit(&s, 10, 0.5);
  LacAnalysis analysis = analyse_all(&s);
  assert_non_null(find(&analysis, LAC_FINDING_HEADROOM));
  for (size_t i = 1; i < analysis.n_findings; i++)
    assert_true(analysis.findings[i - 1].severity >= analysis.findings[i].severity);
  lac_analysis_free(&analysis);
  stereo_free(&s);
}

static void test_words(void **state) {
  (void)state;
  for (int kind = 0; kind < LAC_FINDING_KINDS; kind++)
    assert_string_not_equal(lac_finding_kind_id((LacFindingKind)kind), "unknown");
  assert_string_equal(lac_finding_kind_id(LAC_FINDING_OVERS), "inter_sample_overs");
  assert_string_equal(lac_finding_kind_id(LAC_FINDING_KINDS), "unknown");
  char text[LAC_TIME_TEXT_SIZE];
  assert_string_equal(lac_time_text(72.44, text), "1:12.4");
  assert_string_equal(lac_time_text(59.96, text), "1:00.0");
  assert_string_equal(lac_time_text(3732.4, text), "1:02:12.4");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_clean),         cmocka_unit_test(test_no_clipping), cmocka_unit_test(test_clipped),
      cmocka_unit_test(test_clipped_place), cmocka_unit_test(test_overs),       cmocka_unit_test(test_offset),
      cmocka_unit_test(test_silence),       cmocka_unit_test(test_image),       cmocka_unit_test(test_cancelling_place),
      cmocka_unit_test(test_nonfinite),     cmocka_unit_test(test_headroom),    cmocka_unit_test(test_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
