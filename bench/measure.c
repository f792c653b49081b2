/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* measure FILE...: integrated loudness (LUFS), true peak by the judge (dBTP) and sample peak (dBFS) of audio files, one
 * line each. What the comparator solves drives and ceilings with; meters_vs_ebur128 checks the loudness beside another
 * library, the judge shares no code with the detectors of the limiters it judges. */

#include <lacquer/analysis.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include <sndfile.h>

#include "dsp/true_peak.h"

enum { BLOCK = 65536 };

typedef struct Audio {
  float *channels[2];
  size_t n_frames;
  int n_channels, rate_hz;
} Audio;

static void audio_free(Audio *audio) {
  free(audio->channels[0]);
  free(audio->channels[1]);
}

static bool audio_read(const char *path, Audio *audio) {
  SF_INFO info = {0};
  SNDFILE *file = sf_open(path, SFM_READ, &info);
  *audio = (Audio){.n_channels = info.channels, .rate_hz = info.samplerate};
  bool is_good = file && info.channels >= 1 && info.channels <= 2 && info.frames > 0;
  const size_t n = is_good ? (size_t)info.frames : 0;
  float *frames = is_good ? malloc(n * (size_t)info.channels * sizeof(float)) : NULL;
  for (int c = 0; is_good && c < info.channels; c++)
    is_good = (audio->channels[c] = malloc(n * sizeof(float))) != NULL;
  is_good = is_good && frames && sf_readf_float(file, frames, info.frames) == info.frames;
  for (size_t i = 0; is_good && i < n; i++)
    for (int c = 0; c < info.channels; c++)
      audio->channels[c][i] = frames[i * (size_t)info.channels + (size_t)c];
  audio->n_frames = n;
  free(frames);
  if (file)
    sf_close(file);
  return is_good;
}

static bool loudness(const Audio *audio, double *integrated_lufs) {
  LacAnalyzer *analyzer = NULL;
  if (lac_analyzer_new(audio->rate_hz, (unsigned)audio->n_channels, LAC_MEASURE_LOUDNESS, &analyzer))
    return false;
  LacStatus status = LAC_OK;
  for (size_t done = 0; done < audio->n_frames && !status; done += BLOCK) {
    const float *at[2] = {audio->channels[0] + done, audio->channels[1] ? audio->channels[1] + done : NULL};
    status =
        lac_analyzer_add(analyzer, at, audio->n_frames - done < BLOCK ? (uint32_t)(audio->n_frames - done) : BLOCK);
  }
  LacAnalysis analysis;
  if (!status)
    status = lac_analyzer_finish(analyzer, &analysis);
  if (!status) {
    *integrated_lufs = analysis.loudness.integrated_lufs;
    lac_analysis_free(&analysis);
  }
  lac_analyzer_free(analyzer);
  return !status;
}

static bool measure(const char *path) {
  Audio audio;
  double integrated_lufs = NAN, true_peak = 0, sample_peak = 0;
  const bool is_good = audio_read(path, &audio) && loudness(&audio, &integrated_lufs);
  for (int c = 0; is_good && c < audio.n_channels; c++) {
    true_peak = fmax(true_peak, lac_true_peak_judge(audio.channels[c], audio.n_frames));
    for (size_t i = 0; i < audio.n_frames; i++)
      sample_peak = fmax(sample_peak, fabs((double)audio.channels[c][i]));
  }
  if (is_good)
    printf("%.4f %.4f %.4f\n", integrated_lufs, 20 * log10(true_peak), 20 * log10(sample_peak));
  else
    fprintf(stderr, "measure: cannot read %s\n", path);
  audio_free(&audio);
  return is_good;
}

int main(int argc, char **argv) {
  bool is_good = argc > 1;
  if (!is_good)
    fprintf(stderr, "usage: measure FILE...\n");
  for (int i = 1; i < argc; i++)
    is_good = measure(argv[i]) && is_good;
  return is_good ? 0 : 1;
}
