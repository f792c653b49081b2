/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The ids of entries that the assistant keeps for its own moves. Each answers to its id alone: "gain.db=3" is a gain of
 * one's own, whether the assistant's stands in the recipe already or comes later. What there is one of in a chain
 * (limiter, clipper, leveler) has its processor's id and is shared. */

#ifndef LAC_CHAIN_ASSISTANT_ENTRIES_H
#define LAC_CHAIN_ASSISTANT_ENTRIES_H

#define LAC_ENTRY_OFFSET "offset"     /* dc_filter */
#define LAC_ENTRY_STAGING "staging"   /* gain: the level that a preset is made for */
#define LAC_ENTRY_TONE "tone"         /* equalizer */
#define LAC_ENTRY_DYNAMICS "dynamics" /* compressor */
#define LAC_ENTRY_LEVEL "level"       /* gain */

#endif
