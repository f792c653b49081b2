/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* ID3 tags read: v2.2, v2.3 and v2.4 in front of MP3 and FLAC and inside "id3 " chunks of WAV and AIFF; v1 at the
 * end of MP3. Text frames become tags; pictures, chapters and private frames are extras. Source: id3.org informal
 * standards "id3v2-00", "id3v2.3.0", "id3v2.4.0-structure" and "-frames". */

#ifndef LAC_MEDIA_ID3_H
#define LAC_MEDIA_ID3_H

#include "core/file.h"
#include "media/tag_text.h"

/* Bytes of the ID3v2 tag that starts at `offset`, header and footer included; 0 when there is none. */
uint64_t lac_id3_size(LacInput *input, uint64_t offset);
/* The tag at `offset`, at most `n_max` bytes of it; no tag is no error. LAC_ERR_READ, LAC_ERR_MEMORY. */
LacStatus lac_id3_read(LacInput *input, uint64_t offset, uint64_t n_max, LacTagReader *reader);
/* The 128 bytes of ID3v1 at the end, for what v2 did not say. LAC_ERR_READ, LAC_ERR_MEMORY. */
LacStatus lac_id3v1_read(LacInput *input, LacTagReader *reader);

#endif
