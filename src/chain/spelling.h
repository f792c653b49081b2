/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The nearest of some names to what was typed, for "Did you mean ...?". */

#ifndef LAC_CHAIN_SPELLING_H
#define LAC_CHAIN_SPELLING_H

enum { LAC_HINT_SIZE = 120 };

typedef struct LacSpelling {
  const char *typed;
  const char *best; /* NULL: none offered yet */
  unsigned distance;
} LacSpelling;

/* Start with {.typed = ...}, offer every candidate; the strings are borrowed. */
void lac_spelling_offer(LacSpelling *spelling, const char *candidate);
/* " Did you mean X?", or "" when nothing is near: within 2 edits, or a third of the length. */
const char *lac_spelling_hint(const LacSpelling *spelling, char buffer[LAC_HINT_SIZE]);

#endif
