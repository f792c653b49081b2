/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* processor_speed [WORD]: what every processor costs in its real-time form, stereo at 44.1 kHz: CPU time of one core in
 * nanoseconds per frame and as times real time, best of several rounds over music-like noise; with a bar, whether it
 * holds. Then two whole chains and what each processor takes of them. With WORD only the rows whose name contains it
 * (valgrind --tool=callgrind --toggle-collect=lac_processor_process counts their instructions). LACQUER_CPU forces a
 * level of the kernels. */

#include "chain_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BLOCK = 4096, BLOCKS = 110, ROUNDS = 5, MOST = 24, MOST_WORDS = 160 };
static const double RATE_HZ = 44100;

#define EIGHT_BELLS                                                                                                    \
  "equalizer band1_type=bell band1_db=3 band2_type=bell band2_db=-2.5 band3_type=bell band3_db=3 band4_type=bell "     \
  "band4_db=-2.5 band5_type=bell band5_db=3 band6_type=bell band6_db=-2.5 band7_type=bell band7_db=3 "                 \
  "band8_type=bell band8_db=-2.5"
#define REAL_TIME "limiter drive_db=6 ceiling_dbtp=-1"

#define FOUR_BANDS                                                                                                     \
  "compressor bands=4 band1_threshold_db=-30 band1_ratio=2 band2_threshold_db=-30 band2_ratio=2 "                      \
  "band3_threshold_db=-30 band3_ratio=2 band4_threshold_db=-30 band4_ratio=2"
#define SIX_DYNAMIC                                                                                                    \
  "dynamic_eq band1_type=low_shelf band1_threshold_db=-40 band1_range_db=-6 band2_type=bell band2_threshold_db=-40 "   \
  "band2_range_db=-6 band3_type=bell band3_threshold_db=-40 band3_range_db=-6 band4_type=bell band4_threshold_db=-40 " \
  "band4_range_db=-6 band5_type=bell band5_threshold_db=-40 band5_range_db=-6 band6_type=high_shelf "                  \
  "band6_threshold_db=-40 band6_range_db=-6"
#define CURVES "mid_curve=50:3,300:-2,2000:1,10000:4 side_curve=50:3,300:-2,2000:1,10000:4"
#define IMAGE                                                                                                          \
  "imager band1_width_percent=80 band2_width_percent=110 band3_width_percent=120 band4_width_percent=130 "             \
  "mono_below_hz=100"

typedef struct Row {
  const char *name, *chain;
  double least_x; /* 0: no bar */
} Row;

static const Row rows[] = {
    {"equalizer, 1 bell", "equalizer band1_type=bell band1_db=3", 0},
    {"equalizer, 8 bells", EIGHT_BELLS, 1000},
    {"equalizer, 12 bells",
     EIGHT_BELLS " band9_type=bell band9_db=3 band10_type=bell band10_db=-2.5 band11_type=bell "
                 "band11_db=3 band12_type=bell band12_db=-2.5",
     0},
    {"dc_filter, 24 dB per octave", "dc_filter hz=20 slope_db_per_octave=24", 0},
    {"dynamic_eq, 1 band", "dynamic_eq band1_type=bell band1_threshold_db=-40 band1_range_db=-6", 0},
    {"dynamic_eq, 6 bands", SIX_DYNAMIC, 200},
    {"leveler", "leveler curve=0:-3,1:3,2:-3,3:3,4:-3,5:3,6:-3,7:3,8:-3,9:3,10:-3", 0},
    {"compressor, 1 band", "compressor band1_threshold_db=-30 band1_ratio=2", 0},
    {"compressor, 4 bands, shelves", FOUR_BANDS, 200},
    {"compressor, 4 bands, crossover", FOUR_BANDS " band_structure=crossover", 200},
    {"compressor, 4 bands, half linked", FOUR_BANDS " link_percent=50", 200},
    {"match_eq, minimum phase", "match_eq " CURVES " phase=minimum", 0},
    {"match_eq, linear phase", "match_eq " CURVES " phase=linear", 0},
    {"match_eq, mixed phase", "match_eq " CURVES " phase=mixed", 0},
    {"resonance", "resonance depth_db=6", 0},
    {"saturator, tape", "saturator drive_db=6", 0},
    {"saturator, tube", "saturator drive_db=6 character=tube", 0},
    {"saturator, transformer", "saturator drive_db=6 character=transformer", 0},
    {"saturator, soft clip", "saturator drive_db=6 character=soft_clip", 0},
    {"saturator, exciter", "saturator mode=excite excite_db=-26", 0},
    {"imager, mono bass", "imager mono_below_hz=100", 0},
    {"imager, all widths and mono bass", IMAGE, 0},
    {"imager, widen", "imager widen_percent=30", 0},
    {"reverb", "reverb return_db=-25", 0},
    {"gain", "gain db=-3", 0},
    {"clipper", "clipper amount_db=1 drive_db=6 ceiling_dbtp=-1", 0},
    {"limiter, 6 dB over", REAL_TIME, 200},
};

static const Row chains[] = {
    {"classic chain", EIGHT_BELLS " + " FOUR_BANDS " + " REAL_TIME, 300},
    {"every musical processor",
     "dc_filter hz=20 slope_db_per_octave=24 + " EIGHT_BELLS " + resonance depth_db=4 + " SIX_DYNAMIC
     " + leveler curve=0:-3,1:3,2:-3,3:3,4:-3,5:3,6:-3,7:3,8:-3,9:3,10:-3 + " FOUR_BANDS " + match_eq " CURVES
     " + saturator drive_db=4 + " IMAGE " + reverb return_db=-28 + gain db=-1 + " REAL_TIME,
     150},
};

typedef struct Chain {
  LacProcessor *processors[MOST];
  const LacProcessorInfo *infos[MOST];
  double ns[MOST]; /* per frame, of the best round */
  size_t count;
  char words[4096];
} Chain;

static void chain_free(Chain *chain) {
  for (size_t i = 0; i < chain->count; i++)
    lac_processor_free(chain->processors[i]);
}

static bool chain_make(const char *text, Chain *chain) {
  char *words[MOST_WORDS + 1], *rest = NULL, **next = words;
  size_t n = 0;
  *chain = (Chain){.count = 0};
  snprintf(chain->words, sizeof chain->words, "%s", text);
  for (char *word = strtok_r(chain->words, " ", &rest); word && n < MOST_WORDS; word = strtok_r(NULL, " ", &rest))
    words[n++] = word;
  words[n] = NULL;
  const LacProcessorSetup setup = {.rate_hz = RATE_HZ, .n_channels = 2, .max_block_frames = BLOCK};
  while (*next && chain->count < MOST) {
    LacProcessor *p = chain_settings_next(&next, &chain->infos[chain->count]);
    if (!p)
      return false;
    chain->processors[chain->count++] = p;
    if (lac_processor_prepare(p, &setup) != LAC_OK || lac_processor_is_whole(p)) {
      fprintf(stderr, "%s: not in real time\n", text);
      return false;
    }
  }
  return true;
}

static double cpu_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

/* Drums over a pad of noise: loud and soft, wide and narrow, so that everything that looks at the sound works. */
static void make_music(float *left, float *right, size_t n) {
  uint64_t state = 1;
  float last = 0;
  for (size_t i = 0; i < n; i++) {
    double random[2];
    for (int k = 0; k < 2; k++) {
      state = state * 6364136223846793005u + 1442695040888963407u;
      random[k] = (double)(state >> 11) / 9007199254740992.0 - 0.5;
    }
    const size_t beat = i % 22050;
    const float hit = beat < 4000 ? (float)(4000 - beat) / 4000.0f : 0.0f;
    last += 0.05f * ((float)random[0] - last);
    left[i] = 1.2f * last + hit * hit * (float)random[0] * 1.6f;
    right[i] = 1.2f * last + 0.1f * (float)random[1] + hit * hit * (float)random[0] * 1.4f;
  }
}

static void run_round(Chain *chain, const float *const music[2], float *const work[2], double ns[MOST]) {
  memset(ns, 0, MOST * sizeof *ns);
  for (size_t k = 0; k < BLOCKS; k++) {
    for (int c = 0; c < 2; c++)
      memcpy(work[c], music[c] + k * BLOCK, BLOCK * sizeof(float));
    for (size_t i = 0; i < chain->count; i++) {
      const double start = cpu_ns();
      lac_processor_process(chain->processors[i], work, BLOCK);
      ns[i] += cpu_ns() - start;
    }
  }
}

/* Nanoseconds per frame of the whole chain in the best round. */
static double measure(Chain *chain, const float *const music[2], float *const work[2]) {
  double best = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double ns[MOST], sum = 0;
    run_round(chain, music, work, ns);
    for (size_t i = 0; i < chain->count; i++)
      sum += ns[i] /= (double)BLOCK * BLOCKS;
    if (round == 0 || sum < best) {
      best = sum;
      memcpy(chain->ns, ns, sizeof ns);
    }
  }
  return best;
}

static bool show(const Row *row, const float *const music[2], float *const work[2], bool with_shares) {
  Chain chain;
  bool is_met = chain_make(row->chain, &chain);
  if (is_met) {
    const double ns = measure(&chain, music, work), x = 1e9 / RATE_HZ / ns;
    is_met = x >= row->least_x;
    printf("%-34s %8.1f ns %7.0fx", row->name, ns, x);
    printf(row->least_x > 0 ? "  bar %4.0fx %s\n" : "\n", row->least_x, is_met ? "ok" : "MISSED");
    for (size_t i = 0; i < chain.count && with_shares; i++)
      printf("    %-30s %8.1f ns %6.1f %%\n", chain.infos[i]->id, chain.ns[i], 100 * chain.ns[i] / ns);
  }
  chain_free(&chain);
  return is_met;
}

int main(int argc, char **argv) {
  float *music[2], *work[2];
  for (int c = 0; c < 2; c++) {
    music[c] = malloc((size_t)BLOCK * BLOCKS * sizeof(float));
    work[c] = malloc(BLOCK * sizeof(float));
    if (!music[c] || !work[c])
      return 2;
  }
  make_music(music[0], music[1], (size_t)BLOCK * BLOCKS);
  bool is_met = true;
  const float *const read_only[2] = {music[0], music[1]};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    if (argc < 2 || strstr(rows[i].name, argv[1]))
      is_met &= show(&rows[i], read_only, work, false);
  for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++)
    if (argc < 2 || strstr(chains[i].name, argv[1]))
      is_met &= show(&chains[i], read_only, work, true);
  for (int c = 0; c < 2; c++) {
    free(music[c]);
    free(work[c]);
  }
  return is_met ? 0 : 1;
}
