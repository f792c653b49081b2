/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* What the three output formats need around and for their samples. WAV and AIFF are written by ourselves: the
 * bytes before and after the samples follow from the format and the tags alone, so nothing is patched afterwards
 * and a pipe gets the same file. FLAC goes through libFLAC. */

#ifndef LAC_MEDIA_ENCODER_H
#define LAC_MEDIA_ENCODER_H

#include "core/file.h"
#include "core/text_buffer.h"

#include <lacquer/media.h>

/* Bytes before and after n_frames of plain samples; a size that does not fit the container is UNSUPPORTED.
 * LAC_ERR_MEMORY. Both texts start empty; the caller clears them in every case. */
LAC_NODISCARD LacStatus lac_wave_frame(const LacSinkFormat *format, LacText *head, LacText *tail);
LAC_NODISCARD LacStatus lac_aiff_frame(const LacSinkFormat *format, LacText *head, LacText *tail);

/* Bytes of all samples; false when that overflows. */
bool lac_sample_bytes(const LacSinkFormat *format, uint64_t *n_bytes);

/* One tagged chunk with its padding, appended to `text`. The size is in the given byte order. */
void lac_chunk_append(LacText *text, const char id[4], const void *body, size_t n_bytes, bool is_big_endian);

typedef struct LacFlacWriter LacFlacWriter;
/* Writes the metadata. `output` is borrowed. MEMORY, WRITE, NO_SPACE; UNSUPPORTED when FLAC cannot hold the format. */
LAC_NODISCARD LacStatus lac_flac_writer_new(LacOutput *output, const LacSinkFormat *format, LacFlacWriter **out);
LacStatus lac_flac_writer_write(LacFlacWriter *writer, const int32_t *const *channels, uint32_t n_frames);
/* The last frame, and STREAMINFO with its MD5 where the output can seek. */
LacStatus lac_flac_writer_finish(LacFlacWriter *writer);
void lac_flac_writer_free(LacFlacWriter *writer);

#endif
