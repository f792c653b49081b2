/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#ifndef LAC_MEDIA_MEDIA_SOURCE_H
#define LAC_MEDIA_MEDIA_SOURCE_H

#include <lacquer/media.h>

/* lac_source_open for a file in memory that outlives the source: fuzzing and tests. `name` stands in messages. */
LAC_NODISCARD LacStatus lac_source_open_bytes(const void *bytes, size_t n_bytes, const char *name, LacSource **out,
                                              LacNotes *notes, LacError *error);

#endif
