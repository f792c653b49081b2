/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What all data has in common, platforms and presets: where the user's own files stand, and what ids and texts look
 * like. */

#ifndef LAC_TARGETS_USER_DATA_H
#define LAC_TARGETS_USER_DATA_H

#include <lacquer/core.h>

enum { LAC_DATA_ID_SIZE = 32 }; /* with its NUL */

/* Lower-case words and numbers joined by single dashes, at most 31 characters. */
bool lac_data_id_is_valid(const char *text);
/* Text for people: not empty, not endless, no control characters (reports and terminals print it). */
bool lac_data_text_is_valid(const char *text, size_t n_bytes, size_t max_bytes);

/* Calls `visit` with the path of `name` in each folder of the user, the one that counts more last: lacquer/ in
 * XDG_DATA_HOME (else ~/.local/share), then LACQUER_DATA, since the environment of one run outranks a standing choice.
 * Nothing has to be there. Ends with the first status that is not LAC_OK. LAC_ERR_MEMORY. */
LacStatus lac_user_data_visit(const char *name, LacStatus (*visit)(const char *path, void *user), void *user);

#endif
