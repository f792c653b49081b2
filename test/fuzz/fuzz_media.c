/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fuzz target: audio files of every container, and their tags: open, read to the end, rewind, read the same again. */

#include "media/media_source.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

enum { BLOCK = 512, MOST_BLOCKS = 64 };

/* FNV-1a over what was read: two passes must agree. */
static uint64_t read_all(LacSource *source, LacNotes *notes, uint64_t *n_total) {
  static float left[BLOCK], right[BLOCK];
  float *const channels[] = {left, right};
  uint64_t hash = 14695981039346656037u;
  LacError error = {0};
  uint32_t n = 0;
  for (int k = 0; k < MOST_BLOCKS && lac_source_read(source, channels, BLOCK, &n, notes, &error) == LAC_OK && n > 0;
       k++) {
    if (n > BLOCK)
      abort();
    *n_total += n;
    for (unsigned c = 0; c < lac_source_info(source)->n_channels; c++)
      for (uint32_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &channels[c][i], 4);
        hash = (hash ^ bits) * 1099511628211u;
      }
  }
  return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  LacSource *source = NULL;
  LacNotes notes = {0};
  LacError error = {0};
  if (lac_source_open_bytes(bytes, n_bytes, "fuzz", &source, &notes, &error) == LAC_OK) {
    const LacMediaInfo *info = lac_source_info(source);
    if (info->n_channels < 1 || info->n_channels > 2 || info->rate_hz < 8000 || info->rate_hz > 384000)
      abort();
    const LacTags *tags = lac_source_tags(source);
    for (size_t i = 0; i < tags->count; i++)
      if (!tags->items[i].key || !*tags->items[i].key || !tags->items[i].value)
        abort();
    uint64_t first = 0, second = 0;
    uint64_t hash = read_all(source, &notes, &first);
    if (lac_source_rewind(source, &error) == LAC_OK && !info->is_lossy &&
        (read_all(source, &notes, &second) != hash || first != second))
      abort();
  } else if (!error.text[0]) {
    abort();
  }
  lac_source_close(source);
  lac_notes_free(&notes);
  return 0;
}
