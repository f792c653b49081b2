/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Results as JSON and as one self-contained HTML page (offline, light and dark, phone, print). From result structs
 * only. Texts are the caller's: lac_text_free. */

#ifndef LACQUER_REPORT_H
#define LACQUER_REPORT_H

#include <lacquer/analysis.h>
#include <lacquer/chain.h>
#include <lacquer/core.h>
#include <lacquer/media.h>

/* The result structs of master.h are one floor up; report takes what it shows through these views. */
typedef struct LacReportRule {
  const char *id;
  bool passed;
  double measured;
  double required;
  const char *text;
  const char *source;
} LacReportRule;

typedef struct LacReportPlatform {
  const char *id;
  const char *title;
  double reference_lufs;
  double playback_gain_db;
  double heard_lufs; /* integrated after that gain */
  const char *source;
  const char *date;
} LacReportPlatform;

typedef struct LacReportReadout {
  const char *entry;
  const char *processor;
  const char *readout;
  const char *unit;
  double hop_s;
  const float *minimum;
  const float *mean;
  size_t count;
} LacReportReadout;

typedef struct LacReportSide {
  const char *path;
  const LacMediaInfo *info;
  const LacTags *tags;
  const LacAnalysis *analysis;
  const char *sha256; /* of the file; may be NULL */
} LacReportSide;

/* One file's job. NULL or 0 where something does not exist (analyze has no output, recipe or readouts). */
typedef struct LacReportFile {
  LacReportSide input;
  LacReportSide output;    /* analysis NULL: none */
  const LacRecipe *recipe; /* may be NULL */
  const char *platform_id;
  const char *platform_title;
  LacRecipeTarget target;
  bool targets_met;
  unsigned n_renders;
  const LacNotes *warnings;
  const LacReportPlatform *platforms;
  size_t n_platforms;
  const LacReportReadout *readouts;
  size_t n_readouts;
  const char *const *stage_names;
  const double *stage_seconds;
  size_t n_stages;
  const double *target_band_low_db; /* LAC_BANDS: the tone target's normal range, loudness-normalised; may be NULL */
  const double *target_band_high_db;
  const LacError *error; /* a file that failed: only path and this */
} LacReportFile;

LAC_NODISCARD LacStatus lac_report_analysis_json(const LacReportFile *files, size_t n_files, char **text);
LAC_NODISCARD LacStatus lac_report_master_json(const LacReportFile *files, size_t n_files, char **text);
typedef struct LacReportCheck {
  const char *path;
  const char *platform_id;
  bool passed;
  const LacReportRule *rules;
  size_t n_rules;
  const LacError *error;
} LacReportCheck;
LAC_NODISCARD LacStatus lac_report_check_json(const LacReportCheck *checks, size_t n_checks, char **text);
typedef struct LacReportCompare {
  LacReportFile a;
  LacReportFile b;
  double offset_db;
  bool louder_is_b;
  const double *tone_difference_db;
  const char *exported_a;
  const char *exported_b;
} LacReportCompare;
LAC_NODISCARD LacStatus lac_report_compare_json(const LacReportCompare *compare, char **text);
/* The registry as JSON (list processors). */
LAC_NODISCARD LacStatus lac_report_processors_json(char **text);

/* The page. */
LAC_NODISCARD LacStatus lac_report_html(const LacReportFile *file, char **html);
LAC_NODISCARD LacStatus lac_report_compare_html(const LacReportCompare *compare, char **html);

#endif
