/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* stages SONG.wav: the speed of every stage on a real file, in times real time of one core (CPU time), with the memory
 * that the stage's objects hold at its end, and the bar it must pass. One line per stage:
 *
 *     NAME  X real time  CPU seconds  BYTES  bar BAR  ok|MISSED
 *
 * Bars: the seconds that a stage may take of a whole master of four minutes in two seconds on two cores, as times real
 * time, or what is promised of a meter or processor by itself. */

#include <lacquer/analysis.h>
#include <lacquer/media.h>
#include <lacquer/processor.h>

#include "stage_clock.h"
#include "core/sha256.h"
#include "dsp/dither.h"
#include "dsp/resampler.h"
#include "dsp/true_peak.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 4096, REPEATS = 3 };

/* Of the four-minute song: a stage of this many seconds runs at 240 / seconds. */
#define BUDGET(seconds) (240.0 / (seconds))
static const double NO_BAR = 0;
static const double METERS_X = 800, ANALYSIS_X = 400, LIMITER_X = 200, CLASSIC_CHAIN_X = 300;

static uint32_t frames_at(const Song *song, uint64_t frame) {
  return song->n_frames - frame < BLOCK ? (uint32_t)(song->n_frames - frame) : BLOCK;
}

/* --- Reading ------------------------------------------------------------------------------------------------ */

static void read_all(LacSource *source, Song *song) {
  LacNotes notes = {0};
  LacError error = {0};
  uint32_t n = 1;
  song->n_frames = 0;
  while (n) {
    float *const to[2] = {song->channels[0] + song->n_frames, song->channels[1] + song->n_frames};
    if (lac_source_read(source, to, BLOCK, &n, &notes, &error) != LAC_OK)
      die("reading");
    song->n_frames += n;
  }
  lac_notes_free(&notes);
}

static double load(const char *path, Song *song) {
  LacSource *source = NULL;
  LacError error = {0};
  if (lac_source_open(path, NULL, &source, NULL, &error) != LAC_OK) {
    fprintf(stderr, "bench: %s\n", error.text);
    exit(1);
  }
  const LacMediaInfo *info = lac_source_info(source);
  song->rate_hz = info->rate_hz;
  for (int c = 0; c < 2; c++)
    song->channels[c] = aligned_alloc(64, ((size_t)info->n_frames * 4 + BLOCK * 4 + 63) / 64 * 64);
  if (info->n_channels != 2 || !song->channels[0] || !song->channels[1])
    die("loading (stereo is needed)");
  lac_source_close(source);
  Stage stage = stage_new("decode", BUDGET(0.05));
  for (int r = 0; r <= REPEATS; r++) { /* the first run also brings the pages in */
    stage_start(&stage);
    if (lac_source_open(path, NULL, &source, NULL, &error) != LAC_OK)
      die("opening");
    read_all(source, song);
    stage_stop(&stage);
    lac_source_close(source);
  }
  return report(&stage, song);
}

/* --- Measuring ---------------------------------------------------------------------------------------------- */

static double bench_analysis(const char *name, const Song *song, unsigned measure, double bar_x) {
  Stage stage = stage_new(name, bar_x);
  for (int r = 0; r < REPEATS; r++) {
    LacAnalyzer *analyzer = NULL;
    LacAnalysis analysis = {0};
    stage_start(&stage);
    if (lac_analyzer_new(song->rate_hz, 2, measure, &analyzer) != LAC_OK)
      die(name);
    for (uint64_t i = 0; i < song->n_frames; i += BLOCK)
      if (lac_analyzer_add(analyzer, (const float *const[]){song->channels[0] + i, song->channels[1] + i},
                           frames_at(song, i)) != LAC_OK)
        die(name);
    if (lac_analyzer_finish(analyzer, &analysis) != LAC_OK)
      die(name);
    stage_stop(&stage);
    lac_analyzer_free(analyzer);
    lac_analysis_free(&analysis);
  }
  return report(&stage, song);
}

/* Every frame of both channels oversampled, nothing passed over: what limiting costs in peaks where all is loud. */
static void bench_true_peak(const Song *song) {
  static float peak[BLOCK];
  Stage stage = stage_new("wide true peak of every frame", BUDGET(0.4));
  for (int r = 0; r < REPEATS; r++) {
    LacArena *arena = NULL;
    stage_start(&stage);
    if (lac_arena_new(&arena) != LAC_OK)
      die(stage.name);
    for (int c = 0; c < 2; c++) {
      LacTruePeak *detector = NULL;
      if (lac_true_peak_new(arena, &detector) != LAC_OK)
        die(stage.name);
      for (uint64_t i = 0; i < song->n_frames; i += BLOCK)
        lac_true_peak_track(detector, song->channels[c] + i, peak, frames_at(song, i), 0.0F);
    }
    stage_stop(&stage);
    lac_arena_free(arena);
  }
  report(&stage, song);
}

static double bench_checksum(const Song *song) {
  Stage stage = stage_new("SHA-256 of a 24-bit file", NO_BAR);
  char text[LAC_SHA256_TEXT_SIZE];
  for (int r = 0; r < REPEATS; r++) {
    LacSha256 sha;
    stage_start(&stage);
    lac_sha256_init(&sha);
    for (uint64_t i = 0; i < song->n_frames; i += BLOCK) /* as many bytes, whatever they are */
      lac_sha256_add(&sha, song->channels[0] + i / 2, (size_t)frames_at(song, i) * 6);
    lac_sha256_text(&sha, text);
    stage_stop(&stage);
  }
  return report(&stage, song);
}

/* --- Processors --------------------------------------------------------------------------------------------- */

typedef struct Setting {
  char param[24];
  double value;
} Setting;

enum { BELLS = 8, COMPRESSOR_BANDS = 4 };
static Setting equalizer[3 * BELLS + 1], compressor[2 * COMPRESSOR_BANDS + 2]; /* each ends with an empty name */

static void set(Setting *setting, const char *format, int band, double value) {
  snprintf(setting->param, sizeof setting->param, format, band);
  setting->value = value;
}

static void fill_settings(void) {
  static const double hz[BELLS] = {60, 120, 300, 700, 1500, 3500, 8000, 14000};
  static const double db[BELLS] = {1.5, -2, -1, 1, 1.5, -1.4, 1.2, 2.3};
  for (int k = 0; k < BELLS; k++) {
    set(&equalizer[3 * k], "band%d_type", k + 1, 1);
    set(&equalizer[3 * k + 1], "band%d_hz", k + 1, hz[k]);
    set(&equalizer[3 * k + 2], "band%d_db", k + 1, db[k]);
  }
  for (int k = 0; k < COMPRESSOR_BANDS; k++) {
    set(&compressor[2 * k], "band%d_ratio", k + 1, 2);
    set(&compressor[2 * k + 1], "band%d_threshold_db", k + 1, -24);
  }
  set(&compressor[2 * COMPRESSOR_BANDS], "bands", 0, COMPRESSOR_BANDS);
}

/* NULL when there is no such processor or it has not all of these parameters. */
static LacProcessor *make_processor(const Song *song, const char *id, const Setting *settings) {
  const LacProcessorClass *cls = lac_processor_class_find(id);
  const LacProcessorSetup setup = {
      .rate_hz = song->rate_hz, .n_channels = 2, .max_block_frames = BLOCK, .total_frames = song->n_frames};
  LacProcessor *processor = NULL;
  if (!cls)
    return NULL;
  if (lac_processor_new(cls, &processor) != LAC_OK)
    die(id);
  for (; settings->param[0]; settings++) {
    const size_t param = lac_param_find(lac_processor_class_info(cls), settings->param);
    if (param == SIZE_MAX) {
      lac_processor_free(processor);
      return NULL;
    }
    if (lac_processor_set(processor, param, settings->value, 0) != LAC_OK)
      die(settings->param);
  }
  if (lac_processor_prepare(processor, &setup) != LAC_OK)
    die(id);
  return processor;
}

/* In blocks, through all of them; returns the CPU seconds without the copying. */
static double run_processors(const Song *song, LacProcessor *const *processors, size_t n_processors) {
  static float left[BLOCK], right[BLOCK];
  double took_s = 0;
  for (uint64_t i = 0; i < song->n_frames; i += BLOCK) {
    const uint32_t n = frames_at(song, i);
    memcpy(left, song->channels[0] + i, n * sizeof *left);
    memcpy(right, song->channels[1] + i, n * sizeof *right);
    const double start_s = cpu_seconds();
    for (size_t k = 0; k < n_processors; k++)
      lac_processor_process(processors[k], (float *const[]){left, right}, n);
    took_s += cpu_seconds() - start_s;
  }
  return took_s;
}

static double bench_processor(const char *name, const Song *song, const char *id, const Setting *settings,
                              double bar_x) {
  Stage stage = stage_new(name, bar_x);
  for (int r = 0; r < REPEATS; r++) {
    stage_start(&stage);
    LacProcessor *processor = make_processor(song, id, settings);
    if (!processor)
      return 0;
    stage.most_bytes = heap_bytes() - stage.start_bytes;
    const double took_s = run_processors(song, &processor, 1);
    stage.best_s = took_s < stage.best_s ? took_s : stage.best_s;
    lac_processor_free(processor);
  }
  return report(&stage, song);
}

/* A processor that sees the whole song first: seeing and planning, then applying. Returns the latter's seconds. */
static double bench_whole(const char *name, const Song *song, const char *id, const Setting *settings, double bar_x) {
  Stage stage = stage_new(name, bar_x);
  stage_start(&stage);
  LacProcessor *processor = make_processor(song, id, settings);
  if (!processor)
    return 0;
  if (!lac_processor_is_whole(processor))
    die(name);
  for (uint64_t i = 0; i < song->n_frames; i += BLOCK)
    if (lac_processor_observe(processor, (const float *const[]){song->channels[0] + i, song->channels[1] + i},
                              frames_at(song, i)) != LAC_OK)
      die(name);
  if (lac_processor_plan(processor, NULL) != LAC_OK)
    die(name);
  stage_stop(&stage);
  report(&stage, song);
  stage = stage_new("  its gain applied", NO_BAR);
  stage.best_s = run_processors(song, &processor, 1);
  report(&stage, song);
  lac_processor_free(processor);
  return stage.best_s;
}

static const Setting limiter_6[] = {{"drive_db", 6}, {"ceiling_dbtp", -1}, {"", 0}};
static const Setting limiter_12[] = {{"drive_db", 12}, {"ceiling_dbtp", -1}, {"", 0}};

/* Eight bands of equaliser, a four-band compressor, the real-time limiter, and the meters behind them. */
static void bench_classic_chain(const Song *song, double meters_s) {
  LacProcessor *processors[3] = {make_processor(song, "compressor", compressor)};
  if (!processors[0])
    return; /* not made yet */
  processors[1] = make_processor(song, "equalizer", equalizer);
  processors[2] = make_processor(song, "limiter", limiter_6);
  if (!processors[1] || !processors[2])
    die("classic chain");
  report_sum("classic chain with meters", song, run_processors(song, processors, 3) + meters_s, CLASSIC_CHAIN_X);
  for (int k = 0; k < 3; k++)
    lac_processor_free(processors[k]);
}

/* --- Rate and word length, writing -------------------------------------------------------------------------- */

static void bench_resampler(const char *name, const Song *song, uint32_t out_hz) {
  static float left[4 * BLOCK], right[4 * BLOCK];
  LacResampler *resampler = NULL;
  Stage stage = stage_new(name, NO_BAR);
  stage_start(&stage);
  if (lac_resampler_new((uint32_t)song->rate_hz, out_hz, 2, &resampler) != LAC_OK)
    die(name);
  for (uint64_t i = 0; i < song->n_frames;) {
    uint32_t taken = 0, given = 0;
    lac_resampler_process(resampler, (const float *const[]){song->channels[0] + i, song->channels[1] + i},
                          frames_at(song, i), &taken, (float *const[]){left, right}, 4 * BLOCK, &given);
    i += taken;
  }
  stage_stop(&stage);
  lac_resampler_free(resampler);
  report(&stage, song);
}

static double bench_dither(const Song *song) {
  static int32_t left[BLOCK], right[BLOCK];
  Stage stage = stage_new("dither to 24 bits", NO_BAR);
  for (int r = 0; r < REPEATS; r++) {
    LacQuantizer quantizer;
    stage_start(&stage);
    lac_quantizer_init(&quantizer, 24, true, 1, song->rate_hz);
    for (uint64_t i = 0; i < song->n_frames; i += BLOCK)
      lac_quantizer_run(&quantizer, (const float *const[]){song->channels[0] + i, song->channels[1] + i}, 2,
                        (int32_t *const[]){left, right}, frames_at(song, i), false);
    stage_stop(&stage);
  }
  return report(&stage, song);
}

static double bench_sink(const char *name, const Song *song, const char *ending, LacContainer container) {
  char path[256];
  const char *folder = getenv("TMPDIR");
  static int32_t left[BLOCK], right[BLOCK];
  snprintf(path, sizeof path, "%s/lacquer-bench-%d.%s", folder && *folder ? folder : "/tmp", (int)getpid(), ending);
  const LacSinkFormat format = {.container = container,
                                .rate_hz = (uint32_t)song->rate_hz,
                                .n_channels = 2,
                                .bits = 24,
                                .n_frames = song->n_frames};
  LacSink *sink = NULL;
  LacNotes notes = {0};
  Stage stage = stage_new(name, NO_BAR);
  stage_start(&stage);
  if (lac_sink_open(path, true, &format, &sink, &notes, NULL) != LAC_OK)
    die(name);
  stage.best_s = 0;
  for (uint64_t i = 0; i < song->n_frames; i += BLOCK) {
    const uint32_t n = frames_at(song, i);
    for (uint32_t k = 0; k < n; k++) {
      left[k] = (int32_t)(song->channels[0][i + k] * 8000000.0F);
      right[k] = (int32_t)(song->channels[1][i + k] * 8000000.0F);
    }
    const double start_s = cpu_seconds();
    if (lac_sink_write_integers(sink, (const int32_t *const[]){left, right}, n, NULL) != LAC_OK)
      die(name);
    stage.best_s += cpu_seconds() - start_s;
  }
  stage.most_bytes = heap_bytes() - stage.start_bytes;
  if (lac_sink_commit(sink, NULL) != LAC_OK)
    die(name);
  unlink(path);
  lac_notes_free(&notes);
  return report(&stage, song);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: stages SONG.wav\n");
    return 2;
  }
  Song song;
  fill_settings();
  const double decode_s = load(argv[1], &song);
  const double meters_s =
      bench_analysis("loudness + range + true peak", &song, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK, METERS_X);
  const double full_s = bench_analysis("full analysis", &song, LAC_MEASURE_ALL, ANALYSIS_X);
  bench_analysis("full analysis + limiting track", &song, LAC_MEASURE_ALL | LAC_MEASURE_LIMITING, BUDGET(0.6));
  bench_true_peak(&song);
  bench_processor("equalizer, 8 bells", &song, "equalizer", equalizer, BUDGET(0.15));
  bench_processor("real-time limiter, 6 dB drive", &song, "limiter", limiter_6, LIMITER_X);
  bench_processor("real-time limiter, 12 dB drive", &song, "limiter", limiter_12, LIMITER_X);
  const double applied_s =
      bench_whole("offline limiter, 6 dB drive", &song, "limiter",
                  (const Setting[]){{"solver", 1}, {"drive_db", 6}, {"ceiling_dbtp", -1}, {"", 0}}, BUDGET(1.0));
  bench_whole("offline limiter, 12 dB drive", &song, "limiter",
              (const Setting[]){{"solver", 1}, {"drive_db", 12}, {"ceiling_dbtp", -1}, {"", 0}}, NO_BAR);
  bench_classic_chain(&song, meters_s);
  bench_resampler("resample to 48 kHz", &song, song.rate_hz == 48000 ? 44100 : 48000);
  bench_resampler("resample to 96 kHz", &song, 96000);
  const double dither_s = bench_dither(&song);
  const double write_s = bench_sink("write WAV", &song, "wav", LAC_CONTAINER_WAV);
  bench_sink("write FLAC", &song, "flac", LAC_CONTAINER_FLAC);
  const double checksum_s = bench_checksum(&song);
  report_sum("apply + dither + write", &song, applied_s + dither_s + write_s, BUDGET(0.3));
  report_sum("verify: decode + analysis + checksum", &song, decode_s + full_s + checksum_s, BUDGET(0.6));
  printf("%u of %u bars passed\n", n_passed, n_bars);
  free(song.channels[0]);
  free(song.channels[1]);
  return 0;
}
