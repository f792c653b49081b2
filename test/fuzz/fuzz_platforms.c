/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Fuzz target: platform data. */

#include <lacquer/targets.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n_bytes) {
  LacPlatforms *platforms = NULL;
  LacError error = {0};
  if (lac_platforms_read("fuzz", (const char *)bytes, n_bytes, &platforms, &error) == LAC_OK) {
    for (size_t i = 0; i < lac_platforms_count(platforms); i++) {
      const LacPlatform *platform = lac_platforms_at(platforms, i);
      if (!platform->id || !*platform->id || !lac_platforms_find(platforms, platform->id))
        abort();
      double gain = lac_platform_playback_gain_db(platform, -9, -1);
      if (!(gain > -200 && gain < 200))
        abort();
    }
  } else if (!error.text[0]) {
    abort();
  }
  lac_platforms_free(platforms);
  return 0;
}
