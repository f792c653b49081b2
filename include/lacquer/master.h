/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The whole jobs as functions with one result struct each. Every surface (command line, studio, service) calls these
 * and nothing below them. */

#ifndef LACQUER_MASTER_H
#define LACQUER_MASTER_H

#include <lacquer/analysis.h>
#include <lacquer/assistant.h>
#include <lacquer/chain.h>
#include <lacquer/core.h>
#include <lacquer/media.h>
#include <lacquer/render.h>
#include <lacquer/report.h>
#include <lacquer/targets.h>

/* --- analyze ---------------------------------------------------------------------------------------------- */

typedef struct LacAnalyzeResult {
  char *path;
  LacMediaInfo info;
  LacTags tags;
  LacAnalysis analysis;
  LacNotes notes;
  double seconds;
} LacAnalyzeResult;

LAC_NODISCARD LacStatus lac_analyze(const char *path, const LacJobControl *control, LacAnalyzeResult *result,
                                    LacError *error);
void lac_analyze_result_free(LacAnalyzeResult *result);

/* --- master ----------------------------------------------------------------------------------------------- */

typedef struct LacMasterOptions {
  const char *input;          /* path or "-" */
  const char *output;         /* NULL: NAME.master.wav beside the input; a directory: NAME.master.wav in it */
  const char *platform;       /* NULL: "streaming" */
  const char *recipe_path;    /* NULL: the assistant begins from nothing */
  const char *const *presets; /* ids, or files when they hold a slash or end in .json; the later counts */
  size_t n_presets;
  const char *const *settings; /* --set texts */
  size_t n_settings;
  double strength_percent; /* NAN: 60 */
  double loudness_lufs;    /* NAN: the platform's */
  double ceiling_dbtp;     /* NAN: the platform's */
  double max_limiting_db;  /* NAN: 8 */
  double range_lu;         /* loudness range that the leveler rides to, 1..30; NAN: left alone */
  LacQuality quality;
  unsigned bits;           /* 0: platform, else 24 or the input's if higher; 16, 24, 32 (float) */
  uint32_t rate_hz;        /* 0: platform, else the input's */
  bool may_replace;        /* -f */
  bool is_dry_run;         /* -n: decide and predict, write nothing */
  bool redetect;           /* accept a song-bound recipe on another song */
  const char *save_recipe; /* path or NULL */
  const char *report;      /* path or NULL */
} LacMasterOptions;
void lac_master_options_init(LacMasterOptions *options);

typedef struct LacStageSeconds {
  const char *stage;
  double seconds;
} LacStageSeconds;

enum { LAC_MAX_STAGES = 8 };

typedef struct LacMasterResult {
  char *input_path;
  char *output_path;
  LacMediaInfo input_info;
  LacMediaInfo output_info;
  LacTags tags;
  LacAnalysis input;
  LacAnalysis output; /* of the written file, read back */
  bool has_output;    /* false for a dry run */
  LacRecipe *recipe;  /* final, with decisions */
  LacReadoutResult *readouts;
  size_t n_readouts;
  char platform_id[32];
  char platform_title[64];
  LacRecipeTarget target;
  LacSolveResult solved;
  bool targets_met;
  LacNotes warnings;
  char sha256[65]; /* of the written file */
  LacStageSeconds stages[LAC_MAX_STAGES];
  size_t n_stages;
  double seconds;
} LacMasterResult;

/* LAC_OK: written and targets met. LAC_ERR_TARGET: written, a target not met (result complete, error says which).
 * Anything else: nothing was written; the input is never touched. */
LAC_NODISCARD LacStatus lac_master(const LacMasterOptions *options, const LacJobControl *control,
                                   LacMasterResult *result, LacError *error);
void lac_master_result_free(LacMasterResult *result);

/* --- render ----------------------------------------------------------------------------------------------- */

typedef struct LacRenderOptions {
  const char *recipe_path;
  const char *input;
  const char *output;
  unsigned bits;    /* 0: the recipe's */
  uint32_t rate_hz; /* 0: the recipe's */
  bool may_replace;
  bool redetect;
} LacRenderOptions;

/* Runs a recipe without deciding anything; verifies the written file against the recipe's target
 * (LAC_ERR_TARGET when missed). Fills the same result as master. */
LAC_NODISCARD LacStatus lac_render_recipe(const LacRenderOptions *options, const LacJobControl *control,
                                          LacMasterResult *result, LacError *error);

/* --- check ------------------------------------------------------------------------------------------------ */

typedef struct LacRuleResult {
  char id[48];
  bool passed;
  double measured; /* NAN: does not exist */
  double required; /* NAN: not a number */
  char *text;      /* what was found against what is required, one sentence */
  char *source;
} LacRuleResult;

typedef struct LacCheckResult {
  char platform_id[32];
  char platform_title[64];
  bool passed;
  LacRuleResult *rules;
  size_t n_rules;
  double playback_gain_db; /* what the service will do */
} LacCheckResult;

/* Rules of one platform against an analysed file. */
LAC_NODISCARD LacStatus lac_check(const LacAnalyzeResult *file, const LacPlatform *platform, LacCheckResult *result);
void lac_check_result_free(LacCheckResult *result);

/* --- compare ---------------------------------------------------------------------------------------------- */

typedef struct LacCompareResult {
  LacAnalyzeResult a;
  LacAnalyzeResult b;
  double offset_db; /* gain that matches the louder one to the other, <= 0; NAN: one of them has no loudness */
  bool louder_is_b;
  double tone_difference_db[LAC_BANDS]; /* b - a at equal loudness, all channels (NAN: not there) */
  char *exported_a;                     /* paths, NULL without export */
  char *exported_b;
} LacCompareResult;

/* export_dir may be NULL; otherwise a level-matched pair "A - NAME.wav", "B - NAME.wav" is written there (the louder
 * one turned down, 24 bit, dithered). */
LAC_NODISCARD LacStatus lac_compare(const char *path_a, const char *path_b, const char *export_dir, bool may_replace,
                                    const LacJobControl *control, LacCompareResult *result, LacError *error);
void lac_compare_result_free(LacCompareResult *result);

/* --- results as documents ------------------------------------------------------------------------------------- */

/* One file of a batch: `result` when it worked (or missed a target), `error` when it did not. */
typedef struct LacMasterItem {
  const char *path;
  const LacMasterResult *result; /* NULL: failed */
  LacError error;
} LacMasterItem;

typedef struct LacAnalyzeItem {
  const char *path;
  const LacAnalyzeResult *result; /* NULL: failed */
  LacError error;
} LacAnalyzeItem;

typedef struct LacCheckItem {
  const char *path;
  const LacCheckResult *result; /* NULL: failed */
  LacError error;
} LacCheckItem;

/* The documents of --json (docs/json.md). Caller: lac_text_free. */
LAC_NODISCARD LacStatus lac_master_json(const LacMasterItem *items, size_t n_items, char **text);
LAC_NODISCARD LacStatus lac_analyze_json(const LacAnalyzeItem *items, size_t n_items, char **text);
LAC_NODISCARD LacStatus lac_check_json(const LacCheckItem *items, size_t n_items, char **text);
LAC_NODISCARD LacStatus lac_compare_json(const LacCompareResult *result, char **text);
/* The processors' and platforms' tables as JSON (list --json). */
LAC_NODISCARD LacStatus lac_list_processors_json(char **text);
LAC_NODISCARD LacStatus lac_list_platforms_json(const LacPlatforms *platforms, char **text);
LAC_NODISCARD LacStatus lac_list_presets_json(const LacPresets *presets, char **text);
/* Self-contained pages, written atomically to `path`. */
LAC_NODISCARD LacStatus lac_analyze_write_report(const LacAnalyzeResult *result, const char *path, bool may_replace,
                                                 LacError *error);
LAC_NODISCARD LacStatus lac_compare_write_report(const LacCompareResult *result, const char *path, bool may_replace,
                                                 LacError *error);

/* --- views for report.h ------------------------------------------------------------------------------------- */

/* A result as report.h shows it: borrowed from the result (which must outlive it) and the platform table. */
typedef struct LacReportView LacReportView;
LAC_NODISCARD LacStatus lac_report_view_master(const LacMasterResult *result, LacReportView **out);
LAC_NODISCARD LacStatus lac_report_view_analyze(const LacAnalyzeResult *result, LacReportView **out);
LAC_NODISCARD LacStatus lac_report_view_compare(const LacCompareResult *result, LacReportView **out);
const LacReportFile *lac_report_view_file(const LacReportView *view);
const LacReportCompare *lac_report_view_comparison(const LacReportView *view);
void lac_report_view_free(LacReportView *view);

#endif
