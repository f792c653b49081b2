/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/random.h"
#include "dsp/peak_bound.h"
#include "dsp/true_peak.h"
#include "dsp/true_peak_kernels.h"

static const double PI = 3.14159265358979323846;
static const double RATES_HZ[] = {44100, 48000, 88200, 96000, 176400, 192000};
enum { N_RATES = sizeof RATES_HZ / sizeof RATES_HZ[0] };

static double db(double gain) {
  return 20 * log10(gain);
}

static double random_bipolar(uint64_t stream, uint64_t i) {
  return 2 * lac_random_double(7, stream, i) - 1;
}

/* The meter's reading with `chunk` frames a call; `skipping` lets it ignore what cannot raise the result. */
static float wide_peak(const float *x, size_t n, uint32_t chunk, bool skipping) {
  LacArena *arena;
  LacTruePeak *meter;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_true_peak_new(arena, &meter), LAC_OK);
  float *flushed = calloc(n + lac_true_peak_delay_frames(), sizeof *flushed), largest = 0;
  memcpy(flushed, x, n * sizeof *x);
  const size_t total = n + lac_true_peak_delay_frames();
  for (size_t at = 0; at < total; at += chunk) {
    const uint32_t run = (uint32_t)(total - at < chunk ? total - at : chunk);
    const float peak = lac_true_peak_block(meter, flushed + at, run, skipping ? largest : 0.0f);
    largest = peak > largest ? peak : largest;
  }
  free(flushed);
  lac_arena_free(arena);
  return largest;
}

static float itu_peak(const float *x, size_t n, double rate_hz, uint32_t chunk) {
  LacArena *arena;
  LacTruePeakItu *meter;
  const float zeros[12] = {0};
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_true_peak_itu_new(arena, rate_hz, &meter), LAC_OK);
  for (size_t at = 0; at < n; at += chunk)
    lac_true_peak_itu_add(meter, x + at, (uint32_t)(n - at < chunk ? n - at : chunk));
  lac_true_peak_itu_add(meter, zeros, 12);
  const float peak = lac_true_peak_itu_result(meter);
  lac_arena_free(arena);
  return peak;
}

static float largest_sample(const float *x, size_t n) {
  float largest = 0;
  for (size_t i = 0; i < n; i++)
    largest = fmaxf(largest, fabsf(x[i]));
  return largest;
}

static void check_ebu(const float *x, size_t n, double rate_hz, double expected_db) {
  const double wide = db((double)wide_peak(x, n, 4096, true)), itu = db((double)itu_peak(x, n, rate_hz, 4096));
  assert_true(wide <= expected_db + 0.2 && wide >= expected_db - 0.4);
  if (rate_hz < 192000) /* above, the standard asks for the samples alone */
    assert_true(itu <= expected_db + 0.2 && itu >= expected_db - 0.4);
  assert_true(fabs(wide - db(lac_true_peak_judge(x, n))) < 0.01);
}

/* EBU Tech 3341, cases 15 to 19: sines between whose crests no sample falls, faded at the ends. */
static void test_ebu_sines(void **state) {
  (void)state;
  static const struct {
    double per_rate, phase_deg, amplitude, expected_db;
  } cases[] = {{4, 0, 0.5, -6}, {4, 45, 0.5, -6}, {6, 60, 0.5, -6}, {8, 67.5, 0.5, -6}, {4, 45, 1.41, 3}};
  enum { N = 20000, FADE = 2000 };
  float *x = calloc(N, sizeof *x);
  for (int r = 0; r < N_RATES; r++) {
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
      for (int i = 0; i < N; i++) {
        const double edge = fmin(1.0, fmin(i, N - 1 - i) / (double)FADE);
        const double phase = 2 * PI * i / cases[k].per_rate + cases[k].phase_deg * PI / 180;
        x[i] = (float)(cases[k].amplitude * edge * sin(phase));
      }
      check_ebu(x, N, RATES_HZ[r], cases[k].expected_db);
    }
  }
  free(x);
}

/* Cases 20 to 23: one burst made at four times the rate (own synthesis: crest 1, spectrum far below fs/2), decimated
 * with each of the four offsets. */
static void test_ebu_bursts(void **state) {
  (void)state;
  enum { N = 6000 };
  float *x = calloc(N, sizeof *x);
  for (int r = 0; r < N_RATES; r++) {
    for (int offset = 0; offset < 4; offset++) {
      for (int i = 0; i < N; i++) {
        const double t = i + offset / 4.0 - N / 2; /* frames from the crest */
        x[i] = (float)(exp(-0.5 * t * t / (40.0 * 40.0)) * cos(2 * PI * t / 6));
      }
      check_ebu(x, N, RATES_HZ[r], 0.0);
    }
  }
  free(x);
}

enum { N_SIGNALS = 7 };

static void make_signal(float *x, size_t n, int kind) {
  double slow = 0;
  for (size_t i = 0; i < n; i++) {
    const double t = (double)i, white = random_bipolar((uint64_t)kind, i);
    slow += 0.05 * (white - slow);
    const double values[N_SIGNALS] = {
        white,                                                              /* white noise */
        3 * slow,                                                           /* dark noise */
        fmax(-0.5, fmin(0.5, sin(t * 0.05) + 0.7 * sin(t * 0.31) + white)), /* a clipped master */
        i % 2 ? -0.8 : 0.8,                                                 /* alternation */
        fmod(t, 64) < 32 ? 0.6 : -0.6,                                      /* a square wave */
        (i / 400) % 3 == 1 ? sin(2 * PI * 0.49 * t) : 0.0,                  /* bursts just under half the rate */
        0.9 * sin(PI * t * t / (2.0 * (double)n))};                         /* a sweep to a quarter of the rate */
    x[i] = (float)values[kind];
  }
}

static void test_against_judge(void **state) {
  (void)state;
  enum { N = 30000 };
  float *x = calloc(N, sizeof *x);
  for (int kind = 0; kind < N_SIGNALS; kind++) {
    make_signal(x, N, kind);
    const double judge = lac_true_peak_judge(x, N);
    const float wide = wide_peak(x, N, 4096, true);
    assert_true(fabs(db((double)wide) - db(judge)) <= 0.02);
    assert_true(wide >= largest_sample(x, N));
    assert_true(judge >= (double)largest_sample(x, N));
  }
  free(x);
}

/* Skipping and cutting change no bit. */
static void test_chunks_and_skipping(void **state) {
  (void)state;
  enum { N = 9000 };
  static const uint32_t chunks[] = {1, 7, 64, 4096, 65536};
  float *x = calloc(N, sizeof *x);
  for (int kind = 0; kind < N_SIGNALS; kind++) {
    make_signal(x, N, kind);
    for (int i = 0; i < N; i++)
      x[i] *= (i / 1500) % 2 ? 0.1f : 1.0f;
    const float expected = wide_peak(x, N, 512, false), itu = itu_peak(x, N, 48000, 512);
    for (size_t k = 0; k < sizeof chunks / sizeof chunks[0]; k++) {
      assert_true(wide_peak(x, N, chunks[k], true) == expected);
      assert_true(wide_peak(x, N, chunks[k], false) == expected);
      assert_true(itu_peak(x, N, 48000, chunks[k]) == itu);
    }
  }
  free(x);
}

/* The signal between the samples by the plain sum: 256 taps, Kaiser 12, as true_peak.c says. */
static double slow_value(const float *x, size_t n, double at) {
  const int64_t centre = (int64_t)floor(at);
  double sum = 0, norm = 0;
  for (int64_t k = centre - 127; k <= centre + 128; k++) {
    const double d = at - (double)k, u = d / 128;
    double i0 = 0, term = 1;
    const double half = 0.5 * 12 * sqrt(fmax(0, 1 - u * u));
    for (int j = 1; term > 1e-12 * i0 || j < 3; j++) {
      i0 += term;
      term *= half / j * half / j;
    }
    const double weight = (d == 0 ? 1 : sin(PI * d) / (PI * d)) * i0;
    sum += k >= 0 && k < (int64_t)n ? weight * (double)x[k] : 0;
    norm += weight;
  }
  return sum / norm;
}

/* What the limiter obeys: frame by frame, from one frame before to one behind. */
static void test_track(void **state) {
  (void)state;
  enum { N = 1500 };
  const uint32_t delay = lac_true_peak_delay_frames();
  float *x = calloc(N + 200, sizeof *x), *peak = calloc(N + 200, sizeof *peak), *some = calloc(N + 200, sizeof *some);
  LacArena *arena;
  LacTruePeak *detector;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_true_peak_new(arena, &detector), LAC_OK);
  make_signal(x, N, 0);
  for (int i = 600; i < 1100; i++)
    x[i] *= 0.02f;
  lac_true_peak_track(detector, x, peak, N + 200, 0.0f);
  for (size_t i = 200; i < N; i += 3) {
    /* Every value of the frame is covered by the frame before it and the one behind; nothing reads more than there is.
     */
    double inside = 0, around = 0;
    for (int step = -18; step <= 18; step++) {
      const double value = fabs(slow_value(x, N, (double)i + step / 16.0));
      around = fmax(around, value);
      inside = step >= 0 && step <= 16 ? fmax(inside, value) : inside;
    }
    const double here = (double)peak[i + delay], next = (double)peak[i + 1 + delay];
    assert_true(here >= (double)fabsf(x[i]) && here <= around * 1.006);
    assert_true(fmax(here, next) >= inside * 0.999);
  }
  /* With a threshold: the same above it, anything not above it below, for odd cuts. */
  const float ignore = 0.5f;
  lac_true_peak_reset(detector);
  for (uint32_t at = 0, run; at < N + 200; at += run) {
    run = 1 + (at * 7) % 260;
    run = N + 200 - at < run ? N + 200 - at : run;
    lac_true_peak_track(detector, x + at, some + at, run, ignore);
  }
  size_t n_skipped = 0;
  for (size_t i = 0; i < N + 200; i++) {
    assert_true(peak[i] > ignore ? some[i] == peak[i] : some[i] <= ignore);
    n_skipped += some[i] == 0 && peak[i] > 0;
  }
  assert_true(n_skipped > 100);
  /* With limits of their own. */
  float *limits = calloc(N + 200, sizeof *limits);
  for (size_t i = 0; i < N + 200; i++)
    limits[i] = (float)fabs(random_bipolar(9, i / 20));
  lac_true_peak_reset(detector);
  for (uint32_t at = 0, run; at < N + 200; at += run) {
    run = 1 + (at * 7) % 260;
    run = N + 200 - at < run ? N + 200 - at : run;
    lac_true_peak_track_over(detector, x + at, limits + at, some + at, run);
  }
  for (size_t i = 0; i < N + 200; i++)
    assert_true(peak[i] > limits[i] ? some[i] == peak[i] : some[i] <= limits[i]);
  lac_arena_free(arena);
  free(limits);
  free(x);
  free(peak);
  free(some);
}

/* Of a signal with one pole at `pole` (bright, even or dull): the largest peak of every 50 frames is found though the
 * limit lies a hair under it and everything else may be passed over. Returns how many frames were. */
static size_t check_hair_under(LacTruePeak *detector, double pole, int tone, float *x, float *peak, float *some,
                               float *limits, uint32_t n) {
  double last = 0;
  for (uint32_t i = 0; i < n; i++) {
    last = pole * last + (1 - fabs(pole)) * random_bipolar(11, i);
    const double loudness = i / 700 % 2 ? 0.05 : 1; /* loud neighbours */
    x[i] = (float)(loudness * (last + (tone ? 0.7 * sin(i * i * (PI / n)) : 0)));
  }
  lac_true_peak_reset(detector);
  lac_true_peak_track(detector, x, peak, n, 0.0f);
  for (uint32_t at = 0; at < n; at += 50) {
    float largest = 0;
    for (uint32_t i = at; i < at + 50; i++)
      largest = fmaxf(largest, peak[i]);
    for (uint32_t i = at; i < at + 50; i++)
      limits[i] = largest * (1.0f - 0x1p-22f);
  }
  lac_true_peak_reset(detector);
  lac_true_peak_track_over(detector, x, limits, some, n);
  size_t n_skipped = 0;
  for (uint32_t i = 0; i < n; i++) {
    assert_true(peak[i] > limits[i] ? some[i] == peak[i] : some[i] <= limits[i]);
    n_skipped += some[i] == 0 && peak[i] > 0;
  }
  return n_skipped;
}

static void test_hair_under(void **state) {
  (void)state;
  enum { N = 50 * 400 };
  static const double poles[] = {0, -0.9, -0.5, 0.5, 0.8, 0.95, 0.99};
  LacArena *arena;
  LacTruePeak *detector;
  float *all = malloc(4 * N * sizeof *all);
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_true_peak_new(arena, &detector), LAC_OK);
  for (size_t k = 0; k < sizeof poles / sizeof poles[0]; k++)
    for (int tone = 0; tone < 2; tone++) {
      const size_t n = check_hair_under(detector, poles[k], tone, all, all + N, all + 2 * N, all + 3 * N, N);
      print_message("pole %5.2f, tone %d: %zu of %d frames passed over\n", poles[k], tone, n, N);
      assert_true(poles[k] < 0.9 || n > (tone ? N / 40 : N / 5));
    }
  lac_arena_free(arena);
  free(all);
}

/* What is passed over changes nothing in what is read, nor does what was read before. */
static void check_groups(const LacTruePeakKernels *kernels, const LacTruePeakTaps *taps, const float *x,
                         const float *all) {
  for (uint32_t groups = 1; groups < 1u << LAC_TP_GROUPS; groups = groups * 3 + 1) {
    LacTruePeakReadings some = {0};
    kernels->wide(taps, x, groups & 0x5555, &some);
    kernels->wide(taps, x, groups & ~0x5555u, &some);
    for (uint32_t i = 0; i < LAC_TP_CHUNK; i++)
      assert_true(some.most[i] == (groups >> i / LAC_TP_GROUP & 1u ? all[i] : 0.0f));
  }
}

/* A closer look is the same on every level and sees what a plain look sees. */
static void check_outline(const LacTruePeakKernels *truth, const LacTruePeakKernels *kernels,
                          const LacTruePeakTaps *taps, const float *x, uint32_t n_groups) {
  LacTruePeakOutline a, b;
  truth->outline(taps, x, n_groups, &a);
  kernels->outline(taps, x, n_groups, &b);
  assert_memory_equal(a.half_way, b.half_way, n_groups * sizeof(float));
  assert_memory_equal(a.bend, b.bend, n_groups * sizeof(float));
  assert_memory_equal(a.near_edge, b.near_edge, n_groups * sizeof(float));
  assert_true(a.far_edge == b.far_edge);
  for (uint32_t g = 0; g < n_groups; g++) {
    double half = 0, edge = 0;
    for (int i = 8 * (int)g; i < 8 * (int)g + 8; i++) {
      double sum = 0;
      for (int k = 0; k < LAC_TP_BRIEF_PAIRS; k++)
        sum += (double)taps->brief[k] * ((double)x[i - k] + (double)x[i + 1 + k]);
      half = fmax(half, fabs(sum));
    }
    for (int i = 8 * (int)g - LAC_PEAK_BOUND_NEAR; i < 8 * (int)g + 8 + LAC_PEAK_BOUND_NEAR; i++) {
      static const double binomial[9] = {1, -8, 28, -56, 70, -56, 28, -8, 1};
      double sum = 0;
      for (int k = 0; k < 9; k++)
        sum += binomial[k] / 256 * (double)x[i + k - 4];
      edge = fmax(edge, fabs(sum));
    }
    assert_true(fabs(half - (double)a.half_way[g]) < 1e-5 && fabs(edge - (double)a.near_edge[g]) < 1e-5);
    assert_true(a.far_edge >= a.near_edge[g]);
  }
}

/* The survey says no less than a plain look at the samples, and the same on every level. */
static void check_survey(const LacTruePeakKernels *truth, const LacTruePeakKernels *kernels, const float *x,
                         uint32_t n) {
  enum { AROUND = 192, ALL = AROUND + LAC_TP_CHUNK + AROUND };
  const uint32_t n_groups = (n + LAC_TP_GROUP - 1) / LAC_TP_GROUP;
  float bends[2][ALL];
  LacTruePeakSurvey a, b;
  truth->bends(x - AROUND, bends[0], ALL);
  kernels->bends(x - AROUND, bends[1], ALL);
  assert_memory_equal(bends[0], bends[1], sizeof bends[0]);
  truth->survey(x, bends[0] + AROUND, n, &a);
  kernels->survey(x, bends[1] + AROUND, n, &b);
  assert_memory_equal(a.level, b.level, n_groups * sizeof(float));
  assert_memory_equal(a.near_bend, b.near_bend, n_groups * sizeof(float));
  assert_true(a.far_bend == b.far_bend);
  for (uint32_t g = 0; g < n_groups; g++) {
    float level, bend, unused;
    kernels->extent(x + g * LAC_TP_GROUP, LAC_TP_GROUP + 1, &level, &unused);
    kernels->extent(x + g * LAC_TP_GROUP - LAC_PEAK_BOUND_NEAR, LAC_TP_GROUP + 2 * LAC_PEAK_BOUND_NEAR, &unused, &bend);
    assert_true(a.level[g] == level && a.near_bend[g] == bend);
    kernels->extent(x - LAC_PEAK_BOUND_REACH, n + 2 * LAC_PEAK_BOUND_REACH, &unused, &bend);
    assert_true(a.far_bend >= bend);
  }
}

static void check_limits(const LacTruePeakKernels *kernels, const float *limits, uint32_t n_frames) {
  float lowest[LAC_TP_GROUPS];
  kernels->group_limits(limits, n_frames, lowest);
  for (uint32_t g = 0; g * LAC_TP_GROUP <= n_frames; g++) {
    float wanted = INFINITY;
    for (uint32_t i = 0; i < n_frames; i++)
      if (i + 1 >= g * LAC_TP_GROUP && i <= g * LAC_TP_GROUP + LAC_TP_GROUP - 1)
        wanted = limits[i] < wanted ? limits[i] : wanted;
    assert_true(lowest[g] == wanted);
  }
}

/* Every CPU level gives the same bits. */
static void test_levels(void **state) {
  (void)state;
  enum { PAD = 256 };
  float x[PAD + LAC_TP_CHUNK + PAD], phases[4][12];
  LacTruePeakTaps taps;
  for (size_t i = 0; i < sizeof taps / sizeof(float); i++)
    ((float *)&taps)[i] = (float)random_bipolar(1, i);
  for (size_t i = 0; i < sizeof x / sizeof x[0]; i++)
    x[i] = (float)random_bipolar(2, i);
  for (size_t i = 0; i < 48; i++)
    phases[i / 12][i % 12] = (float)random_bipolar(3, i);
  const LacTruePeakKernels *truth = lac_true_peak_kernels_at(LAC_CPU_BASELINE);
  for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++) {
    const LacTruePeakKernels *kernels = lac_true_peak_kernels_at(level);
    LacTruePeakReadings all[2] = {{0}, {0}};
    truth->wide(&taps, x + PAD, (1u << LAC_TP_GROUPS) - 1, &all[0]);
    kernels->wide(&taps, x + PAD, (1u << LAC_TP_GROUPS) - 1, &all[1]);
    assert_memory_equal(all[0].most, all[1].most, LAC_TP_CHUNK * sizeof(float));
    check_groups(kernels, &taps, x + PAD, all[0].most);
    for (uint32_t n_groups = 1; n_groups <= LAC_TP_GROUPS; n_groups += 5)
      check_outline(truth, kernels, &taps, x + PAD, n_groups);
    for (uint32_t n = 1; n <= LAC_TP_CHUNK; n += n < 20 ? 1 : 25) {
      float size[2], bend[2];
      check_survey(truth, kernels, x + PAD, n);
      if (n < LAC_TP_CHUNK)
        check_limits(kernels, x + PAD, n);
      truth->extent(x + PAD, n, &size[0], &bend[0]);
      kernels->extent(x + PAD, n, &size[1], &bend[1]);
      assert_true(size[0] == size[1] && bend[0] == bend[1]);
      assert_true(truth->itu((const float(*)[12])phases, 4, x + PAD, n) ==
                  kernels->itu((const float(*)[12])phases, 4, x + PAD, n));
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ebu_sines),     cmocka_unit_test(test_ebu_bursts),
      cmocka_unit_test(test_against_judge), cmocka_unit_test(test_chunks_and_skipping),
      cmocka_unit_test(test_track),         cmocka_unit_test(test_hair_under),
      cmocka_unit_test(test_levels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
