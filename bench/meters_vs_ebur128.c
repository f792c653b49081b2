/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Our meters beside libebur128 and the judge of true peak, on real files:
 *
 *   meters_vs_ebur128 [--judge-seconds S] FILE...
 *
 * prints one line per file (integrated loudness and range of both, their difference; on an excerpt of S seconds around
 * the largest true peak our reading, the judge's, the sample peak) and the worst of all. Exit code 1 when a bar is
 * missed: 0.02 LU, 0.1 LU, 0.05 dB, never under the sample peak. The judge is slow: S is 10 unless told, 0 leaves it
 * out. */

#include <lacquer/analysis.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ebur128.h>
#include <sndfile.h>

#include "dsp/true_peak.h"

typedef struct Audio {
  float *channels[2];
  float *interleaved;
  sf_count_t n_frames;
  int n_channels, rate_hz;
} Audio;

typedef struct Worst {
  double integrated, range, true_peak_over, true_peak_under, below_sample;
  int n_files, n_failed;
} Worst;

static void audio_free(Audio *audio) {
  free(audio->channels[0]);
  free(audio->channels[1]);
  free(audio->interleaved);
}

static bool audio_read(const char *path, Audio *audio) {
  SF_INFO info = {0};
  SNDFILE *file = sf_open(path, SFM_READ, &info);
  *audio = (Audio){.n_channels = info.channels, .rate_hz = info.samplerate};
  if (!file || info.channels < 1 || info.channels > 2 || info.frames < 1) {
    if (file)
      sf_close(file);
    return false;
  }
  const size_t n = (size_t)info.frames;
  audio->interleaved = malloc(n * (size_t)info.channels * sizeof(float));
  for (int c = 0; c < info.channels; c++)
    audio->channels[c] = malloc(n * sizeof(float));
  const bool has_memory = audio->interleaved && audio->channels[info.channels - 1] && audio->channels[0];
  if (has_memory)
    audio->n_frames = sf_readf_float(file, audio->interleaved, info.frames);
  for (sf_count_t i = 0; i < audio->n_frames; i++)
    for (int c = 0; c < info.channels; c++)
      audio->channels[c][i] = audio->interleaved[i * info.channels + c];
  sf_close(file);
  return has_memory && audio->n_frames > 0;
}

static bool measure(const Audio *audio, sf_count_t from, sf_count_t n, LacAnalysis *analysis) {
  LacAnalyzer *analyzer = NULL;
  if (lac_analyzer_new(audio->rate_hz, (unsigned)audio->n_channels, LAC_MEASURE_LOUDNESS | LAC_MEASURE_TRUE_PEAK,
                       &analyzer))
    return false;
  LacStatus status = LAC_OK;
  for (sf_count_t done = 0; done < n && !status;) {
    const uint32_t chunk = n - done < 65536 ? (uint32_t)(n - done) : 65536;
    const float *at[2] = {audio->channels[0] + from + done,
                          audio->channels[1] ? audio->channels[1] + from + done : NULL};
    status = lac_analyzer_add(analyzer, at, chunk);
    done += chunk;
  }
  if (!status)
    status = lac_analyzer_finish(analyzer, analysis);
  lac_analyzer_free(analyzer);
  return !status;
}

static bool reference(const Audio *audio, double *integrated, double *range) {
  ebur128_state *state =
      ebur128_init((unsigned)audio->n_channels, (unsigned long)audio->rate_hz, EBUR128_MODE_I | EBUR128_MODE_LRA);
  if (!state)
    return false;
  const bool is_good = !ebur128_add_frames_float(state, audio->interleaved, (size_t)audio->n_frames) &&
                       !ebur128_loudness_global(state, integrated) && !ebur128_loudness_range(state, range);
  ebur128_destroy(&state);
  return is_good;
}

/* Both -inf or nothing: equal. */
static double difference(double ours, double theirs) {
  if (!isfinite(ours) && !isfinite(theirs))
    return 0;
  return ours - theirs;
}

static void raise(double *worst, double value) {
  *worst = fabs(value) > fabs(*worst) || isnan(value) ? value : *worst;
}

static bool judge_excerpt(const Audio *audio, double centre_s, double seconds, Worst *worst) {
  const sf_count_t length = (sf_count_t)(seconds * audio->rate_hz);
  sf_count_t from = isnan(centre_s) ? 0 : (sf_count_t)(centre_s * audio->rate_hz) - length / 2;
  from = from < 0 ? 0 : from;
  const sf_count_t n = audio->n_frames - from < length ? audio->n_frames - from : length;
  LacAnalysis analysis;
  if (!measure(audio, from, n, &analysis))
    return false;
  double judged = 0;
  for (int c = 0; c < audio->n_channels; c++) {
    const double peak = lac_true_peak_judge(audio->channels[c] + from, (size_t)n);
    judged = peak > judged ? peak : judged;
  }
  const double judged_db = 20 * log10(judged), ours = analysis.loudness.true_peak_dbtp;
  const double over = ours - judged_db, under_sample = ours - analysis.loudness.sample_peak_dbfs;
  lac_analysis_free(&analysis);
  printf("  TP %7.3f judge %7.3f (%+.3f)", ours, judged_db, over);
  if (!(judged > 0))
    return true;
  worst->true_peak_over = over > worst->true_peak_over ? over : worst->true_peak_over;
  worst->true_peak_under = over < worst->true_peak_under ? over : worst->true_peak_under;
  worst->below_sample = under_sample < worst->below_sample ? under_sample : worst->below_sample;
  return fabs(over) <= 0.05 && under_sample >= 0;
}

static bool compare_file(const char *path, double judge_seconds, Worst *worst) {
  Audio audio;
  LacAnalysis analysis;
  double integrated = NAN, range = NAN;
  if (!audio_read(path, &audio) || !measure(&audio, 0, audio.n_frames, &analysis)) {
    audio_free(&audio);
    printf("%s: not read\n", path);
    return true;
  }
  bool is_good = reference(&audio, &integrated, &range);
  const double d_integrated = difference(analysis.loudness.integrated_lufs, integrated);
  /* The library answers 0 where there is no range. */
  const double ours = isnan(analysis.loudness.range_lu) ? 0 : analysis.loudness.range_lu;
  const double d_range = difference(ours, range);
  raise(&worst->integrated, d_integrated);
  raise(&worst->range, d_range);
  worst->n_files++;
  printf("I %8.3f (%+.4f)  LRA %6.2f (%+.3f)", analysis.loudness.integrated_lufs, d_integrated, ours, d_range);
  is_good = is_good && fabs(d_integrated) <= 0.02 && fabs(d_range) <= 0.1;
  if (judge_seconds > 0)
    is_good = judge_excerpt(&audio, analysis.loudness.true_peak_time_s, judge_seconds, worst) && is_good;
  printf("  %s%s\n", path, is_good ? "" : "   MISSED");
  fflush(stdout);
  lac_analysis_free(&analysis);
  audio_free(&audio);
  return is_good;
}

int main(int argc, char **argv) {
  double judge_seconds = 10;
  int first = 1;
  if (argc > 2 && !strcmp(argv[1], "--judge-seconds")) {
    judge_seconds = strtod(argv[2], NULL);
    first = 3;
  }
  if (first >= argc) {
    fprintf(stderr, "usage: %s [--judge-seconds S] FILE...\n", argv[0]);
    return 2;
  }
  Worst worst = {0};
  for (int i = first; i < argc; i++)
    worst.n_failed += !compare_file(argv[i], judge_seconds, &worst);
  printf("%d files, %d missed; worst: integrated %+.4f LU, range %+.3f LU, true peak %+.4f..%+.4f dB of the judge, "
         "%+.4f dB under the sample peak\n",
         worst.n_files, worst.n_failed, worst.integrated, worst.range, worst.true_peak_under, worst.true_peak_over,
         worst.below_sample);
  return worst.n_failed ? 1 : 0;
}
