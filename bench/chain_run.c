/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* chain_run IN OUT PROCESSOR [PARAM=VALUE]... [+ PROCESSOR [PARAM=VALUE]...]...: processors one after another over a
 * file (chain_settings.h), so that scripts can judge them beside others.
 *   chain_run in.wav out.wav clipper amount_db=1 drive_db=9 ceiling_dbtp=-1 + limiter drive_db=9 ceiling_dbtp=-1
 * Floats between the processors, latencies removed, 24-bit WAV out: what is not changed comes out bit for bit. Prints
 * the CPU time of the processors as x real time. */

#include "chain_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sndfile.h>

enum { BLOCK = 4096 };

typedef struct Song {
  float *channels[LAC_MAX_CHANNELS];
  size_t n_frames;
  unsigned n_channels;
  double rate_hz;
} Song;

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fail(const char *what, const char *name) {
  fprintf(stderr, "chain_run: %s%s\n", what, name);
  return 1;
}

static bool song_read(const char *path, Song *song) {
  SF_INFO info = {0};
  SNDFILE *file = sf_open(path, SFM_READ, &info);
  if (!file || info.channels < 1 || info.channels > LAC_MAX_CHANNELS || info.frames < 1)
    return false;
  const size_t n = (size_t)info.frames, n_channels = (size_t)info.channels;
  *song = (Song){.n_frames = n, .n_channels = (unsigned)n_channels, .rate_hz = info.samplerate};
  float *frames = malloc(n * n_channels * sizeof *frames);
  bool is_good = frames && sf_readf_float(file, frames, info.frames) == info.frames;
  for (size_t c = 0; is_good && c < n_channels; c++)
    is_good = (song->channels[c] = malloc(n * sizeof(float))) != NULL;
  for (size_t i = 0; is_good && i < n; i++)
    for (size_t c = 0; c < n_channels; c++)
      song->channels[c][i] = frames[i * n_channels + c];
  free(frames);
  sf_close(file);
  return is_good;
}

static bool song_write(const char *path, const Song *song) {
  SF_INFO info = {
      .samplerate = (int)song->rate_hz, .channels = (int)song->n_channels, .format = SF_FORMAT_WAV | SF_FORMAT_PCM_24};
  const size_t n_channels = song->n_channels;
  float *frames = malloc(song->n_frames * n_channels * sizeof *frames);
  SNDFILE *file = frames ? sf_open(path, SFM_WRITE, &info) : NULL;
  if (!file) {
    free(frames);
    return false;
  }
  for (size_t i = 0; i < song->n_frames; i++)
    for (size_t c = 0; c < n_channels; c++)
      frames[i * n_channels + c] = song->channels[c][i];
  sf_command(file, SFC_SET_CLIPPING, NULL, SF_TRUE); /* also makes 1.0 mean 2^23: without it samples move by a bit */
  const sf_count_t n = (sf_count_t)song->n_frames;
  const bool is_written = sf_writef_float(file, frames, n) == n;
  free(frames);
  return !sf_close(file) && is_written;
}

/* x: planar, n frames of sound and `latency` of silence behind them; worked on in place. */
static bool run_frames(LacProcessor *processor, float *const *x, unsigned n_channels, size_t n, size_t latency) {
  const bool is_whole = lac_processor_is_whole(processor);
  LacStatus status = LAC_OK;
  for (size_t at = 0; is_whole && at < n && !status; at += BLOCK) {
    const float *run[LAC_MAX_CHANNELS] = {x[0] + at, n_channels > 1 ? x[1] + at : NULL};
    status = lac_processor_observe(processor, run, (uint32_t)(n - at < BLOCK ? n - at : BLOCK));
  }
  if (is_whole && !status)
    status = lac_processor_plan(processor, NULL);
  const size_t total = n + latency;
  for (size_t at = 0; at < total && !status; at += BLOCK) {
    float *run[LAC_MAX_CHANNELS] = {x[0] + at, n_channels > 1 ? x[1] + at : NULL};
    lac_processor_process(processor, run, (uint32_t)(total - at < BLOCK ? total - at : BLOCK));
  }
  return !status;
}

static bool run_song(LacProcessor *processor, Song *song, double *cpu_s) {
  const LacProcessorSetup setup = {
      .rate_hz = song->rate_hz, .n_channels = song->n_channels, .max_block_frames = BLOCK, .n_threads = 1};
  if (lac_processor_prepare(processor, &setup) != LAC_OK)
    return false;
  const size_t n = song->n_frames, latency = lac_processor_latency_frames(processor);
  float *x[LAC_MAX_CHANNELS] = {0};
  bool is_good = true;
  for (unsigned c = 0; c < song->n_channels; c++) {
    if ((x[c] = calloc(n + latency, sizeof *x[c])))
      memcpy(x[c], song->channels[c], n * sizeof *x[c]);
    is_good = is_good && x[c];
  }
  const double start = cpu_seconds();
  is_good = is_good && run_frames(processor, x, song->n_channels, n, latency);
  *cpu_s += cpu_seconds() - start;
  for (unsigned c = 0; c < song->n_channels; c++) {
    if (is_good)
      memcpy(song->channels[c], x[c] + latency, n * sizeof *x[c]);
    free(x[c]);
  }
  return is_good;
}

int main(int argc, char **argv) {
  Song song = {0};
  double cpu_s = 0;
  if (argc < 4)
    return fail("usage: chain_run IN OUT PROCESSOR [PARAM=VALUE]... [+ PROCESSOR ...]", "");
  if (!song_read(argv[1], &song))
    return fail("cannot read ", argv[1]);
  int code = 0;
  for (char **words = argv + 3; *words && !code;) {
    const LacProcessorInfo *info;
    LacProcessor *processor = chain_settings_next(&words, &info);
    code = processor ? 0 : 1;
    if (processor && !run_song(processor, &song, &cpu_s))
      code = fail("it did not run: ", info->id);
    lac_processor_free(processor);
  }
  if (!code && !song_write(argv[2], &song))
    code = fail("cannot write ", argv[2]);
  if (!code)
    printf("%.1fx\n", (double)song.n_frames / song.rate_hz / (cpu_s > 1e-9 ? cpu_s : 1e-9));
  for (size_t c = 0; c < LAC_MAX_CHANNELS; c++)
    free(song.channels[c]);
  return code;
}
