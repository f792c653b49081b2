/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What must be known of an Ogg file before a decoder sees it (RFC 3533): which codec, whole or cut off, and the
 * comments in the second packet of Vorbis, Opus (RFC 7845, 5.2) and FLAC. */

#ifndef LAC_MEDIA_OGG_STREAM_H
#define LAC_MEDIA_OGG_STREAM_H

#include "media/vorbis_comment.h"

/* STREAMINFO when the first packet of an Ogg file is that of FLAC (RFC 9639, 10.1); false for another codec. */
bool lac_ogg_flac_header_read(LacInput *input, LacFlacHeader *header);

/* True when the file begins with a sound page whose packet is that of Opus (RFC 7845, 5.1). A damaged first page
 * must not reach libsndfile: it would take the next stream it finds, and leak. */
bool lac_ogg_is_opus(LacInput *input);

/* The comments of the first stream of an Ogg file; none is no error. LAC_ERR_READ, LAC_ERR_MEMORY. */
LacStatus lac_ogg_comment_read(LacInput *input, LacTagReader *reader);
/* False when the last page is cut off, fails its checksum, or does not end the stream: the file was truncated. */
bool lac_ogg_is_whole(LacInput *input);

#endif
