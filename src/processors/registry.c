/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every processor there is, one line each, in default chain order (docs/architecture.md). */

#include <string.h>

#include "processors/processor_class.h"

/* clang-format off */
#define LAC_REGISTRY(ROW)   \
  ROW(lac_dc_filter_class)  \
  ROW(lac_equalizer_class)  \
  ROW(lac_resonance_class)  \
  ROW(lac_dynamic_eq_class) \
  ROW(lac_leveler_class)    \
  ROW(lac_compressor_class) \
  ROW(lac_match_eq_class)   \
  ROW(lac_saturator_class)  \
  ROW(lac_imager_class)     \
  ROW(lac_reverb_class)     \
  ROW(lac_fade_class)       \
  ROW(lac_gain_class)       \
  ROW(lac_clipper_class)    \
  ROW(lac_limiter_class)
/* clang-format on */

#define DECLARE(name) extern const LacProcessorClass name;
LAC_REGISTRY(DECLARE)

#define ADDRESS(name) &name,
static const LacProcessorClass *const registry[] = {LAC_REGISTRY(ADDRESS)};

size_t lac_processor_class_count(void) {
  return sizeof registry / sizeof registry[0];
}

const LacProcessorClass *lac_processor_class_at(size_t index) {
  return index < lac_processor_class_count() ? registry[index] : NULL;
}

const LacProcessorClass *lac_processor_class_find(const char *id) {
  for (size_t i = 0; i < lac_processor_class_count(); i++) {
    if (strcmp(registry[i]->info.id, id) == 0) {
      return registry[i];
    }
  }
  return NULL;
}
