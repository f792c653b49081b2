/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Recipes and chains.
 *
 * A recipe is the ordered list of processors with every value, and for each decided value who set it and why.
 * It is a small JSON document (schema lacquer.recipe/1, docs/recipe.md); unknown fields are kept. A chain is a
 * recipe made ready to run: prepared processors, latency removed at the head and flushed at the tail.
 * Decoded input + recipe + engine revision determine every output sample. */

#ifndef LACQUER_CHAIN_H
#define LACQUER_CHAIN_H

#include <lacquer/core.h>
#include <lacquer/processor.h>

typedef struct LacRecipe LacRecipe;

typedef enum LacSetBy {
  LAC_SET_BY_DEFAULT,
  LAC_SET_BY_PRESET,
  LAC_SET_BY_ASSISTANT,
  LAC_SET_BY_REFERENCE,
  LAC_SET_BY_PERSON
} LacSetBy;
const char *lac_set_by_name(LacSetBy set_by); /* "default", "preset", ... */

/* One value and its reason. Strings belong to the recipe. `value` is the text as in JSON. */
typedef struct LacDecision {
  const char *entry;     /* entry id, "" for target and output */
  const char *processor; /* processor id, or "target" / "output" */
  const char *parameter;
  const char *value;
  LacSetBy set_by;
  const char *reason;   /* a sentence for people */
  const char *evidence; /* the measurement behind it, with units: sentences with their full stops; may be "" */
} LacDecision;

typedef struct LacRecipeEntry {
  const LacProcessorClass *cls;
  const char *id;    /* unique in the recipe */
  unsigned revision; /* of the recipe; compare with the class's */
  bool enabled;
} LacRecipeEntry;

typedef struct LacRecipeTarget {
  double integrated_lufs; /* NAN: none */
  double true_peak_dbtp;  /* NAN: none */
} LacRecipeTarget;

/* TPDF: white noise of the word length; SHAPED: the same with its spectrum bent away from where the ear is keen, for
 * the last 16-bit word that nobody will process or encode again; NONE: plain rounding. */
typedef enum LacDither { LAC_DITHER_TPDF, LAC_DITHER_NONE, LAC_DITHER_SHAPED } LacDither;
/* "tpdf", "none", "shaped". */
const char *lac_dither_name(LacDither dither);
/* False, and nothing changed, for any other name. */
bool lac_dither_find(const char *name, LacDither *dither);

typedef struct LacRecipeOutput {
  uint32_t rate_hz; /* 0: the input's */
  unsigned bits;    /* 0: the input's; 16, 24, 32 (float) */
  LacDither dither; /* of 16 and 24 */
  uint64_t seed;    /* default 1; cut to 53 bits, what JSON holds */
  double keep_tail_s;
} LacRecipeOutput;

typedef struct LacRecipeInput {
  char pcm_sha256[65]; /* "": not bound to a song */
  uint64_t n_frames;
  uint32_t rate_hz;
} LacRecipeInput;

LAC_NODISCARD LacStatus lac_recipe_new(LacRecipe **out);
LAC_NODISCARD LacStatus lac_recipe_copy(const LacRecipe *recipe, LacRecipe **out);
void lac_recipe_free(LacRecipe *recipe);

/* `name` is for messages (the file's path). SYNTAX errors carry line and column, SCHEMA errors the JSON pointer.
 * Notes: RECIPE_REVISION for entries of another revision. */
LAC_NODISCARD LacStatus lac_recipe_read(const char *name, const char *bytes, size_t n_bytes, LacRecipe **out,
                                        LacNotes *notes, LacError *error);
/* The document; only values that were set are written. Caller: lac_text_free. */
LAC_NODISCARD LacStatus lac_recipe_write(const LacRecipe *recipe, char **text);

size_t lac_recipe_entry_count(const LacRecipe *recipe);
LacRecipeEntry lac_recipe_entry(const LacRecipe *recipe, size_t entry);
/* By entry id; if none has it, by processor id when that is unambiguous. SIZE_MAX: none; SIZE_MAX - 1: several. */
size_t lac_recipe_find(const LacRecipe *recipe, const char *id);
/* Insert before `position` (SIZE_MAX: where the registry's default order puts it). id NULL: the processor's id,
 * numbered if taken. Returns its index in *entry. */
LacStatus lac_recipe_add(LacRecipe *recipe, const LacProcessorClass *cls, const char *id, size_t position,
                         size_t *entry);
LacStatus lac_recipe_remove(LacRecipe *recipe, size_t entry);
void lac_recipe_enable(LacRecipe *recipe, size_t entry, bool enabled);

double lac_recipe_value(const LacRecipe *recipe, size_t entry, size_t param);
/* Points of a CURVE or LIST (y unused); the recipe's memory, NULL and 0 when there are none. */
const LacCurvePoint *lac_recipe_points(const LacRecipe *recipe, size_t entry, size_t param, size_t *n_points);
/* False while the value is the default that nobody set. */
bool lac_recipe_is_set(const LacRecipe *recipe, size_t entry, size_t param);
LacSetBy lac_recipe_set_by(const LacRecipe *recipe, size_t entry, size_t param);
/* Checks the range (LAC_ERR_RANGE) and records the decision (replacing an earlier one for the same value).
 * reason and evidence may be NULL: then no decision is recorded beyond set_by. */
LacStatus lac_recipe_set(LacRecipe *recipe, size_t entry, size_t param, double value, LacSetBy set_by,
                         const char *reason, const char *evidence);
LacStatus lac_recipe_set_points(LacRecipe *recipe, size_t entry, size_t param, const LacCurvePoint *points,
                                size_t n_points, LacSetBy set_by, const char *reason, const char *evidence);
/* Takes over every value that `from` sets and `recipe` does not, with one decision for all; entries that are missing
 * are added in the order of `from`, else where the registry's order puts them. Target, output and input stay.
 * LAC_ERR_LIMIT, LAC_ERR_MEMORY: part of it may have been taken over. */
LAC_NODISCARD LacStatus lac_recipe_merge(LacRecipe *recipe, const LacRecipe *from, LacSetBy set_by, const char *reason,
                                         const char *evidence);
/* Set from text as people type it: "[ENTRY.]PROC.PARAM=VALUE" (numbers, choice names, true/false/on/off). Adds the
 * processor when the chain has none. "output.dither=NAME" sets the output's. The message names the choices, the range,
 * or the nearest spelling. */
LacStatus lac_recipe_set_text(LacRecipe *recipe, const char *assignment, LacSetBy set_by, LacError *error);

LacRecipeTarget lac_recipe_target(const LacRecipe *recipe);
LacStatus lac_recipe_set_target(LacRecipe *recipe, LacRecipeTarget target, LacSetBy set_by, const char *reason);
/* One target value with a decision of its own: "integrated_lufs" or "true_peak_dbtp" (else LAC_ERR_USAGE). NAN takes it
 * out. reason and evidence as in lac_recipe_set. */
LacStatus lac_recipe_set_target_value(LacRecipe *recipe, const char *parameter, double value, LacSetBy set_by,
                                      const char *reason, const char *evidence);
LacRecipeOutput lac_recipe_output(const LacRecipe *recipe);
void lac_recipe_set_output(LacRecipe *recipe, LacRecipeOutput output);
/* The output's dither with a decision of its own. */
LacStatus lac_recipe_set_dither(LacRecipe *recipe, LacDither dither, LacSetBy set_by, const char *reason,
                                const char *evidence);
LacRecipeInput lac_recipe_input(const LacRecipe *recipe);
void lac_recipe_set_input(LacRecipe *recipe, const LacRecipeInput *input);
/* True when a song-bound value is set. */
bool lac_recipe_is_song_bound(const LacRecipe *recipe);

size_t lac_recipe_decision_count(const LacRecipe *recipe);
LacDecision lac_recipe_decision(const LacRecipe *recipe, size_t index);
/* Decisions [from, end) are one thought, told to people as one: the same reason and evidence, or the values of one
 * equalizer band. Returns end; *speaker is the one whose words stand for all: the first with evidence. from < count. */
size_t lac_recipe_decision_group(const LacRecipe *recipe, size_t from, size_t *speaker);

enum { LAC_SHOWN_VALUE_SIZE = 32 };
/* The value for people: a curve or a list is told by how many points it has, into `buffer`; others as they are. */
const char *lac_decision_shown(const LacDecision *decision, char buffer[LAC_SHOWN_VALUE_SIZE]);

/* Every value that differs, as "ENTRY.PARAM: A -> B" lines. Caller: lac_text_free; "" when equal. */
LAC_NODISCARD LacStatus lac_recipe_diff(const LacRecipe *a, const LacRecipe *b, char **text);

/* --- Running ------------------------------------------------------------------------------------------------ */

typedef struct LacChain LacChain;

typedef struct LacChainSetup {
  double rate_hz;
  unsigned n_channels;
  uint32_t max_block_frames;
  uint64_t total_frames;   /* of the input; 0 unknown */
  bool with_readouts;      /* needs total_frames */
  uint32_t n_threads;      /* that whole processors may use; 0 or 1: the caller's alone */
  const LacCancel *cancel; /* of whole processors while they observe; NULL: never. Outlives the chain */
} LacChainSetup;

/* Entries [first, end) of the recipe, neutral and disabled ones left out; end SIZE_MAX = all. `notes` receives what
 * steps aside (mono). */
LAC_NODISCARD LacStatus lac_chain_new(const LacRecipe *recipe, size_t first, size_t end, const LacChainSetup *setup,
                                      LacChain **out, LacNotes *notes, LacError *error);
/* Replaces non-finite samples by 0 and counts them, then runs every processor, in place. n <= max_block_frames. */
void lac_chain_process(LacChain *chain, float *const *channels, uint32_t n_frames);
uint64_t lac_chain_nonfinite_count(const LacChain *chain);
uint32_t lac_chain_latency_frames(const LacChain *chain);
uint64_t lac_chain_tail_frames(const LacChain *chain);
size_t lac_chain_length(const LacChain *chain);
/* Index in the recipe, and the processor (for observe and plan), of the k-th running processor. */
size_t lac_chain_recipe_entry(const LacChain *chain, size_t k);
LacProcessor *lac_chain_processor(LacChain *chain, size_t k);
/* Readout tracks of the k-th running processor (n_readouts of its class), NULL without readouts. */
const LacReadoutTrack *lac_chain_readouts(const LacChain *chain, size_t k);
void lac_chain_reset(LacChain *chain);
void lac_chain_free(LacChain *chain);

#endif
