/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* limiter_run IN OUT PROCESSOR.. : runs one processor over a whole file, so that scripts can judge it beside others.
 *   limiter_run in.wav out.wav limiter drive_db=9 ceiling_dbtp=-1
 *   THREADS=2 limiter_run in.wav out.wav limiter drive_db=9 ceiling_dbtp=-1 solver=offline link_percent=50
 * The latency is removed; the output is 24-bit WAV. Prints the time of the processor alone as x real time and the
 * true peak of the output by the judge. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lacquer/processor.h>
#include <math.h>
#include <sndfile.h>

#include "dsp/true_peak.h"

enum { BLOCK = 4096 };

static double cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int fail(const char *what) {
  fprintf(stderr, "limiter_run: %s\n", what);
  return 1;
}

/* A number, or the name of a choice; -1 when it is neither. */
static double value_of(const LacParam *row, const char *text) {
  for (size_t i = 0; row->type == LAC_PARAM_CHOICE && row->choices[i]; i++)
    if (strcmp(row->choices[i], text) == 0)
      return (double)i;
  char *end;
  const double value = strtod(text, &end);
  return *end ? -1 : value;
}

static bool set_parameters(LacProcessor *p, const LacProcessorInfo *info, int argc, char **argv) {
  for (int i = 4; i < argc; i++) {
    char *equals = strchr(argv[i], '=');
    if (!equals)
      return false;
    *equals = 0;
    const size_t param = lac_param_find(info, argv[i]);
    if (param == SIZE_MAX || lac_processor_set(p, param, value_of(&info->params[param], equals + 1), 0) != LAC_OK)
      return false;
  }
  return true;
}

static double judge_db(float *const *channels, unsigned n_channels, size_t n) {
  double peak = 0;
  for (unsigned c = 0; c < n_channels; c++)
    peak = fmax(peak, lac_true_peak_judge(channels[c], n));
  return 20 * log10(peak);
}

/* The passes that a whole processor needs before it can process. */
static bool observe(LacProcessor *p, float *const *x, unsigned n_channels, size_t n) {
  LacStatus status = LAC_OK;
  if (!lac_processor_is_whole(p))
    return true;
  for (size_t at = 0; at < n && status == LAC_OK; at += BLOCK) {
    const float *run[2] = {x[0] + at, n_channels > 1 ? x[1] + at : NULL};
    status = lac_processor_observe(p, run, (uint32_t)(n - at < BLOCK ? n - at : BLOCK));
  }
  return status == LAC_OK && lac_processor_plan(p, NULL) == LAC_OK;
}

int main(int argc, char **argv) {
  if (argc < 4)
    return fail("usage: limiter_run IN OUT PROCESSOR [param=value]...");
  SF_INFO info = {0};
  SNDFILE *file = sf_open(argv[1], SFM_READ, &info);
  const LacProcessorClass *cls = lac_processor_class_find(argv[3]);
  LacProcessor *p = NULL;
  if (!file || info.channels < 1 || info.channels > 2)
    return fail("cannot read the input");
  if (!cls || lac_processor_new(cls, &p) != LAC_OK)
    return fail("no such processor");
  if (!set_parameters(p, lac_processor_class_info(cls), argc, argv))
    return fail("no such parameter or value");
  const unsigned n_channels = (unsigned)info.channels;
  const LacProcessorSetup setup = {.rate_hz = info.samplerate,
                                   .n_channels = n_channels,
                                   .max_block_frames = BLOCK,
                                   .n_threads = getenv("THREADS") ? (uint32_t)atoi(getenv("THREADS")) : 0};
  if (lac_processor_prepare(p, &setup) != LAC_OK)
    return fail("cannot prepare");

  const size_t latency = lac_processor_latency_frames(p), n = (size_t)info.frames, total = n + latency;
  float *frames = calloc(n * n_channels, sizeof *frames), *x[2] = {0};
  for (unsigned c = 0; c < n_channels; c++)
    x[c] = calloc(total, sizeof *x[c]);
  if (!frames || !x[0] || (n_channels > 1 && !x[1]))
    return fail("out of memory");
  if (sf_readf_float(file, frames, info.frames) != info.frames)
    return fail("cannot read the input");
  for (size_t i = 0; i < n; i++)
    for (unsigned c = 0; c < n_channels; c++)
      x[c][i] = frames[i * n_channels + c];

  const double start = cpu_seconds();
  if (!observe(p, x, n_channels, n))
    return fail("cannot plan");
  const double planned = cpu_seconds();
  for (size_t at = 0; at < total; at += BLOCK) {
    float *run[2] = {x[0] + at, n_channels > 1 ? x[1] + at : NULL};
    lac_processor_process(p, run, (uint32_t)(total - at < BLOCK ? total - at : BLOCK));
  }
  const double seconds = cpu_seconds() - start;

  float *out[2] = {x[0] + latency, n_channels > 1 ? x[1] + latency : NULL};
  for (size_t i = 0; i < n; i++)
    for (unsigned c = 0; c < n_channels; c++)
      frames[i * n_channels + c] = out[c][i];
  info.format = SF_FORMAT_WAV | SF_FORMAT_PCM_24;
  SNDFILE *to = sf_open(argv[2], SFM_WRITE, &info);
  if (!to || sf_writef_float(to, frames, (sf_count_t)n) != (sf_count_t)n || sf_close(to))
    return fail("cannot write");
  printf("%.0fx", (double)n / info.samplerate / seconds);
  if (lac_processor_is_whole(p))
    printf(" (%.2f s observed and planned, %.2f s applied)", planned - start, start + seconds - planned);
  if (!getenv("NO_JUDGE"))
    printf(" %.4f dBTP", judge_db(out, n_channels, n));
  printf("\n");
  sf_close(file);
  for (unsigned c = 0; c < n_channels; c++)
    free(x[c]);
  free(frames);
  lac_processor_free(p);
  return 0;
}
