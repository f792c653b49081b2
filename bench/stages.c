/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* stages SONG.wav: the speed of every stage on a real file, in times real time per core (CPU time of one thread), with
 * the memory that the stage's object takes where it is known. One line per stage: NAME<TAB>X<TAB>SECONDS. */

#include <lacquer/analysis.h>
#include <lacquer/media.h>
#include <lacquer/processor.h>

#include "dsp/dither.h"
#include "dsp/resampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 4096, REPEATS = 3 };

typedef struct Song {
  float *channels[2];
  uint64_t n_frames;
  double rate_hz;
} Song;

static double cpu_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double best_seconds;

static void report(const char *name, const Song *song) {
  double length = (double)song->n_frames / song->rate_hz;
  printf("%-34s %8.0fx %9.3f s\n", name, length / best_seconds, best_seconds);
}

static void die(const char *what) {
  fprintf(stderr, "bench: %s failed\n", what);
  exit(1);
}

static void load(const char *path, Song *song) {
  LacSource *source = NULL;
  LacNotes notes = {0};
  LacError error = {0};
  if (lac_source_open(path, &source, &notes, &error) != LAC_OK) {
    fprintf(stderr, "bench: %s\n", error.text);
    exit(1);
  }
  const LacMediaInfo *info = lac_source_info(source);
  song->rate_hz = info->rate_hz;
  for (int c = 0; c < 2; c++)
    song->channels[c] = aligned_alloc(64, ((size_t)info->n_frames * 4 + BLOCK * 4 + 63) / 64 * 64);
  if (info->n_channels != 2 || !song->channels[0] || !song->channels[1])
    die("loading (stereo is needed)");
  best_seconds = 1e9;
  for (int r = 0; r < REPEATS; r++) {
    double start = cpu_seconds();
    uint32_t n = 0;
    uint64_t done = 0;
    while (lac_source_read(source, (float *const[]){song->channels[0] + done, song->channels[1] + done}, BLOCK, &n,
                           &notes, &error) == LAC_OK &&
           n)
      done += n;
    song->n_frames = done;
    double took = cpu_seconds() - start;
    best_seconds = took < best_seconds ? took : best_seconds;
    if (lac_source_rewind(source, &error) != LAC_OK)
      die("rewinding");
  }
  lac_source_close(source);
  lac_notes_free(&notes);
  report("decode", song);
}

static void bench_analysis(const char *name, const Song *song, unsigned measure) {
  best_seconds = 1e9;
  for (int r = 0; r < REPEATS; r++) {
    LacAnalyzer *analyzer = NULL;
    LacAnalysis analysis = {0};
    double start = cpu_seconds();
    if (lac_analyzer_new(song->rate_hz, 2, measure, &analyzer) != LAC_OK)
      die(name);
    for (uint64_t i = 0; i < song->n_frames; i += BLOCK) {
      uint32_t n = song->n_frames - i < BLOCK ? (uint32_t)(song->n_frames - i) : BLOCK;
      if (lac_analyzer_add(analyzer, (const float *const[]){song->channels[0] + i, song->channels[1] + i}, n) != LAC_OK)
        die(name);
    }
    if (lac_analyzer_finish(analyzer, &analysis) != LAC_OK)
      die(name);
    double took = cpu_seconds() - start;
    best_seconds = took < best_seconds ? took : best_seconds;
    lac_analyzer_free(analyzer);
    lac_analysis_free(&analysis);
  }
  report(name, song);
}

typedef struct Setting {
  const char *param;
  double value;
} Setting;

static void bench_processor(const char *name, const Song *song, const char *id, const Setting *settings) {
  const LacProcessorClass *cls = lac_processor_class_find(id);
  LacProcessor *processor = NULL;
  static float left[BLOCK], right[BLOCK];
  if (!cls || lac_processor_new(cls, &processor) != LAC_OK)
    die(name);
  for (; settings->param; settings++)
    if (lac_processor_set(processor, lac_param_find(lac_processor_class_info(cls), settings->param), settings->value,
                          0) != LAC_OK)
      die(settings->param);
  LacProcessorSetup setup = {
      .rate_hz = song->rate_hz, .n_channels = 2, .max_block_frames = BLOCK, .total_frames = song->n_frames};
  best_seconds = 1e9;
  for (int r = 0; r < REPEATS; r++) {
    if (lac_processor_prepare(processor, &setup) != LAC_OK)
      die(name);
    double took = 0;
    for (uint64_t i = 0; i < song->n_frames; i += BLOCK) {
      uint32_t n = song->n_frames - i < BLOCK ? (uint32_t)(song->n_frames - i) : BLOCK;
      memcpy(left, song->channels[0] + i, n * sizeof *left);
      memcpy(right, song->channels[1] + i, n * sizeof *right);
      double start = cpu_seconds();
      lac_processor_process(processor, (float *const[]){left, right}, n);
      took += cpu_seconds() - start;
    }
    best_seconds = took < best_seconds ? took : best_seconds;
  }
  lac_processor_free(processor);
  report(name, song);
}

static void bench_resampler(const char *name, const Song *song, uint32_t out_hz) {
  static float left[4 * BLOCK], right[4 * BLOCK];
  LacResampler *resampler = NULL;
  if (lac_resampler_new((uint32_t)song->rate_hz, out_hz, 2, &resampler) != LAC_OK)
    die(name);
  double start = cpu_seconds();
  for (uint64_t i = 0; i < song->n_frames;) {
    uint32_t n = song->n_frames - i < BLOCK ? (uint32_t)(song->n_frames - i) : BLOCK, taken = 0, given = 0;
    lac_resampler_process(resampler, (const float *const[]){song->channels[0] + i, song->channels[1] + i}, n, &taken,
                          (float *const[]){left, right}, 4 * BLOCK, &given);
    i += taken;
  }
  best_seconds = cpu_seconds() - start;
  lac_resampler_free(resampler);
  report(name, song);
}

static void bench_dither(const Song *song) {
  static int32_t left[BLOCK], right[BLOCK];
  LacQuantizer quantizer;
  lac_quantizer_init(&quantizer, 24, true, 1, song->rate_hz);
  double start = cpu_seconds();
  for (uint64_t i = 0; i + BLOCK <= song->n_frames; i += BLOCK)
    lac_quantizer_run(&quantizer, (const float *const[]){song->channels[0] + i, song->channels[1] + i}, 2,
                      (int32_t *const[]){left, right}, BLOCK, false);
  best_seconds = cpu_seconds() - start;
  report("dither to 24 bits", song);
}

static void bench_sink(const char *name, const Song *song, const char *ending, LacContainer container) {
  char path[256];
  const char *folder = getenv("TMPDIR");
  snprintf(path, sizeof path, "%s/lacquer-bench-%d.%s", folder && *folder ? folder : "/tmp", (int)getpid(), ending);
  LacSinkFormat format = {.container = container,
                          .rate_hz = (uint32_t)song->rate_hz,
                          .n_channels = 2,
                          .bits = 24,
                          .n_frames = song->n_frames};
  LacSink *sink = NULL;
  LacNotes notes = {0};
  static int32_t left[BLOCK], right[BLOCK];
  if (lac_sink_open(path, true, &format, &sink, &notes, NULL) != LAC_OK)
    die(name);
  double took = 0;
  for (uint64_t i = 0; i < song->n_frames; i += BLOCK) {
    uint32_t n = song->n_frames - i < BLOCK ? (uint32_t)(song->n_frames - i) : BLOCK;
    for (uint32_t k = 0; k < n; k++) {
      left[k] = (int32_t)(song->channels[0][i + k] * 8000000.0F);
      right[k] = (int32_t)(song->channels[1][i + k] * 8000000.0F);
    }
    double start = cpu_seconds();
    if (lac_sink_write_integers(sink, (const int32_t *const[]){left, right}, n, NULL) != LAC_OK)
      die(name);
    took += cpu_seconds() - start;
  }
  if (lac_sink_commit(sink, NULL) != LAC_OK)
    die(name);
  unlink(path);
  lac_notes_free(&notes);
  best_seconds = took;
  report(name, song);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: stages SONG.wav\n");
    return 2;
  }
  Song song;
  load(argv[1], &song);
  bench_analysis("loudness + range + true peak", &song, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK);
  bench_analysis("full analysis", &song, LAC_MEASURE_ALL);
  bench_analysis("full analysis + limiting track", &song, LAC_MEASURE_ALL | LAC_MEASURE_LIMITING);
  static const Setting equalizer[] = {
      {"band1_type", 1}, {"band1_hz", 60},   {"band1_db", 1.5},   {"band2_type", 1},  {"band2_hz", 120},
      {"band2_db", -2},  {"band3_type", 1},  {"band3_hz", 300},   {"band3_db", -1},   {"band4_type", 1},
      {"band4_hz", 700}, {"band4_db", 1},    {"band5_type", 1},   {"band5_hz", 1500}, {"band5_db", 1.5},
      {"band6_type", 1}, {"band6_hz", 3500}, {"band6_db", -1.4},  {"band7_type", 1},  {"band7_hz", 8000},
      {"band7_db", 1.2}, {"band8_type", 1},  {"band8_hz", 14000}, {"band8_db", 2.3},  {NULL, 0}};
  bench_processor("equalizer, 8 bells", &song, "equalizer", equalizer);
  bench_processor("limiter, 6 dB drive", &song, "limiter",
                  (const Setting[]){{"drive_db", 6}, {"ceiling_dbtp", -1}, {NULL, 0}});
  bench_processor("limiter, 12 dB drive", &song, "limiter",
                  (const Setting[]){{"drive_db", 12}, {"ceiling_dbtp", -1}, {NULL, 0}});
  bench_resampler("resample to 48 kHz", &song, song.rate_hz == 48000 ? 44100 : 48000);
  bench_resampler("resample to 96 kHz", &song, 96000);
  bench_dither(&song);
  bench_sink("write WAV", &song, "wav", LAC_CONTAINER_WAV);
  bench_sink("write FLAC", &song, "flac", LAC_CONTAINER_FLAC);
  free(song.channels[0]);
  free(song.channels[1]);
  return 0;
}
