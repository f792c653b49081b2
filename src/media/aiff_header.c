/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/pcm_header.h"

#include "core/memory.h"
#include "media/byte_order.h"
#include "media/id3.h"

#include <stdio.h>
#include <string.h>

enum { MAX_CHUNKS = 4096, MAX_TEXT_CHUNK = 1 << 20 };

typedef struct Aiff {
  bool is_compressed_form; /* AIFC */
  bool has_common, has_sound;
  uint8_t common[22];
  size_t n_common;
  uint64_t sound_offset, sound_size;
} Aiff;

/* IEEE 754 80-bit extended, as SANE wrote it: rates are whole numbers below 2^32, others give 0. */
static uint32_t rate_from_extended(const uint8_t p[10]) {
  const unsigned exponent = lac_get_u16(p, true);
  const uint64_t mantissa = lac_get_u64(p + 2, true);
  if (exponent < 16383 || exponent > 16383 + 30)
    return 0;
  const unsigned shift = 63 - (exponent - 16383);
  return (uint32_t)((mantissa >> shift) + (mantissa >> (shift - 1) & 1));
}

static LacStatus take_text(LacInput *input, const uint8_t id[4], uint64_t body, uint64_t size, LacTagReader *reader) {
  char name[5] = {0};
  memcpy(name, id, 4);
  const char *key = lac_tag_key(LAC_TAG_AIFF, name);
  uint8_t *text;
  size_t n_read;
  if (!key)
    return lac_chunk_extra(reader, id);
  LacStatus status = lac_chunk_load(input, body, size, MAX_TEXT_CHUNK, &text, &n_read);
  if (!status)
    status = lac_tag_take(reader, key, (const char *)text, n_read);
  lac_free(text);
  return status;
}

static LacStatus take_markers(LacInput *input, uint64_t body, LacTagReader *reader) {
  uint8_t count[2];
  size_t n_read;
  const LacStatus status = lac_input_read_at(input, body, count, 2, &n_read);
  const unsigned n = !status && n_read == 2 ? lac_get_u16(count, true) : 0;
  return status || n == 0 ? status : lac_tag_extra(reader, n == 1 ? "%u cue marker" : "%u cue markers", n);
}

static LacStatus take_chunk(LacInput *input, Aiff *aiff, const uint8_t id[4], uint64_t body, uint64_t size,
                            LacTagReader *reader) {
  uint8_t block[8];
  size_t n_read;
  if (lac_is_fourcc(id, "COMM")) {
    if (aiff->has_common)
      return LAC_OK;
    aiff->has_common = true;
    const size_t n = size < sizeof aiff->common ? (size_t)size : sizeof aiff->common;
    return lac_input_read_at(input, body, aiff->common, n, &aiff->n_common);
  }
  if (lac_is_fourcc(id, "SSND")) {
    if (aiff->has_sound)
      return LAC_OK;
    const LacStatus status = lac_input_read_at(input, body, block, 8, &n_read);
    if (status || n_read < 8)
      return status;
    const uint32_t offset = lac_get_u32(block, true);
    aiff->has_sound = true;
    aiff->sound_offset = body + 8 + offset;
    aiff->sound_size = size >= 8 + (uint64_t)offset ? size - 8 - offset : 0;
    return LAC_OK;
  }
  if (lac_is_fourcc(id, "MARK"))
    return take_markers(input, body, reader);
  if (lac_is_fourcc(id, "ID3 ") || lac_is_fourcc(id, "id3 "))
    return lac_id3_read(input, body, size, reader);
  if (lac_is_fourcc(id, "INST"))
    return lac_tag_extra(reader, "sampler loops");
  return take_text(input, id, body, size, reader);
}

static LacStatus walk(LacInput *input, Aiff *aiff, LacTagReader *reader) {
  const uint64_t file_size = lac_input_size(input);
  uint8_t head[12];
  size_t n_read;
  LacStatus status = lac_input_read_at(input, 0, head, 12, &n_read);
  if (status)
    return status;
  aiff->is_compressed_form = lac_is_fourcc(head + 8, "AIFC");
  uint64_t at = 12;
  for (int n = 0; n < MAX_CHUNKS && at + 8 <= file_size && !status; ++n) {
    status = lac_input_read_at(input, at, head, 8, &n_read);
    if (status || n_read < 8)
      break;
    const uint64_t size = lac_get_u32(head + 4, true);
    status = take_chunk(input, aiff, head, at + 8, size, reader);
    if (size > file_size - at - 8)
      break;
    at += 8 + size + (size & 1);
  }
  return status;
}

/* The compression types that are plain samples; false for a codec. */
static bool describe_samples(const Aiff *aiff, LacPcmHeader *header) {
  static const struct {
    char type[5];
    LacPcmKind kind;
    unsigned bytes; /* 0: from the bit depth */
    bool is_big;
  } types[] = {
      {"NONE", LAC_PCM_SIGNED, 0, true},   {"twos", LAC_PCM_SIGNED, 0, true},  {"sowt", LAC_PCM_SIGNED, 0, false},
      {"in16", LAC_PCM_SIGNED, 2, true},   {"in24", LAC_PCM_SIGNED, 3, true},  {"in32", LAC_PCM_SIGNED, 4, true},
      {"ni24", LAC_PCM_SIGNED, 3, false},  {"23ni", LAC_PCM_SIGNED, 4, false}, {"42ni", LAC_PCM_SIGNED, 3, false},
      {"raw ", LAC_PCM_UNSIGNED, 1, true}, {"fl32", LAC_PCM_FLOAT, 4, true},   {"FL32", LAC_PCM_FLOAT, 4, true},
      {"fl64", LAC_PCM_FLOAT, 8, true},    {"FL64", LAC_PCM_FLOAT, 8, true}};
  const uint8_t *type = aiff->is_compressed_form && aiff->n_common >= 22 ? aiff->common + 18 : (const uint8_t *)"NONE";
  const unsigned bits = lac_get_u16(aiff->common + 6, true);
  for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
    if (!lac_is_fourcc(type, types[i].type))
      continue;
    header->kind = types[i].kind;
    header->is_big_endian = types[i].is_big;
    header->sample_bytes = types[i].bytes ? types[i].bytes : (bits + 7) / 8;
    header->valid_bits = types[i].bytes ? types[i].bytes * 8 : bits;
    snprintf(header->codec, sizeof header->codec, "%s", types[i].kind == LAC_PCM_FLOAT ? "float" : "pcm");
    return true;
  }
  const bool is_ulaw = lac_is_fourcc(type, "ulaw") || lac_is_fourcc(type, "ULAW");
  const bool is_alaw = lac_is_fourcc(type, "alaw") || lac_is_fourcc(type, "ALAW");
  snprintf(header->codec, sizeof header->codec, "%s", is_ulaw ? "ulaw" : is_alaw ? "alaw" : "unknown");
  return false;
}

LacStatus lac_aiff_header_read(LacInput *input, const char *name, LacPcmHeader *header, LacTagReader *reader,
                               LacError *error) {
  Aiff aiff = {0};
  *header = (LacPcmHeader){0};
  const LacStatus status = walk(input, &aiff, reader);
  if (status)
    return lac_error_set(error, status, status == LAC_ERR_MEMORY ? "MEMORY" : "INPUT_UNREADABLE",
                         "%s cannot be read: %s.", name, lac_strerror(status));
  if (!aiff.has_common || aiff.n_common < 18)
    return lac_error_set(error, LAC_ERR_DAMAGED, "INPUT_DAMAGED",
                         "%s is damaged: its AIFF header does not describe the audio (no usable \"COMM\" part). "
                         "Export the mix again.",
                         name);
  header->n_channels = lac_get_u16(aiff.common, true);
  header->n_promised = lac_get_u32(aiff.common + 2, true);
  header->rate_hz = rate_from_extended(aiff.common + 8);
  header->is_pcm = describe_samples(&aiff, header);
  if (header->n_channels == 0)
    return lac_error_set(error, LAC_ERR_DAMAGED, "INPUT_DAMAGED",
                         "%s is damaged: its header says 0 channels. Export the mix again.", name);
  if (!aiff.has_sound)
    return lac_error_set(error, LAC_ERR_EMPTY, "INPUT_EMPTY",
                         "%s has a header but no audio: its sound part is missing. Export the mix again.", name);
  if (!header->is_pcm)
    return LAC_OK;
  if (header->sample_bytes < 1 || header->sample_bytes > 8)
    return lac_error_set(error, LAC_ERR_UNSUPPORTED, "INPUT_UNSUPPORTED",
                         "%s holds samples of %u bits, which Lacquer does not read. Export it as 24-bit WAV or AIFF.",
                         name, header->valid_bits);
  header->frame_bytes = (uint64_t)header->sample_bytes * header->n_channels;
  header->data_offset = aiff.sound_offset;
  const uint64_t file_size = lac_input_size(input);
  const uint64_t rest = aiff.sound_offset < file_size ? file_size - aiff.sound_offset : 0;
  uint64_t size = aiff.sound_size;
  if (size == 0)
    size = rest; /* a size that was never completed: COMM and the end of the file decide */
  size = size < rest ? size : rest;
  if (header->n_promised == 0) {
    header->is_unfinished = size >= header->frame_bytes;
    header->n_promised = size / header->frame_bytes;
  }
  header->n_frames = size / header->frame_bytes < header->n_promised ? size / header->frame_bytes : header->n_promised;
  return LAC_OK;
}
