/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* There and back again: what the overlapping frames give when nothing, little or all of them sounds. */

#include <math.h>
#include <string.h>

#include "core/random.h"
#include "core/test/check.h"
#include "dsp/stft.h"

enum { N = 20000 };

typedef struct Count {
  int n_frames;
  bool sounds;
} Count;

static bool pass(void *context) {
  Count *count = context;
  count->n_frames++;
  return count->sounds;
}

static float x[2][N], late[2][N], made[2][N];

static void noise(void) {
  for (int c = 0; c < 2; c++)
    for (uint32_t i = 0; i < N; i++)
      x[c][i] = (float)(lac_random_double(3, (uint64_t)c, i) * 2 - 1);
}

static void run(LacStft *s, uint32_t block) {
  for (uint32_t at = 0, n; at < N; at += n) {
    n = block < N - at ? block : N - at;
    const float *in[2] = {x[0] + at, x[1] + at};
    float *out[2] = {late[0] + at, late[1] + at}, *sum[2] = {made[0] + at, made[1] + at};
    lac_stft_process(s, in, out, sum, n);
  }
}

static LacArena *make(LacStft *s, uint32_t size, unsigned n_channels, LacStftWork *work, void *context) {
  LacArena *arena = NULL;
  assert_int_equal(lac_arena_new(&arena), LAC_OK);
  assert_int_equal(lac_stft_init(s, arena, size, n_channels, work, context), LAC_OK);
  return arena;
}

/* Unchanged spectra give the input back, exactly `size` late, 125 dB under it or better. */
static void test_perfect_reconstruction(void **state) {
  (void)state;
  noise();
  for (uint32_t size = 64; size <= 4096; size *= 4) {
    for (unsigned n_channels = 1; n_channels <= 2; n_channels++) {
      Count count = {0, true};
      LacStft s;
      LacArena *arena = make(&s, size, n_channels, pass, &count);
      run(&s, 777);
      assert_int_equal(count.n_frames, (N - 1) / (size / 2));
      double error = 0, power = 0;
      for (unsigned c = 0; c < n_channels; c++) {
        assert_memory_equal(late[c] + size, x[c], (N - size) * sizeof(float));
        for (uint32_t i = size; i < N; i++) {
          const double d = (double)made[c][i] - (double)x[c][i - size];
          error += d * d;
          power += (double)x[c][i - size] * (double)x[c][i - size];
        }
        for (uint32_t i = 0; i < size; i++)
          assert_true(late[c][i] == 0 && fabsf(made[c][i]) < 1e-6F);
      }
      print_message("%u: %.1f dB\n", size, 10 * log10(error / power));
      assert_true(error < 3.2e-13 * power);
      lac_stft_drop(&s);
      lac_arena_free(arena);
    }
  }
}

/* Frames that do not sound leave -0, to which adding changes no bit, minus zeros included. */
static void test_nothing_is_minus_zero(void **state) {
  (void)state;
  noise();
  x[0][5] = -0.0F;
  Count count = {0, false};
  LacStft s;
  LacArena *arena = make(&s, 256, 2, pass, &count);
  run(&s, 100);
  for (uint32_t i = 0; i < N; i++) {
    const float sum = late[0][i] + made[0][i];
    assert_memory_equal(&sum, &late[0][i], sizeof sum);
  }
  lac_stft_drop(&s);
  lac_arena_free(arena);
}

/* Every third frame sounds, halved: the same bits for every cut and after a reset. */
typedef struct Halving {
  LacStft *stft;
  int n_frames;
} Halving;

static bool halve_some(void *context) {
  Halving *halving = context;
  float gain[129];
  for (uint32_t k = 0; k <= 128; k++)
    gain[k] = 0.5F;
  lac_stft_multiply(halving->stft, gain, 1.0F);
  return halving->n_frames++ % 3 == 0;
}

static void test_cuts(void **state) {
  (void)state;
  static const uint32_t blocks[] = {N, 1, 7, 64, 1000};
  static float first[N];
  noise();
  LacStft s;
  Halving halving = {&s, 0};
  LacArena *arena = make(&s, 256, 1, halve_some, &halving);
  for (size_t b = 0; b < sizeof blocks / sizeof blocks[0]; b++) {
    lac_stft_reset(&s);
    halving.n_frames = 0;
    run(&s, blocks[b]);
    if (b == 0)
      memcpy(first, made[0], sizeof first);
    assert_memory_equal(first, made[0], sizeof first);
  }
  lac_stft_drop(&s);
  lac_arena_free(arena);
}

/* Squares stay finite whatever comes in. */
typedef struct Largest {
  LacStft *stft;
  float power;
} Largest;

static bool square(void *context) {
  Largest *largest = context;
  float power[129];
  lac_stft_power(largest->stft, power);
  for (uint32_t k = 0; k <= 128; k++)
    largest->power = fmaxf(largest->power, power[k]);
  return true;
}

static void test_absurd_input(void **state) {
  (void)state;
  for (uint32_t i = 0; i < N; i++)
    x[0][i] = i % 64 < 32 ? 3.4e38F : -3.4e38F;
  LacStft s;
  Largest largest = {&s, 0};
  LacArena *arena = make(&s, 256, 1, square, &largest);
  run(&s, 500);
  assert_true(isfinite(largest.power) && largest.power > 1e30F);
  for (uint32_t i = 0; i < N; i++)
    assert_true(isfinite(made[0][i]));
  lac_stft_drop(&s);
  lac_arena_free(arena);
}

/* The power is that of both channels' own transforms; gains reach both; a silent channel stays silent and equal
 * channels stay equal, to the last bit. */
typedef struct Look {
  LacStft *stft;
  float power[129], gain[129];
} Look;

static bool look(void *context) {
  Look *look = context;
  lac_stft_power(look->stft, look->power);
  lac_stft_multiply(look->stft, look->gain, 1.0F);
  return true;
}

static void test_channels(void **state) {
  (void)state;
  enum { SIZE = 256 };
  enum { BOTH, SILENT, SAME };
  static _Alignas(64) float frame[SIZE], re[SIZE], im[SIZE], scratch[SIZE];
  LacFft *fft = NULL;
  assert_int_equal(lac_fft_new(SIZE, &fft), LAC_OK);
  for (int kind = BOTH; kind <= SAME; kind++) {
    noise();
    for (uint32_t i = 0; i < N && kind != BOTH; i++)
      x[1][i] = kind == SAME ? x[0][i] : 0;
    LacStft s;
    Look shown = {.stft = &s};
    for (uint32_t k = 0; k <= SIZE / 2; k++)
      shown.gain[k] = k < 30 ? 1.0F : 0.25F;
    LacArena *arena = make(&s, SIZE, 2, look, &shown);
    run(&s, 300);
    const uint32_t last = ((N - 1) / (SIZE / 2)) * (SIZE / 2) - SIZE; /* the frame that was shown last */
    double power[SIZE / 2 + 1] = {0};
    for (int c = 0; c < 2; c++) {
      for (uint32_t i = 0; i < SIZE; i++)
        frame[i] = x[c][last + i] * (float)sin(M_PI * (i + 0.5) / SIZE);
      lac_fft_forward(fft, frame, re, im, scratch);
      for (uint32_t k = 0; k <= SIZE / 2; k++)
        power[k] += (double)re[k] * (double)re[k] + (double)im[k] * (double)im[k];
    }
    for (uint32_t k = 0; k <= SIZE / 2; k++)
      assert_true(fabs((double)shown.power[k] - power[k]) < 1e-5 * power[k] + 1e-5);
    for (uint32_t i = 0; i < N; i++) {
      assert_true(kind != SILENT || made[1][i] == 0);
      assert_true(kind != SAME || made[1][i] == made[0][i]);
    }
    lac_stft_drop(&s);
    lac_arena_free(arena);
  }
  lac_fft_free(fft);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_perfect_reconstruction),
      cmocka_unit_test(test_nothing_is_minus_zero),
      cmocka_unit_test(test_cuts),
      cmocka_unit_test(test_absurd_input),
      cmocka_unit_test(test_channels),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
