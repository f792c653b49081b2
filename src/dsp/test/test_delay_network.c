/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/test/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/arena.h"
#include "dsp/delay_network.h"
#include "dsp/delay_network_kernels.h"

static double uniform(uint64_t *state) {
  *state = *state * 6364136223846793005u + 1442695040888963407u;
  return (double)(*state >> 11) * 0x1p-53;
}

static void fill(LacNetworkBlock *block, uint64_t seed) {
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    for (unsigned i = 0; i < LAC_NETWORK_RUN; i++) {
      const double u = uniform(&seed);
      block->line[j][i] = u < 0.1 ? 0.0f : (float)((u - 0.5) * (u < 0.2 ? 1e-25 : 1.0));
    }
  }
}

static LacAbsorption random_absorption(uint64_t seed) {
  LacAbsorption a;
  float *values = &a.through[0][0];
  for (unsigned k = 0; k < sizeof a / sizeof(float); k++) {
    values[k] = (float)(uniform(&seed) - 0.5);
  }
  return a;
}

static LacNetworkPlaces places_of(LacNetworkBlock *block) {
  LacNetworkPlaces places = {.memory = block->line[0]};
  for (int32_t j = 0; j < LAC_NETWORK_LINES; j++) {
    places.at[j] = j * LAC_NETWORK_RUN;
  }
  return places;
}

typedef struct Outputs {
  _Alignas(64) float room[2][LAC_NETWORK_RUN], entered[2][LAC_NETWORK_RUN], song[3][LAC_NETWORK_RUN];
} Outputs;

/* What all kernels together make of a block of n frames. */
static void run_all(const LacNetworkKernels *kernels, uint32_t n, uint64_t seed, LacNetworkBlock *block,
                    LacAbsorptionState *state, Outputs *out) {
  LacAbsorption a = random_absorption(seed), b = random_absorption(seed + 1);
  _Alignas(64) float left[LAC_NETWORK_RUN], right[LAC_NETWORK_RUN], gains[2][LAC_NETWORK_LINES];
  for (unsigned i = 0; i < LAC_NETWORK_RUN; i++) {
    left[i] = (float)((uniform(&seed) - 0.5) * (i % 7 == 3 ? 1e38 : 1.0));
    right[i] = (float)(uniform(&seed) - 0.5);
  }
  for (unsigned k = 0; k < 2 * LAC_NETWORK_LINES; k++) {
    gains[k / LAC_NETWORK_LINES][k % LAC_NETWORK_LINES] = (float)uniform(&seed);
  }
  fill(block, seed);
  memset(state, 0, sizeof *state);
  memset(out, 0, sizeof *out);
  const LacNetworkPlaces places = places_of(block);
  const uint32_t first = n < LAC_NETWORK_FRAMES ? LAC_NETWORK_FRAMES - n : 0;
  const bool may_move = n <= LAC_NETWORK_FRAMES;
  LacNetworkRound round = {may_move ? &a : &b, &b, false, false, out->room[0], out->room[1], left, right};
  kernels->feed_back(&round, state, &places, &places, n, first);
  round = (LacNetworkRound){&a, &a, false, true, out->room[0], out->room[1], right, left};
  kernels->feed_back(&round, state, &places, &places, n, first);
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    b.through[LAC_NETWORK_LOW][j] = 1;
    b.feed[LAC_NETWORK_LOW][j] = 0;
  }
  memset(state->z[LAC_NETWORK_LOW], 0, sizeof state->z[LAC_NETWORK_LOW]);
  round = (LacNetworkRound){&b, &b, true, seed % 2 == 0, out->room[0], out->room[1], right, left};
  kernels->feed_back(&round, state, &places, &places, n, first);
  kernels->mix(may_move ? gains[0] : gains[1], gains[1], &places, &places, n, first);
  kernels->mix(gains[0], gains[0], &places, &places, n, first);
  kernels->enter(left, right, out->entered[0], out->entered[1], n);
  for (unsigned c = 0; c < 3; c++) {
    memcpy(out->song[c], left, n * sizeof(float));
  }
  const float *const room[2] = {right, left};
  kernels->add(out->song[0], out->song[1], room, gains[0], gains[1], n, first);
  kernels->add(out->song[2], NULL, room, gains[0], gains[1], n, first);
}

static void test_levels_agree(void **state) {
  (void)state;
  for (LacCpuLevel level = LAC_CPU_BASELINE; level <= lac_cpu_level(); level++) {
    for (uint32_t n = 1; n <= LAC_NETWORK_RUN; n += n < LAC_NETWORK_FRAMES ? 1 : LAC_NETWORK_FRAMES) {
      static LacNetworkBlock expected, got;
      static LacAbsorptionState expected_state, got_state;
      static Outputs expected_out, got_out;
      run_all(&lac_network_kernels_scalar, n, n, &expected, &expected_state, &expected_out);
      run_all(lac_network_kernels_at(level), n, n, &got, &got_state, &got_out);
      for (unsigned k = 0; k < LAC_NETWORK_SECTIONS * LAC_NETWORK_LINES; k++) { /* a zero may have either sign */
        assert_true((&expected_state.z[0][0])[k] == (&got_state.z[0][0])[k]);
      }
      for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
        assert_memory_equal(expected.line[j], got.line[j], n * sizeof(float));
      }
      for (unsigned c = 0; c < 2; c++) {
        assert_memory_equal(expected_out.room[c], got_out.room[c], n * sizeof(float));
        assert_memory_equal(expected_out.entered[c], got_out.entered[c], n * sizeof(float));
      }
      assert_memory_equal(expected_out.song, got_out.song, sizeof got_out.song);
    }
  }
}

static bool leaves_negative(unsigned line) {
  return ((line & line >> 3) ^ (line >> 1 & line >> 2) ^ line >> 1) & 1;
}

/* Mid and side are the sums of all lines with the bent signs they are said to have. */
static void test_signs_of_exits(void **state) {
  (void)state;
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    static LacNetworkBlock block;
    LacAbsorption plain = {.exit_gain = 1};
    LacAbsorptionState rest = {0};
    float mid[LAC_NETWORK_FRAMES], side[LAC_NETWORK_FRAMES];
    const float silence[LAC_NETWORK_FRAMES] = {0};
    for (unsigned k = 0; k < LAC_NETWORK_SECTIONS * LAC_NETWORK_LINES; k++) {
      (&plain.through[0][0])[k] = 1;
    }
    memset(&block, 0, sizeof block);
    block.line[j][0] = 1;
    const LacNetworkPlaces places = places_of(&block);
    const LacNetworkRound round = {&plain, &plain, true, false, mid, side, silence, silence};
    lac_network_kernels_scalar.feed_back(&round, &rest, &places, &places, 1, 0);
    assert_true(mid[0] == (leaves_negative(j) ? -1.0f : 1.0f));
    assert_true(side[0] == (leaves_negative(j) != (j >> 2 & 1) ? -1.0f : 1.0f));
  }
}

/* The mix keeps power (16-fold, as it is not normalised) and is its own inverse. */
static void test_mix_is_orthogonal(void **state) {
  (void)state;
  LacNetworkBlock block, before;
  fill(&block, 3);
  before = block;
  float gains[LAC_NETWORK_LINES];
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    gains[j] = 1;
  }
  const LacNetworkPlaces places = places_of(&block);
  lac_network_kernels_scalar.mix(gains, gains, &places, &places, LAC_NETWORK_FRAMES, 0);
  double power_before = 0, power = 0;
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    for (unsigned i = 0; i < LAC_NETWORK_FRAMES; i++) {
      power_before += (double)before.line[j][i] * (double)before.line[j][i];
      power += (double)block.line[j][i] * (double)block.line[j][i];
    }
  }
  assert_true(fabs(power / power_before - 16.0) < 1e-5);
  lac_network_kernels_scalar.mix(gains, gains, &places, &places, LAC_NETWORK_FRAMES, 0);
  for (unsigned j = 0; j < LAC_NETWORK_LINES; j++) {
    for (unsigned i = 0; i < LAC_NETWORK_FRAMES; i++) {
      assert_true(fabs((double)block.line[j][i] / 16.0 - (double)before.line[j][i]) < 1e-6);
    }
  }
}

static void test_decay_time(void **state) {
  (void)state;
  const LacDecay decay = {.time_s = 1.0, .low = 2.0, .low_hz = 200, .high = 0.5, .high_hz = 4000};
  assert_true(fabs(lac_decay_time(&decay, 1.0) - 2.0) < 0.01);
  assert_true(fabs(lac_decay_time(&decay, 200) - 4.0 / 3.0) < 0.01);
  assert_true(fabs(lac_decay_time(&decay, 4000) - 2.0 / 3.0) < 0.01);
  assert_true(fabs(lac_decay_time(&decay, 1e6) - 0.5) < 0.01);
}

/* Nothing comes out before predelay and shortest lines, and power leaves as promised: half of what enters by each way.
 */
static void test_power(void **state) {
  (void)state;
  static const double rates[] = {8000, 44100, 192000};
  for (unsigned k = 0; k < 3; k++) {
    LacArena *arena = NULL;
    LacDelayNetwork *network = NULL;
    assert_int_equal(lac_arena_new(&arena), LAC_OK);
    assert_int_equal(lac_delay_network_new(arena, rates[k], &network), LAC_OK);
    const LacDecay decay = {.time_s = 0.4, .low = 1.0, .low_hz = 250, .high = 1.0, .high_hz = 2000};
    const LacRoom room = {.size = 1.0, .predelay_ms = 30};
    lac_delay_network_reset(network, &decay, &room);
    double power[2] = {0};
    float frames[2][LAC_NETWORK_FRAMES];
    const uint32_t n = (uint32_t)(0.8 * rates[k]) / LAC_NETWORK_FRAMES;
    for (uint32_t q = 0; q < n; q++) {
      memset(frames, 0, sizeof frames);
      frames[0][0] = q == 0 ? 1.0f : 0.0f;
      lac_delay_network_run(network, frames[0], frames[1], LAC_NETWORK_FRAMES, 0);
      for (unsigned i = 0; i < 2 * LAC_NETWORK_FRAMES; i++) {
        const double x = (double)frames[i % 2][i / 2];
        assert_true(x == 0 || (q + 1) * LAC_NETWORK_FRAMES > 0.05 * rates[k]);
        power[i % 2] += x * x;
      }
    }
    print_message("%.0f Hz: power of mid %.3f, side %.3f of an impulse in one channel\n", rates[k], power[0], power[1]);
    assert_true(fabs(power[0] - 0.25) < 0.08 && fabs(power[1] - 0.25) < 0.08);
    lac_arena_free(arena);
  }
}

/* Runs as long as they may be and quanta give the same bits, wherever a quantum is the first; at 8 kHz, where a loop is
 * shorter than a run, too. */
static void test_runs_are_quanta(void **state) {
  (void)state;
  static const double rates[] = {8000, 44100};
  for (unsigned k = 0; k < 4; k++) {
    LacArena *arena = NULL;
    LacDelayNetwork *networks[2] = {NULL, NULL};
    assert_int_equal(lac_arena_new(&arena), LAC_OK);
    const LacDecay decay = {.time_s = 0.6, .low = 1.0, .low_hz = 250, .high = 0.7, .high_hz = 2000};
    const LacRoom room = {.size = 0.5, .predelay_ms = 3};
    uint64_t random = k;
    for (unsigned n = 0; n < 2; n++) {
      assert_int_equal(lac_delay_network_new(arena, rates[k % 2], &networks[n]), LAC_OK);
      lac_delay_network_reset(networks[n], &decay, &room);
      float silence[2][LAC_NETWORK_FRAMES] = {{0}};
      lac_delay_network_run(networks[n], silence[0], silence[1], k < 2 ? LAC_NETWORK_FRAMES : 0,
                            LAC_NETWORK_RUN - LAC_NETWORK_FRAMES);
    }
    for (unsigned run = 0; run < 400; run++) {
      float frames[2][2][LAC_NETWORK_RUN];
      for (unsigned i = 0; i < LAC_NETWORK_RUN; i++) {
        frames[0][0][i] = frames[1][0][i] = (float)(uniform(&random) - 0.5);
        frames[0][1][i] = frames[1][1][i] = (float)(uniform(&random) - 0.5);
      }
      lac_delay_network_run(networks[0], frames[0][0], frames[0][1], LAC_NETWORK_RUN, 0);
      for (uint32_t at = 0; at < LAC_NETWORK_RUN; at += LAC_NETWORK_FRAMES) {
        lac_delay_network_run(networks[1], frames[1][0] + at, frames[1][1] + at, LAC_NETWORK_FRAMES, at);
      }
      assert_memory_equal(frames[0], frames[1], sizeof frames[0]);
    }
    lac_arena_free(arena);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_levels_agree),
                                     cmocka_unit_test(test_signs_of_exits),
                                     cmocka_unit_test(test_mix_is_orthogonal),
                                     cmocka_unit_test(test_decay_time),
                                     cmocka_unit_test(test_power),
                                     cmocka_unit_test(test_runs_are_quanta)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
