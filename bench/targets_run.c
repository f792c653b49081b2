/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Masters songs to loudness targets and judges the written files: one tab-separated row per song and target, which
 * bench/targets.py turns into a table with the bars.
 *
 * usage: targets_run FOLDER LUFS:DBTP:MAX_LIMITING[,...] SONG...
 *   FOLDER is where the masters are written (and removed again). True peak by the judge of dsp/true_peak.h, over what
 *   a player reads back. */

#include <lacquer/master.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dsp/elementary.h"
#include "dsp/true_peak.h"

enum { BLOCK = 4096 };

/* Reads a whole file and judges both channels. NAN when it cannot be read. */
static double judged_dbtp(const char *path) {
  LacSource *source = NULL;
  LacNotes notes = {0};
  double peak = NAN;
  if (lac_source_open(path, NULL, &source, &notes, NULL))
    return NAN;
  size_t n_channels = lac_source_info(source)->n_channels;
  size_t capacity = (size_t)lac_source_info(source)->n_frames + BLOCK;
  float *memory = calloc(capacity * 2, sizeof *memory);
  size_t filled = 0;
  for (uint32_t n_read = BLOCK; memory && n_read > 0 && filled + BLOCK <= capacity; filled += n_read) {
    float *channels[2] = {memory + filled, memory + capacity + filled};
    if (lac_source_read(source, channels, BLOCK, &n_read, &notes, NULL))
      break;
  }
  for (size_t c = 0; memory && c < n_channels; c++) {
    double largest = lac_true_peak_judge(memory + c * capacity, filled);
    peak = isnan(peak) || largest > peak ? largest : peak;
  }
  free(memory);
  lac_source_close(source);
  lac_notes_free(&notes);
  return peak > 0.0 ? lac_db_from_gain(peak) : NAN;
}

/* How far tone was changed: RMS over the bands between 40 Hz and 16 kHz, level apart. */
static double edit_db(const LacMasterResult *result) {
  double difference[LAC_BANDS];
  double mean = 0.0;
  double square = 0.0;
  int count = 0;
  for (int b = 0; b < LAC_BANDS; b++) {
    double hz = result->input.spectrum.bands_hz[b];
    double change = result->output.spectrum.mid_db[b] - result->input.spectrum.mid_db[b];
    if (hz >= 40.0 && hz <= 16000.0 && isfinite(change) && result->input.spectrum.mid_db[b] > -100.0) {
      difference[count++] = change;
      mean += change;
    }
  }
  for (int i = 0; i < count; i++)
    square += (difference[i] - mean / count) * (difference[i] - mean / count);
  return count ? sqrt(square / count) : NAN;
}

static double stage_seconds(const LacMasterResult *result, const char *stage) {
  for (size_t i = 0; i < result->n_stages; i++)
    if (strcmp(result->stages[i].stage, stage) == 0)
      return result->stages[i].seconds;
  return 0.0;
}

static void run(const char *folder, const char *song, double lufs, double dbtp, double max_limiting_db) {
  LacMasterOptions options;
  LacMasterResult result;
  LacError error = {0};
  char path[512];
  snprintf(path, sizeof path, "%s/lacquer-targets-%ld.wav", folder, (long)getpid());
  lac_master_options_init(&options);
  options.input = song;
  options.output = path;
  options.loudness_lufs = lufs;
  options.ceiling_dbtp = dbtp;
  options.max_limiting_db = max_limiting_db;
  options.may_replace = true;
  LacStatus status = lac_master(&options, NULL, &result, &error);
  if (status && status != LAC_ERR_TARGET) {
    printf("%s\t%g\t%g\t%g\tfailed\t%s\n", song, lufs, dbtp, max_limiting_db, error.text);
    return;
  }
  printf("%s\t%g\t%g\t%g\tok\t%.2f\t%.2f\t%.1f\t%.3f\t%.3f\t%.3f\t%u\t%d\t%.2f\t%.2f\t%.3f\t%.2f\t%.2f\t%.2f\t%.2f\t%."
         "2f\t%.3f\n",
         song, lufs, dbtp, max_limiting_db, result.input.loudness.integrated_lufs, result.input.loudness.plr_lu,
         (double)result.input.n_frames / result.input.rate_hz, result.solved.predicted_lufs,
         result.output.loudness.integrated_lufs, judged_dbtp(path), result.solved.n_renders,
         (int)result.solved.is_limited, result.solved.limiting_p95_db, edit_db(&result),
         result.output.loudness.true_peak_dbtp, result.seconds, stage_seconds(&result, "analyse"),
         stage_seconds(&result, "decide"), stage_seconds(&result, "render"), stage_seconds(&result, "verify"),
         result.solved.first_lufs);
  fflush(stdout);
  lac_master_result_free(&result);
  unlink(path);
}

int main(int argc, char **argv) {
  if (argc < 4)
    return fprintf(stderr, "usage: targets_run FOLDER LUFS:DBTP:MAX_LIMITING[,...] SONG...\n"), 2;
  for (int i = 3; i < argc; i++) {
    const char *next = argv[2];
    double lufs;
    double dbtp;
    double limiting;
    int used;
    while (sscanf(next, "%lf:%lf:%lf%n", &lufs, &dbtp, &limiting, &used) == 3) {
      run(argv[1], argv[i], lufs, dbtp, limiting);
      next += used;
      next += *next == ',';
    }
  }
  return 0;
}
