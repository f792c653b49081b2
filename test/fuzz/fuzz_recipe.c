/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fuzz target: recipes. What reads must write, read again the same, and differ from itself in nothing. */

#include <lacquer/chain.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  LacRecipe *recipe = NULL, *again = NULL;
  LacNotes notes = {0};
  LacError error = {0};
  if (lac_recipe_read("fuzz", (const char *)bytes, n_bytes, &recipe, &notes, &error) == LAC_OK) {
    char *text = NULL, *second = NULL, *difference = NULL;
    if (lac_recipe_write(recipe, &text) != LAC_OK ||
        lac_recipe_read("again", text, strlen(text), &again, &notes, &error) != LAC_OK)
      abort();
    if (lac_recipe_write(again, &second) != LAC_OK || strcmp(text, second) != 0)
      abort();
    if (lac_recipe_diff(recipe, again, &difference) != LAC_OK || *difference)
      abort();
    LacChain *chain = NULL;
    LacChainSetup setup = {.rate_hz = 44100, .n_channels = 2, .max_block_frames = 64, .total_frames = 64};
    if (lac_chain_new(recipe, 0, SIZE_MAX, &setup, &chain, &notes, &error) == LAC_OK) {
      float left[64] = {0.5F}, right[64] = {-0.5F};
      lac_chain_process(chain, (float *const[]){left, right}, 64);
    }
    lac_chain_free(chain);
    lac_text_free(text);
    lac_text_free(second);
    lac_text_free(difference);
  } else if (!error.text[0]) {
    abort(); /* a refusal without a message */
  }
  lac_recipe_free(recipe);
  lac_recipe_free(again);
  lac_notes_free(&notes);
  return 0;
}
