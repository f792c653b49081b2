/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/chain_build.h"

#include "chain/recipe_model.h"
#include "core/memory.h"

#include <math.h>
#include <string.h>

typedef struct ChainLink {
  LacProcessor *processor;
  const LacProcessorInfo *info;
  size_t entry;            /* index in the recipe */
  LacReadoutTrack *tracks; /* n_readouts, or NULL */
} ChainLink;

struct LacChain {
  LacChainSetup setup;
  ChainLink *links;
  size_t n_links;
  uint32_t latency_frames;
  uint64_t tail_frames;
  uint64_t n_nonfinite;
};

/* --- Building ----------------------------------------------------------------------------------------------- */

static LacStatus apply_cell(LacProcessor *p, size_t param, const LacParam *row, const LacRecipeCell *cell) {
  if (row->type == LAC_PARAM_CURVE || row->type == LAC_PARAM_LIST) {
    return lac_processor_set_points(p, param, cell->points, cell->n_points);
  }
  return lac_processor_set(p, param, cell->value, 0);
}

/* The entry's processor with the recipe's values, not prepared. */
static LacStatus new_processor(const LacRecipeItem *item, LacProcessor **out) {
  LacStatus status = lac_processor_new(item->cls, out);
  for (size_t i = 0; i < item->info->n_params && status == LAC_OK; ++i) {
    if (item->cells[i].is_set) {
      status = apply_cell(*out, i, &item->info->params[i], &item->cells[i]);
    }
  }
  if (status != LAC_OK) {
    lac_processor_free(*out);
    *out = NULL;
  }
  return status;
}

static bool are_alike(const LacRecipeItem *a, const LacRecipeItem *b) {
  bool is_alike = a->cls == b->cls && a->enabled == b->enabled && strcmp(a->id, b->id) == 0;
  for (size_t i = 0; is_alike && i < a->info->n_params; ++i) {
    const LacRecipeCell *x = &a->cells[i], *y = &b->cells[i];
    is_alike = x->value == y->value && x->n_points == y->n_points &&
               (x->n_points == 0 || memcmp(x->points, y->points, x->n_points * sizeof *x->points) == 0);
  }
  return is_alike;
}

bool lac_recipe_starts_alike(const LacRecipe *a, const LacRecipe *b, size_t n_entries) {
  bool is_alike = n_entries <= a->n_items && n_entries <= b->n_items;
  for (size_t i = 0; is_alike && i < n_entries; ++i) {
    is_alike = are_alike(&a->items[i], &b->items[i]);
  }
  return is_alike;
}

LacStatus lac_chain_entry_traits(const LacRecipe *recipe, size_t entry, LacEntryTraits *traits) {
  *traits = (LacEntryTraits){0};
  if (entry >= recipe->n_items) {
    return LAC_ERR_USAGE;
  }
  const LacRecipeItem *item = &recipe->items[entry];
  if (!item->enabled) {
    return LAC_OK;
  }
  LacProcessor *processor = NULL;
  const LacStatus status = new_processor(item, &processor);
  if (status != LAC_OK) {
    return status;
  }
  traits->is_active = !lac_processor_is_neutral(processor);
  traits->is_whole = traits->is_active && lac_processor_is_whole(processor);
  traits->is_peak_end = strcmp(item->info->id, "limiter") == 0 || strcmp(item->info->id, "clipper") == 0;
  traits->is_factor = strcmp(item->info->id, "gain") == 0;
  lac_processor_free(processor);
  return LAC_OK;
}

/* One row of 10 ms each over the programme, what came late before it, and the processor's own delay. */
static LacStatus new_tracks(const LacChain *chain, ChainLink *link, uint64_t total_frames) {
  const size_t n = link->info->n_readouts;
  const double hop_frames = rint(chain->setup.rate_hz / 100);
  const double hops = ceil((double)total_frames / hop_frames) + 2;
  if (n == 0 || !chain->setup.with_readouts || total_frames == 0) {
    return LAC_OK;
  }
  link->tracks = lac_calloc(n, sizeof *link->tracks);
  if (!link->tracks) {
    return LAC_ERR_MEMORY;
  }
  for (size_t i = 0; i < n; ++i) {
    LacReadoutTrack *track = &link->tracks[i];
    track->capacity = (size_t)hops;
    track->minimum = lac_calloc(track->capacity, sizeof *track->minimum);
    track->mean = lac_calloc(track->capacity, sizeof *track->mean);
    if (!track->minimum || !track->mean) {
      return LAC_ERR_MEMORY;
    }
  }
  return LAC_OK;
}

/* Mid is the signal of a mono song; there is no left, right or side: a value that asks for one does nothing, and that
 * is said. */
static bool needs_stereo(const LacParam *param, const LacRecipeCell *cell) {
  static const char *const words[] = {"left", "right", "side"};
  for (size_t i = 0; param->type == LAC_PARAM_CHOICE && cell->is_set && i < sizeof words / sizeof words[0]; ++i) {
    if (strcmp(param->choices[(size_t)cell->value], words[i]) == 0) {
      return true;
    }
  }
  return false;
}

static LacStatus note_mono(const LacRecipeItem *item, bool is_resting, LacNotes *notes) {
  LacStatus status = LAC_OK;
  if (notes && is_resting) {
    return lac_notes_add(notes, "MONO_STEPS_ASIDE",
                         "The input is mono, so \"%s\" (%s) does nothing. Export a stereo mix to have it heard.",
                         item->id, item->info->id);
  }
  for (size_t i = 0; notes && i < item->info->n_params && status == LAC_OK; ++i) {
    const LacParam *param = &item->info->params[i];
    if (needs_stereo(param, &item->cells[i])) {
      status = lac_notes_add(notes, "MONO_STEPS_ASIDE",
                             "The input is mono, so %s.%s = %s does nothing. Choose stereo or mid to have it heard.",
                             item->id, param->id, param->choices[(size_t)item->cells[i].value]);
    }
  }
  return status;
}

/* What a person set in an entry that stays at rest: one note, with the first such value. */
static LacStatus note_idle(const LacRecipeItem *item, LacNotes *notes) {
  for (size_t i = 0; notes && i < item->info->n_params; ++i) {
    const LacParam *param = &item->info->params[i];
    const LacRecipeCell *cell = &item->cells[i];
    if (cell->is_set && cell->set_by == LAC_SET_BY_PERSON && (cell->n_points > 0 || cell->value != param->neutral)) {
      return lac_notes_add(notes, "SETTING_IDLE",
                           "%s.%s has no effect: with its other values %s does nothing. See: lacquer "
                           "help %s.",
                           item->id, param->id, item->info->id, item->info->id);
    }
  }
  return LAC_OK;
}

static LacStatus add_link(LacChain *chain, const LacRecipeItem *item, size_t entry, LacNotes *notes, LacError *error) {
  ChainLink *link = &chain->links[chain->n_links];
  LacProcessor *processor = NULL;
  LacStatus status = new_processor(item, &processor);
  if (status == LAC_OK && lac_processor_is_neutral(processor)) {
    lac_processor_free(processor);
    status = note_idle(item, notes);
    return status == LAC_OK ? LAC_OK
                            : lac_error_set(error, status, "MEMORY", "Not enough memory to prepare the chain.");
  }
  *link = (ChainLink){.processor = processor, .info = item->info, .entry = entry};
  chain->n_links++;
  /* The programme reaches this processor late by what the others delayed, and ends as much later. */
  const uint64_t total = chain->setup.total_frames ? chain->setup.total_frames + chain->latency_frames : 0;
  if (status == LAC_OK) {
    status = new_tracks(chain, link, total);
  }
  if (status == LAC_OK) {
    const LacProcessorSetup setup = {.rate_hz = chain->setup.rate_hz,
                                     .n_channels = chain->setup.n_channels,
                                     .max_block_frames = chain->setup.max_block_frames,
                                     .total_frames = total,
                                     .late_frames = chain->latency_frames,
                                     .n_threads = chain->setup.n_threads,
                                     .cancel = chain->setup.cancel,
                                     .readouts = link->tracks};
    status = lac_processor_prepare(processor, &setup);
  }
  if (status == LAC_OK && chain->setup.n_channels == 1) {
    status = note_mono(item, lac_processor_is_neutral(processor), notes);
  }
  if (status != LAC_OK) {
    return lac_error_set(error, status, "CHAIN_ENTRY", "%s (%s) cannot run at %.0f Hz: %s.", item->id, item->info->id,
                         chain->setup.rate_hz, lac_strerror(status));
  }
  chain->latency_frames += lac_processor_latency_frames(processor);
  chain->tail_frames += lac_processor_tail_frames(processor);
  return LAC_OK;
}

LacStatus lac_chain_new(const LacRecipe *recipe, size_t first, size_t end, const LacChainSetup *setup, LacChain **out,
                        LacNotes *notes, LacError *error) {
  *out = NULL;
  end = end < recipe->n_items ? end : recipe->n_items;
  LacChain *chain = lac_calloc(1, sizeof *chain);
  if (chain) {
    chain->setup = *setup;
    chain->links = lac_calloc(end > first ? end - first : 1, sizeof *chain->links);
  }
  if (!chain || !chain->links) {
    lac_chain_free(chain);
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to prepare the chain.");
  }
  LacStatus status = LAC_OK;
  for (size_t i = first; i < end && status == LAC_OK; ++i) {
    if (recipe->items[i].enabled) {
      status = add_link(chain, &recipe->items[i], i, notes, error);
    }
  }
  if (status != LAC_OK) {
    lac_chain_free(chain);
    return status;
  }
  *out = chain;
  return LAC_OK;
}

void lac_chain_free(LacChain *chain) {
  if (!chain) {
    return;
  }
  for (size_t i = 0; i < chain->n_links; ++i) {
    ChainLink *link = &chain->links[i];
    lac_processor_free(link->processor);
    for (size_t k = 0; link->tracks && k < link->info->n_readouts; ++k) {
      lac_free(link->tracks[k].minimum);
      lac_free(link->tracks[k].mean);
    }
    lac_free(link->tracks);
  }
  lac_free(chain->links);
  lac_free(chain);
}

/* --- Running ------------------------------------------------------------------------------------------------ */

enum { CHECK_FRAMES = 64 };

/* A float is NaN or infinite when its exponent bits are all ones (IEEE 754). Whole stretches are tested first, in a
 * form that compilers vectorise; only a bad stretch is walked. */
static uint64_t replace_nonfinite(float *samples, uint32_t n_frames) {
  const uint32_t exponent = 0x7f800000u;
  uint64_t n_replaced = 0;
  for (uint32_t from = 0; from < n_frames; from += CHECK_FRAMES) {
    const uint32_t n = n_frames - from < CHECK_FRAMES ? n_frames - from : CHECK_FRAMES;
    uint32_t bits[CHECK_FRAMES];
    uint32_t is_bad = 0;
    memcpy(bits, samples + from, n * sizeof *bits);
    for (uint32_t i = 0; i < n; ++i) {
      is_bad |= (uint32_t)((bits[i] & exponent) == exponent);
    }
    for (uint32_t i = 0; is_bad && i < n; ++i) {
      if ((bits[i] & exponent) == exponent) {
        samples[from + i] = 0.0f;
        ++n_replaced;
      }
    }
  }
  return n_replaced;
}

void lac_chain_process_part(LacChain *chain, float *const *channels, uint32_t n_frames, size_t from, size_t to) {
  for (unsigned c = 0; c < chain->setup.n_channels && from == 0; ++c) {
    chain->n_nonfinite += replace_nonfinite(channels[c], n_frames);
  }
  for (size_t i = from; i < to; ++i) {
    lac_processor_process(chain->links[i].processor, channels, n_frames);
  }
}

void lac_chain_process(LacChain *chain, float *const *channels, uint32_t n_frames) {
  lac_chain_process_part(chain, channels, n_frames, 0, chain->n_links);
}

void lac_chain_reset(LacChain *chain) {
  for (size_t i = 0; i < chain->n_links; ++i) {
    ChainLink *link = &chain->links[i];
    lac_processor_reset(link->processor);
    for (size_t k = 0; link->tracks && k < link->info->n_readouts; ++k) {
      link->tracks[k].count = 0;
    }
  }
  chain->n_nonfinite = 0;
}

uint64_t lac_chain_nonfinite_count(const LacChain *chain) {
  return chain->n_nonfinite;
}

uint32_t lac_chain_latency_frames(const LacChain *chain) {
  return chain->latency_frames;
}

uint64_t lac_chain_tail_frames(const LacChain *chain) {
  return chain->tail_frames;
}

size_t lac_chain_length(const LacChain *chain) {
  return chain->n_links;
}

size_t lac_chain_recipe_entry(const LacChain *chain, size_t k) {
  return chain->links[k].entry;
}

LacProcessor *lac_chain_processor(LacChain *chain, size_t k) {
  return chain->links[k].processor;
}

const LacReadoutTrack *lac_chain_readouts(const LacChain *chain, size_t k) {
  return chain->links[k].tracks;
}
