/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Times of the shared kernels, best of several runs: run it with `meson test --benchmark dsp -v`, LACQUER_CPU chooses
 * the level. FFTW (float, planned by measuring) is the yardstick of the FFT. */

#include <fftw3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/cpu.h"
#include "core/random.h"
#include "dsp/dither.h"
#include "dsp/elementary.h"
#include "dsp/fft.h"
#include "dsp/gain_solver.h"
#include "dsp/k_weighting.h"
#include "dsp/resampler.h"

enum { ROUNDS = 7, FRAMES = 1 << 18, RATE = 44100 };

static float *left, *right, *out[2];
static double *power;
static int32_t *words[2];

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Best time of one call. */
static double best(void (*run)(void *), void *context, int repeats) {
  double shortest = 1e9;
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds();
    for (int i = 0; i < repeats; i++)
      run(context);
    double time = (seconds() - start) / repeats;
    if (time < shortest)
      shortest = time;
  }
  return shortest;
}

static void say_speed(const char *name, double time, double signal_s) {
  printf("%-28s %9.0f x real time\n", name, signal_s / time);
}

typedef struct FftCase {
  LacFft *fft;
  fftwf_plan plan;
  float *re, *im, *scratch, *back;
} FftCase;

static void run_forward(void *context) {
  FftCase *c = context;
  lac_fft_forward(c->fft, left, c->re, c->im, c->scratch);
}

static void run_inverse(void *context) {
  FftCase *c = context;
  lac_fft_inverse(c->fft, c->re, c->im, c->back, c->scratch);
}

static void run_fftw(void *context) {
  fftwf_execute(((FftCase *)context)->plan);
}

static void bench_fft(uint32_t n) {
  FftCase c = {0};
  const size_t bytes = (n + 64) * sizeof(float);
  float *in = aligned_alloc(64, bytes);
  fftwf_complex *bins = aligned_alloc(64, bytes);
  c.re = aligned_alloc(64, bytes), c.im = aligned_alloc(64, bytes);
  c.scratch = aligned_alloc(64, bytes), c.back = aligned_alloc(64, bytes);
  c.plan = fftwf_plan_dft_r2c_1d((int)n, in, bins, FFTW_MEASURE);
  memcpy(in, left, n * sizeof(float));
  if (lac_fft_new(n, &c.fft) == LAC_OK) {
    const int repeats = (int)(2000000 / n) + 1;
    double ours = best(run_forward, &c, repeats), back = best(run_inverse, &c, repeats);
    double theirs = best(run_fftw, &c, repeats);
    printf("fft %7u: forward %8.2f us, inverse %8.2f us; FFTW %8.2f us: ratio %.2f\n", n, ours * 1e6, back * 1e6,
           theirs * 1e6, ours / theirs);
  }
  lac_fft_free(c.fft);
  fftwf_destroy_plan(c.plan);
  free(in), free(bins), free(c.re), free(c.im), free(c.scratch), free(c.back);
}

static void run_k_weighting(void *context) {
  lac_k_weighting_power(context, (const float *const[]){left, right}, 2, power, FRAMES);
}

static void run_quantizer(void *context) {
  lac_quantizer_run(context, (const float *const[]){left, right}, 2, words, FRAMES, false);
}

static void run_shaper_design(void *context) {
  lac_noise_shaper_design(context, RATE);
}

static void run_fast_log(void *context) {
  (void)context;
  for (int i = 0; i < FRAMES; i++)
    out[0][i] = lac_fast_log2f(left[i]);
}

static void run_exp(void *context) {
  (void)context;
  for (int i = 0; i < FRAMES; i++)
    out[0][i] = (float)lac_exp((double)left[i]);
}

static void run_resampler(void *context) {
  uint32_t at = 0, taken, given;
  lac_resampler_reset(context);
  while (at < FRAMES) {
    lac_resampler_process(context, (const float *const[]){left + at, right + at}, FRAMES - at, &taken, out, 4096,
                          &given);
    at += taken;
  }
}

static void bench_resampler(uint32_t in_rate, uint32_t out_rate) {
  char name[64];
  LacResampler *r;
  double start = seconds();
  if (lac_resampler_new(in_rate, out_rate, 2, &r) != LAC_OK)
    return;
  double design = seconds() - start;
  snprintf(name, sizeof name, "resample %u -> %u", in_rate, out_rate);
  say_speed(name, best(run_resampler, r, 1), (double)FRAMES / in_rate);
  printf("%-28s %9.1f ms\n", "  design", design * 1e3);
  lac_resampler_free(r);
}

enum { KNOTS = 4096 };

typedef struct GainCase {
  LacGainSolver *solver;
  LacGainProblem problem;
  LacGainSolution solution;
} GainCase;

static void run_gain_solver(void *context) {
  GainCase *c = context;
  if (lac_gain_solve(c->solver, &c->problem, NULL, &c->solution) != LAC_OK)
    abort();
}

/* Caps of noise under a slow envelope, at eleven thousand knots per second. */
static void bench_gain_solver(double tau_s, double curve_s) {
  const double knots_per_s = RATE / 4.0, slope = tau_s * knots_per_s, bend = curve_s * knots_per_s;
  enum { SIZE = KNOTS * LAC_GAIN_LANES };
  float *arrays = aligned_alloc(64, 4 * SIZE * sizeof(float));
  GainCase c = {
      .problem = {KNOTS, LAC_GAIN_LANES, arrays, arrays + SIZE, arrays + 2 * SIZE, 1, arrays + 3 * SIZE, false}};
  for (unsigned i = 0; i < SIZE; i++) {
    double cap = 6 - 14 * lac_random_double(3, i % LAC_GAIN_LANES, i / LAC_GAIN_LANES / 16) * (i % 20000 < 12000);
    arrays[i] = cap < 0 ? (float)cap : 0;
    arrays[i + SIZE] = (float)(slope * slope);
    arrays[i + 2 * SIZE] = (float)(bend * bend * bend * bend);
  }
  if (lac_gain_solver_new(KNOTS, &c.solver) == LAC_OK) {
    double time = best(run_gain_solver, &c, 1);
    printf("gain solver, %3.0f ms: %2u steps of %.1f ns a knot of eight lanes: %.0f x real time, mono\n", tau_s * 1e3,
           c.solution.n_iterations, time / KNOTS / c.solution.n_iterations * 1e9, SIZE / knots_per_s / time);
  }
  lac_gain_solver_free(c.solver);
  free(arrays);
}

int main(void) {
  left = aligned_alloc(64, FRAMES * sizeof *left), right = aligned_alloc(64, FRAMES * sizeof *right);
  power = aligned_alloc(64, FRAMES * sizeof *power);
  for (int c = 0; c < 2; c++) {
    out[c] = aligned_alloc(64, FRAMES * sizeof *out[c]);
    words[c] = aligned_alloc(64, FRAMES * sizeof *words[c]);
  }
  for (unsigned i = 0; i < FRAMES; i++) {
    left[i] = (float)(lac_random_double(2, 0, i) * 0.9 + 0.05);
    right[i] = (float)(lac_random_double(2, 1, i) - 0.5);
  }
  printf("level %s\n", lac_cpu_level_name(lac_cpu_level()));
  for (uint32_t n = 256; n <= 131072; n *= 2)
    bench_fft(n);
  LacKWeighting k;
  lac_k_weighting_init(&k, RATE);
  LacQuantizer q;
  lac_quantizer_init(&q, 16, true, 1, RATE);
  const double signal_s = (double)FRAMES / RATE;
  say_speed("k-weighting, stereo", best(run_k_weighting, &k, 1), signal_s);
  say_speed("16 bit with dither, stereo", best(run_quantizer, &q, 1), signal_s);
  LacNoiseShaper shaper;
  printf("%-28s %9.2f ms\n", "noise shaper design", best(run_shaper_design, &shaper, 1) * 1e3);
  lac_quantizer_shape(&q, &shaper);
  say_speed("16 bit shaped, stereo", best(run_quantizer, &q, 1), signal_s);
  printf("fast log2 %.2f ns, exp %.2f ns\n", best(run_fast_log, NULL, 1) / FRAMES * 1e9,
         best(run_exp, NULL, 1) / FRAMES * 1e9);
  bench_gain_solver(0.001, 0.0005);
  bench_gain_solver(0.3, 0.005);
  bench_resampler(96000, 44100);
  bench_resampler(44100, 48000);
  bench_resampler(192000, 96000);
  bench_resampler(11025, 384000);
  free(left), free(right), free(power), free(out[0]), free(out[1]), free(words[0]), free(words[1]);
  return 0;
}
