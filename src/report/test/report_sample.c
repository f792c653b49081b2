/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "report/test/report_sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char recipe_text[] =
    "{\"schema\":\"lacquer.recipe/1\",\"target\":{\"integrated_lufs\":-14,\"true_peak_dbtp\":-1},"
    "\"chain\":[{\"processor\":\"equalizer\",\"id\":\"tone\",\"parameters\":{\"band1_type\":\"bell\",\"band1_hz\":3700,"
    "\"band1_db\":-1.2}},{\"processor\":\"limiter\",\"parameters\":{\"drive_db\":4}}],"
    "\"decisions\":[{\"entry\":\"tone\",\"processor\":\"equalizer\",\"parameter\":\"band1_db\",\"value\":-1.2,"
    "\"set_by\":\"assistant\",\"reason\":\"Too <loud> & \\\"sharp\\\".\",\"evidence\":\"+7.9 dB\"}]}";

static void fill_analysis(ReportSample *sample, LacAnalysis *a, unsigned slot, double lufs) {
  a->measured = LAC_MEASURE_ALL;
  a->rate_hz = 48000;
  a->n_channels = 2;
  a->n_frames = 48000u * 200;
  memset(a->pcm_sha256, 'a', 64);
  a->loudness = (LacLoudness){lufs, lufs + 4, lufs + 2, 5.5, -1.02, -1.05, -1.2, -1.02 - lufs, 6.5, 12.25};
  for (int i = 0; i < LAC_BANDS; i++) {
    a->spectrum.bands_hz[i] = a->stereo.bands_hz[i] = 25 * pow(720, i / 39.0);
    a->spectrum.mid_db[i] = lufs - 10 - 0.5 * i;
    a->spectrum.side_db[i] = a->spectrum.mid_db[i] - 12;
    a->spectrum.mid_db_10[i] = a->spectrum.mid_db_50[i] = a->spectrum.mid_db_90[i] = a->spectrum.mid_db[i];
    a->stereo.width_db[i] = -12;
    a->stereo.correlation[i] = 0.8;
  }
  a->spectrum.tilt_db_per_octave = -4.5;
  a->spectrum.cutoff_hz = a->spectrum.edge_db = NAN;
  a->stereo.balance_db = 0.25;
  a->stereo.mono_loss_lu = 0.5;
  a->stereo.correlation_overall = 0.85;
  for (int i = 0; i < LAC_DYNAMICS_BANDS; i++)
    a->dynamics.bands_hz[i] = a->dynamics.crest_db[i] = a->dynamics.level_db_10[i] = a->dynamics.level_db_50[i] =
        a->dynamics.level_db_90[i] = i + 1;
  for (int i = 0; i < SAMPLE_HOPS; i++) {
    sample->history[slot][0][i] = sample->history[slot][1][i] = (float)(lufs + 2 * sin(i / 50.0));
    sample->history[slot][2][i] = -3;
  }
  a->history = (LacHistory){sample->history[slot][0], sample->history[slot][1], sample->history[slot][2], SAMPLE_HOPS};
  a->overview.count = LAC_OVERVIEW_COLUMNS;
  for (int i = 0; i < LAC_OVERVIEW_COLUMNS; i++) {
    a->overview.minimum[i] = -0.5F;
    a->overview.maximum[i] = 0.6F;
  }
  a->findings = sample->findings;
  a->n_findings = 2;
}

static void fill_around(ReportSample *s) {
  s->info = (LacMediaInfo){"wav", "pcm", 48000, 2, 24, false, false, 48000u * 200};
  s->tag_items[0] = (LacTag){(char *)"TITLE", (char *)"A song"};
  s->tag_items[1] = (LacTag){(char *)"ARTIST", (char *)"Somebody"};
  s->tags = (LacTags){s->tag_items, 2};
  s->note_items[0] = (LacNote){"INPUT_ROUNDED", (char *)"32-bit integers were rounded."};
  s->notes = (LacNotes){s->note_items, 1, 1};
  s->findings[0] = (LacFinding){LAC_FINDING_CLIPPED, 72.4, 0.01, 0, LAC_SEVERITY_WARNING, 0.9, 3, 3, "3 clipped runs."};
  s->findings[1] = (LacFinding){LAC_FINDING_DC, NAN, NAN, -1, LAC_SEVERITY_INFO, 1, 0.001, 1, "A little DC."};
  s->platforms[0] = (LacReportPlatform){"one", "Service one", -14, -2.5, -16.5, "its page", "2026"};
  s->platforms[1] = (LacReportPlatform){"two", "Service two", -16, 0, -14, "", ""};
  for (int i = 0; i < SAMPLE_READOUTS; i++) {
    s->reduction[0][i] = i % 10 == 0 ? -3.25F : 0;
    s->reduction[1][i] = i % 10 == 0 ? -1.5F : 0;
  }
  s->readouts[0] = (LacReportReadout){"limiter", "limiter",       "gain_db",       "dB",
                                      0.01,      s->reduction[0], s->reduction[1], SAMPLE_READOUTS};
  s->stage_names[0] = "render";
  s->stage_seconds[0] = 1.5;
  for (int i = 0; i < LAC_BANDS; i++) {
    s->low_db[i] = -30 - 0.5 * i;
    s->high_db[i] = -20 - 0.5 * i;
    s->difference_db[i] = i == 20 ? 2.5 : 0;
  }
}

ReportSample *sample_new(void) {
  ReportSample *s = calloc(1, sizeof *s);
  if (!s)
    abort();
  fill_analysis(s, &s->before, 0, -18);
  fill_analysis(s, &s->after, 1, -14);
  fill_around(s);
  LacRecipe *recipe = NULL;
  if (lac_recipe_read("recipe", recipe_text, strlen(recipe_text), &recipe, NULL, NULL))
    abort();
  s->recipe = recipe;
  s->file = (LacReportFile){.input = {"mix.wav", &s->info, &s->tags, &s->before, NULL},
                            .output = {"mix.master.wav", &s->info, &s->tags, &s->after, "0123abcd"},
                            .recipe = recipe,
                            .platform_id = "streaming",
                            .platform_title = "Streaming",
                            .target = {-14, -1},
                            .targets_met = true,
                            .n_renders = 1,
                            .warnings = &s->notes,
                            .platforms = s->platforms,
                            .n_platforms = 2,
                            .readouts = s->readouts,
                            .n_readouts = 1,
                            .stage_names = s->stage_names,
                            .stage_seconds = s->stage_seconds,
                            .n_stages = 1,
                            .target_band_low_db = s->low_db,
                            .target_band_high_db = s->high_db};
  s->compare = (LacReportCompare){.a = {.input = s->file.input},
                                  .b = {.input = {"b.wav", &s->info, &s->tags, &s->after, NULL}},
                                  .offset_db = -4,
                                  .louder_is_b = true,
                                  .tone_difference_db = s->difference_db,
                                  .exported_a = "A - mix.wav",
                                  .exported_b = "B - b.wav"};
  return s;
}

static void silence(LacAnalysis *a, unsigned n_channels) {
  double *const groups[] = {(double *)&a->loudness, (double *)&a->spectrum, (double *)&a->stereo,
                            (double *)&a->dynamics};
  const size_t sizes[] = {sizeof a->loudness, sizeof a->spectrum, sizeof a->stereo, sizeof a->dynamics};
  double bands_hz[LAC_BANDS];
  memcpy(bands_hz, a->spectrum.bands_hz, sizeof bands_hz);
  for (size_t g = 0; g < 4; g++)
    for (size_t i = 0; i < sizes[g] / sizeof(double); i++)
      groups[g][i] = NAN;
  memcpy(a->spectrum.bands_hz, bands_hz, sizeof bands_hz);
  memcpy(a->stereo.bands_hz, bands_hz, sizeof bands_hz);
  memset(a->dynamics.bands_hz, 0, sizeof a->dynamics.bands_hz);
  for (size_t i = 0; i < a->history.count; i++)
    a->history.momentary_lufs[i] = a->history.short_term_lufs[i] = a->history.true_peak_dbtp[i] = -INFINITY;
  memset(&a->overview, 0, sizeof a->overview);
  a->is_silent = true;
  a->n_channels = n_channels;
  a->n_findings = 0;
}

void sample_make_silent(ReportSample *s) {
  silence(&s->before, 1);
  silence(&s->after, 1);
  s->info.n_channels = 1;
  s->file.target_band_low_db = s->file.target_band_high_db = NULL;
  s->compare.offset_db = NAN;
  for (int i = 0; i < LAC_BANDS; i++)
    s->difference_db[i] = NAN;
  for (int i = 0; i < 2; i++)
    s->platforms[i].playback_gain_db = s->platforms[i].heard_lufs = NAN;
  memset(s->reduction, 0, sizeof s->reduction);
}

void sample_free(ReportSample *s) {
  if (s)
    lac_recipe_free(s->recipe);
  free(s);
}
