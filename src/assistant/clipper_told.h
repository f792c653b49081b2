/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A clipper foresees the limiter that follows it: what the limiter's values are, the clipper is told. */

#ifndef LAC_ASSISTANT_CLIPPER_TOLD_H
#define LAC_ASSISTANT_CLIPPER_TOLD_H

#include <lacquer/chain.h>

/* Drive, ceiling and link of the first clipper as the first limiter has them, where it stands before that one; what
 * somebody else decided is kept. Their decisions move to the end. The words may be NULL: then those of this. */
LAC_NODISCARD LacStatus lac_clipper_tell(LacRecipe *recipe, const char *reason, const char *evidence);
/* Note CLIPPER_MISMATCH per value that differs by more than 0.1, while both work. LAC_ERR_MEMORY. */
LAC_NODISCARD LacStatus lac_clipper_note(const LacRecipe *recipe, LacNotes *notes);

#endif
