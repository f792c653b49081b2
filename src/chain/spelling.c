/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "chain/spelling.h"

#include <stdio.h>
#include <string.h>

enum { MAX_NAME = 64 };

/* Edits between two names, a swap of neighbours counting once (optimal string alignment; Damerau 1964). */
static unsigned distance_between(const char *a, const char *b) {
  const size_t n = strnlen(a, MAX_NAME);
  const size_t m = strnlen(b, MAX_NAME);
  unsigned rows[3][MAX_NAME + 1];
  for (size_t j = 0; j <= m; ++j) {
    rows[0][j] = (unsigned)j;
  }
  for (size_t i = 1; i <= n; ++i) {
    unsigned *now = rows[i % 3];
    const unsigned *last = rows[(i + 2) % 3];
    const unsigned *before = rows[(i + 1) % 3];
    now[0] = (unsigned)i;
    for (size_t j = 1; j <= m; ++j) {
      unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);
      best = last[j] + 1 < best ? last[j] + 1 : best;
      best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < best) {
        best = before[j - 2] + 1;
      }
      now[j] = best;
    }
  }
  return rows[n % 3][m];
}

void lac_spelling_offer(LacSpelling *spelling, const char *candidate) {
  const unsigned distance = distance_between(spelling->typed, candidate);
  if (!spelling->best || distance < spelling->distance) {
    spelling->best = candidate;
    spelling->distance = distance;
  }
}

const char *lac_spelling_hint(const LacSpelling *spelling, char buffer[LAC_HINT_SIZE]) {
  const size_t third = strlen(spelling->typed) / 3;
  buffer[0] = '\0';
  if (spelling->best && spelling->distance <= (third > 2 ? third : 2)) {
    snprintf(buffer, LAC_HINT_SIZE, " Did you mean %s?", spelling->best);
  }
  return buffer;
}
