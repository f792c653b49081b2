/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Against libebur128 on generated programme material: integrated within 0.02 LU, range within 0.1 LU. */

#include "meter_signals.h"

#include <ebur128.h>

static void compare(const Stereo *s, unsigned n_channels) {
  float *interleaved = malloc((size_t)s->n_frames * n_channels * sizeof(float));
  assert_non_null(interleaved);
  for (uint32_t i = 0; i < s->n_frames; i++)
    for (unsigned c = 0; c < n_channels; c++)
      interleaved[(size_t)i * n_channels + c] = s->channels[c][i];
  ebur128_state *reference = ebur128_init(n_channels, (unsigned long)s->rate_hz, EBUR128_MODE_I | EBUR128_MODE_LRA);
  assert_non_null(reference);
  double integrated = 0, range = 0;
  assert_int_equal(ebur128_add_frames_float(reference, interleaved, s->n_frames), EBUR128_SUCCESS);
  assert_int_equal(ebur128_loudness_global(reference, &integrated), EBUR128_SUCCESS);
  assert_int_equal(ebur128_loudness_range(reference, &range), EBUR128_SUCCESS);
  ebur128_destroy(&reference);
  free(interleaved);
  const float *channels[2] = {s->channels[0], s->channels[1]};
  LacAnalysis analysis = analyse_channels(channels, n_channels, s->n_frames, s->rate_hz, LAC_MEASURE_LOUDNESS, 4096);
  assert_near(analysis.loudness.integrated_lufs, integrated, 0.02);
  assert_near(analysis.loudness.range_lu, range, 0.1);
  lac_analysis_free(&analysis);
}

static void test_programme(void **state) {
  (void)state;
  static const struct {
    double rate_hz, seconds, gain;
  } cases[] = {{44100, 61.3, 0.5}, {48000, 40, 0.05}, {96000, 20, 0.9},
               {8000, 30, 0.5},    {192000, 9, 0.3},  {11025, 33, 0.4}};
  for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
    Stereo s = stereo_new(cases[i].seconds, cases[i].rate_hz);
    fill_programme(&s, cases[i].gain);
    compare(&s, 2);
    compare(&s, 1);
    stereo_free(&s);
  }
}

/* Long pauses and fades: the gates decide. */
static void test_gated_programme(void **state) {
  (void)state;
  Stereo s = stereo_new(90, 44100);
  fill_programme(&s, 0.5);
  for (uint32_t i = 0; i < s.n_frames; i++) {
    const double t = i / s.rate_hz;
    const double gain = t < 20 ? 1 : t < 35 ? 0 : t < 60 ? pow(10, -(t - 35) * 2.5 / 20) : t < 70 ? 1e-4 : 0.25;
    for (int c = 0; c < 2; c++)
      s.channels[c][i] *= (float)gain;
  }
  compare(&s, 2);
  stereo_free(&s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_programme), cmocka_unit_test(test_gated_programme)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
