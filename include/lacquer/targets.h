/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Platforms: the places music is released to, with their rules, sources and dates. Presets: chains for a purpose, to
 * begin from. Data compiled in from data/, overridden by platforms.json and presets/ID.json in LACQUER_DATA and in the
 * user's XDG data folder. */

#ifndef LACQUER_TARGETS_H
#define LACQUER_TARGETS_H

#include <lacquer/chain.h>
#include <lacquer/core.h>

typedef enum LacRuleKind {
  LAC_RULE_INTEGRATED_MAX,
  LAC_RULE_INTEGRATED_MIN,
  LAC_RULE_TRUE_PEAK_MAX,
  LAC_RULE_SHORT_TERM_MAX,
  LAC_RULE_MOMENTARY_MAX,
  LAC_RULE_RATE_ONE_OF,
  LAC_RULE_RATE_MIN,
  LAC_RULE_BITS_MIN,
  LAC_RULE_BITS_ONE_OF,
  LAC_RULE_CHANNELS,
  LAC_RULE_SECONDS_MIN,
  LAC_RULE_SILENCE_EDGE_MAX_S,
  LAC_RULE_NO_CLIPPING,
  LAC_RULE_NO_OVERS,
  LAC_RULE_NO_DC,
  LAC_RULE_POLARITY,
  LAC_RULE_NOT_LOSSY,
  LAC_RULE_HEADROOM,
  LAC_RULE_PLR_MIN,
  LAC_RULE_KINDS
} LacRuleKind;

typedef struct LacRule {
  const char *id; /* "integrated_max", ... */
  LacRuleKind kind;
  double values[8]; /* the limit, or the allowed values */
  size_t n_values;
  const char *text; /* what is required, for people */
  const char *source;
  const char *date;
  const char *confidence; /* "A", "B", "C" */
} LacRule;

typedef struct LacPlatform {
  const char *id;
  const char *title;
  const char *purpose;    /* one sentence */
  double integrated_lufs; /* what a master is made to; NAN: loudness is left alone */
  double true_peak_dbtp;
  uint32_t rate_hz;   /* 0: the input's */
  unsigned bits;      /* 0: the input's, at least 24 */
  LacDither dither;   /* of words of `bits` */
  bool is_check_only; /* "mix" */
  /* playback: what the service will do to a master */
  double reference_lufs; /* NAN: no normalisation */
  bool turns_up;
  double up_limit_dbtp; /* raises at most until this true peak; NAN: not limited */
  const char *source;
  const char *date;
  const char *confidence;
  const LacRule *rules;
  size_t n_rules;
} LacPlatform;

typedef struct LacPlatforms LacPlatforms;

/* Loads built-in data and overrides. Bad override files are an error that names file and pointer. */
LAC_NODISCARD LacStatus lac_platforms_load(LacPlatforms **out, LacError *error);
/* From bytes of a platforms document alone (tests, fuzzing). */
LAC_NODISCARD LacStatus lac_platforms_read(const char *name, const char *bytes, size_t n_bytes, LacPlatforms **out,
                                           LacError *error);
size_t lac_platforms_count(const LacPlatforms *platforms);
const LacPlatform *lac_platforms_at(const LacPlatforms *platforms, size_t index);
/* By id or alias; NULL. */
const LacPlatform *lac_platforms_find(const LacPlatforms *platforms, const char *id);
void lac_platforms_free(LacPlatforms *platforms);

/* --- Presets ------------------------------------------------------------------------------------------------ */

typedef struct LacPreset {
  const char *id;
  const char *title;
  const char *purpose;     /* one sentence for a musician */
  const char *description; /* what it does and where it suits */
  unsigned version;        /* grows when its values change */
  const LacRecipe *recipe; /* its chain, values set by nobody in particular */
} LacPreset;

typedef struct LacPresets LacPresets;

/* Built-in presets and the user's. A bad file of the user's is left out: notes (NULL: not said) PRESET_SKIPPED, with
 * file and pointer. */
LAC_NODISCARD LacStatus lac_presets_load(LacPresets **out, LacNotes *notes, LacError *error);
/* Why the user's file ID.json was left out; LAC_OK when none was. */
LacStatus lac_presets_left_out(const LacPresets *presets, const char *id, LacError *error);
/* One preset, from the bytes of its document alone; `name` is for messages. */
LAC_NODISCARD LacStatus lac_presets_read(const char *name, const char *bytes, size_t n_bytes, LacPresets **out,
                                         LacError *error);
/* The same from a file. */
LAC_NODISCARD LacStatus lac_presets_read_file(const char *path, LacPresets **out, LacError *error);
size_t lac_presets_count(const LacPresets *presets);
const LacPreset *lac_presets_at(const LacPresets *presets, size_t index);
/* By id or alias; NULL. */
const LacPreset *lac_presets_find(const LacPresets *presets, const char *id);
void lac_presets_free(LacPresets *presets);
/* Values that the recipe does not have yet, with the preset's purpose as their reason (lac_recipe_merge). Of several
 * presets the one applied first counts. */
LAC_NODISCARD LacStatus lac_preset_apply(const LacPreset *preset, LacRecipe *recipe);

/* --- Playback ----------------------------------------------------------------------------------------------- */

/* Gain a service applies when it plays a master of this loudness and true peak, in dB (0: plays as delivered). */
double lac_platform_playback_gain_db(const LacPlatform *platform, double integrated_lufs, double true_peak_dbtp);

#endif
