/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/pcm_header.h"

#include "core/memory.h"
#include "media/byte_order.h"
#include "media/id3.h"

#include <stdio.h>
#include <string.h>

enum { MAX_CHUNKS = 4096, MAX_TEXT_CHUNK = 4 << 20 };
enum { TAG_PCM = 1, TAG_FLOAT = 3, TAG_ALAW = 6, TAG_ULAW = 7, TAG_MP3 = 0x55, TAG_EXTENSIBLE = 0xfffe };

/* What the walk over the chunks finds. */
typedef struct Wave {
  bool is_big, is_64, has_format, has_data, has_ds64, runs_over;
  uint8_t format[40];
  size_t n_format;
  uint64_t ds64_data, data_offset, data_size;
  bool has_size; /* data_size is a promise, not the rest of the file */
  bool is_unfinished;
} Wave;

LacStatus lac_chunk_load(LacInput *input, uint64_t offset, uint64_t n_bytes, size_t max, uint8_t **bytes,
                         size_t *n_read) {
  const uint64_t size = lac_input_size(input);
  const uint64_t rest = offset < size ? size - offset : 0;
  n_bytes = n_bytes < rest ? n_bytes : rest;
  const size_t n = n_bytes < max ? (size_t)n_bytes : max;
  *n_read = 0;
  *bytes = lac_alloc(n + 1, 1);
  if (!*bytes)
    return LAC_ERR_MEMORY;
  const LacStatus status = lac_input_read_at(input, offset, *bytes, n, n_read);
  if (status) {
    lac_free(*bytes);
    *bytes = NULL;
  }
  return status;
}

LacStatus lac_chunk_extra(LacTagReader *reader, const uint8_t id[4]) {
  /* Padding, facts derived from the audio, and session data of single programs. */
  static const char passed[][5] = {"JUNK", "junk", "JUNQ", "PAD ", "FLLR", "fact", "PEAK", "levl", "minf", "elm1",
                                   "elmo", "regn", "umid", "DGDA", "ResU", "LGWV", "FVER", "SAUR", "    "};
  for (size_t i = 0; i < sizeof passed / sizeof *passed; ++i)
    if (lac_is_fourcc(id, passed[i]))
      return LAC_OK;
  for (int i = 0; i < 4; ++i)
    if (id[i] < 0x20 || id[i] > 0x7e)
      return LAC_OK;
  return lac_tag_extra(reader, "\"%.4s\" chunk", (const char *)id);
}

static LacStatus take_info_list(const uint8_t *list, size_t n_bytes, bool is_big, LacTagReader *reader) {
  LacStatus status = LAC_OK;
  for (size_t at = 4; n_bytes >= 8 && at <= n_bytes - 8 && !status;) {
    char id[5] = {0};
    memcpy(id, list + at, 4);
    const size_t length = lac_get_u32(list + at + 4, is_big);
    at += 8;
    const size_t n = length < n_bytes - at ? length : n_bytes - at;
    const char *key = lac_tag_key(LAC_TAG_RIFF, id);
    if (key)
      status = lac_tag_take(reader, key, (const char *)list + at, strnlen((const char *)list + at, n));
    if (length > n_bytes - at)
      break;
    at += length + (length & 1);
  }
  return status;
}

static LacStatus take_list(LacInput *input, const Wave *wave, uint64_t body, uint64_t size, LacTagReader *reader) {
  uint8_t *list;
  size_t n_read;
  LacStatus status = lac_chunk_load(input, body, size, MAX_TEXT_CHUNK, &list, &n_read);
  if (status)
    return status;
  if (n_read >= 4 && lac_is_fourcc(list, "INFO"))
    status = take_info_list(list, n_read, wave->is_big, reader);
  lac_free(list);
  return status;
}

static LacStatus take_cues(LacInput *input, const Wave *wave, uint64_t body, LacTagReader *reader) {
  uint8_t count[4];
  size_t n_read;
  const LacStatus status = lac_input_read_at(input, body, count, 4, &n_read);
  const unsigned n = !status && n_read == 4 ? lac_get_u32(count, wave->is_big) : 0;
  return status || n == 0 ? status : lac_tag_extra(reader, n == 1 ? "%u cue marker" : "%u cue markers", n);
}

static LacStatus take_extra(LacInput *input, const Wave *wave, const uint8_t id[4], uint64_t body, uint64_t size,
                            LacTagReader *reader) {
  static const char words[][2][32] = {{"bext", "broadcast description (bext)"},
                                      {"iXML", "iXML"},
                                      {"axml", "ADM metadata"},
                                      {"chna", "ADM metadata"},
                                      {"_PMX", "XMP"},
                                      {"cart", "cart description"},
                                      {"smpl", "sampler loops"},
                                      {"acid", "loop tempo (acid)"}};
  if (lac_is_fourcc(id, "LIST"))
    return take_list(input, wave, body, size, reader);
  if (lac_is_fourcc(id, "cue "))
    return take_cues(input, wave, body, reader);
  if (lac_is_fourcc(id, "id3 ") || lac_is_fourcc(id, "ID3 "))
    return lac_id3_read(input, body, size, reader);
  for (size_t i = 0; i < sizeof words / sizeof *words; ++i)
    if (lac_is_fourcc(id, words[i][0]))
      return lac_tag_extra(reader, "%s", words[i][1]);
  return lac_chunk_extra(reader, id);
}

/* Size 0 in a file that goes on with what is no chunk: a recorder that never came back to its header. */
static bool looks_unfinished(LacInput *input, uint64_t body, bool is_big) {
  const uint64_t size = lac_input_size(input);
  uint8_t next[8];
  size_t n_read;
  if (body >= size || lac_input_read_at(input, body, next, 8, &n_read) || n_read < 8)
    return body < size;
  for (int i = 0; i < 4; ++i)
    if (next[i] < 0x20 || next[i] > 0x7e)
      return true;
  return lac_get_u32(next + 4, is_big) > size - body - 8;
}

static void take_data(LacInput *input, Wave *wave, uint64_t body, uint64_t *size) {
  const uint64_t rest = lac_input_size(input) - body;
  wave->has_data = wave->has_size = true;
  wave->data_offset = body;
  if (*size == UINT32_MAX && wave->has_ds64) {
    *size = wave->ds64_data;
  } else if (*size == UINT32_MAX || (*size == 0 && looks_unfinished(input, body, wave->is_big))) {
    wave->has_size = false; /* "unknown" is what pipes write; 0 was meant to be completed */
    wave->is_unfinished = *size == 0;
    *size = rest;
  }
  wave->data_size = *size;
}

/* Where the chunk after this one begins: chunks are padded to even length, but some writers forget. */
static uint64_t next_chunk(LacInput *input, uint64_t body, uint64_t size) {
  uint8_t pad = 0;
  size_t n_read;
  if (size % 2 == 0)
    return body + size;
  const bool is_read = lac_input_read_at(input, body + size, &pad, 1, &n_read) == LAC_OK;
  return body + size + (is_read && pad != 0 ? 0 : 1);
}

static LacStatus take_chunk(LacInput *input, Wave *wave, const uint8_t id[4], uint64_t body, uint64_t *size,
                            LacTagReader *reader) {
  uint8_t ds64[28];
  size_t n_read;
  if (lac_is_fourcc(id, "ds64")) {
    const LacStatus status = lac_input_read_at(input, body, ds64, sizeof ds64, &n_read);
    if (!status && wave->is_64 && n_read >= 16 && *size >= 16) {
      wave->ds64_data = lac_get_u64(ds64 + 8, false);
      wave->has_ds64 = true;
    }
    return status;
  }
  if (lac_is_fourcc(id, "fmt ")) {
    if (wave->has_format)
      return LAC_OK;
    wave->has_format = true;
    const size_t n = *size < sizeof wave->format ? (size_t)*size : sizeof wave->format;
    return lac_input_read_at(input, body, wave->format, n, &wave->n_format);
  }
  if (lac_is_fourcc(id, "data")) {
    if (!wave->has_data)
      take_data(input, wave, body, size);
    return LAC_OK;
  }
  return take_extra(input, wave, id, body, *size, reader);
}

static LacStatus walk(LacInput *input, Wave *wave, LacTagReader *reader) {
  const uint64_t file_size = lac_input_size(input);
  uint8_t head[12];
  size_t n_read;
  LacStatus status = lac_input_read_at(input, 0, head, 12, &n_read);
  if (status)
    return status;
  wave->is_big = lac_is_fourcc(head, "RIFX");
  wave->is_64 = lac_is_fourcc(head, "RF64") || lac_is_fourcc(head, "BW64");
  uint64_t at = 12;
  for (int n = 0; n < MAX_CHUNKS && at + 8 <= file_size && !status; ++n) {
    status = lac_input_read_at(input, at, head, 8, &n_read);
    if (status || n_read < 8)
      break;
    uint64_t size = lac_get_u32(head + 4, wave->is_big);
    status = take_chunk(input, wave, head, at + 8, &size, reader);
    wave->runs_over = size > file_size - at - 8;
    if (wave->runs_over)
      break;
    at = next_chunk(input, at + 8, size);
  }
  return status;
}

/* How one sample stands in its bytes. Integers fill their container from the top (RIFF 1991, 3). */
static bool describe_samples(const Wave *wave, unsigned tag, LacPcmHeader *header) {
  const unsigned bits = lac_get_u16(wave->format + 14, wave->is_big);
  const unsigned align = lac_get_u16(wave->format + 12, wave->is_big);
  unsigned bytes = (bits + 7) / 8;
  if (align % header->n_channels == 0 && align / header->n_channels > bytes && align / header->n_channels <= 8)
    bytes = align / header->n_channels;
  header->valid_bits = bits;
  if (wave->n_format >= 20 && lac_get_u16(wave->format, wave->is_big) == TAG_EXTENSIBLE) {
    const unsigned valid = lac_get_u16(wave->format + 18, wave->is_big);
    if (valid > 0 && valid < bits)
      header->valid_bits = valid;
  }
  header->sample_bytes = bytes;
  header->frame_bytes = (uint64_t)bytes * header->n_channels;
  header->is_big_endian = wave->is_big;
  if (tag == TAG_FLOAT) {
    header->kind = LAC_PCM_FLOAT;
    return bytes == 4 || bytes == 8;
  }
  header->kind = bits <= 8 ? LAC_PCM_UNSIGNED : LAC_PCM_SIGNED;
  return bits >= 1 && bytes <= 8;
}

static const char *codec_name(unsigned tag) {
  switch (tag) {
  case TAG_PCM:
    return "pcm";
  case TAG_FLOAT:
    return "float";
  case TAG_ALAW:
    return "alaw";
  case TAG_ULAW:
    return "ulaw";
  case TAG_MP3:
    return "mp3";
  case 0x02:
    return "ms-adpcm";
  case 0x11:
    return "ima-adpcm";
  case 0x31:
    return "gsm610";
  default:
    return "unknown";
  }
}

LacStatus lac_wave_header_read(LacInput *input, const char *name, LacPcmHeader *header, LacTagReader *reader,
                               LacError *error) {
  Wave wave = {0};
  *header = (LacPcmHeader){0};
  LacStatus status = walk(input, &wave, reader);
  if (status)
    return lac_error_set(error, status, status == LAC_ERR_MEMORY ? "MEMORY" : "INPUT_UNREADABLE",
                         "%s cannot be read: %s.", name, lac_strerror(status));
  if (!wave.has_data && wave.has_format && !wave.runs_over)
    return lac_error_set(error, LAC_ERR_EMPTY, "INPUT_EMPTY",
                         "%s has a header but no audio: its data part is missing. Export the mix again.", name);
  if (!wave.has_format || wave.n_format < 16 || !wave.has_data)
    return lac_error_set(error, LAC_ERR_DAMAGED, "INPUT_DAMAGED",
                         "%s is damaged: its WAV header does not lead to the audio (%s). Export the mix again.", name,
                         wave.runs_over ? "a part is longer than the file" : "no usable \"fmt \" part");
  unsigned tag = lac_get_u16(wave.format, wave.is_big);
  if (tag == TAG_EXTENSIBLE && wave.n_format >= 26)
    tag = lac_get_u16(wave.format + 24, wave.is_big);
  header->n_channels = lac_get_u16(wave.format + 2, wave.is_big);
  header->rate_hz = lac_get_u32(wave.format + 4, wave.is_big);
  header->is_pcm = tag == TAG_PCM || tag == TAG_FLOAT;
  snprintf(header->codec, sizeof header->codec, "%s", codec_name(tag));
  if (header->n_channels == 0)
    return lac_error_set(error, LAC_ERR_DAMAGED, "INPUT_DAMAGED",
                         "%s is damaged: its header says 0 channels. Export the mix again.", name);
  if (header->is_pcm && !describe_samples(&wave, tag, header))
    return lac_error_set(
        error, LAC_ERR_UNSUPPORTED, "INPUT_UNSUPPORTED",
        "%s holds samples of %u bits, which Lacquer does not read. Export it as 24-bit or 32-bit float WAV.", name,
        header->valid_bits);
  if (tag == TAG_ALAW || tag == TAG_ULAW)
    header->frame_bytes = header->n_channels;
  const uint64_t rest = lac_input_size(input) - wave.data_offset;
  header->data_offset = wave.data_offset;
  header->is_unfinished = wave.is_unfinished;
  if (header->frame_bytes > 0) {
    header->n_frames = (wave.data_size < rest ? wave.data_size : rest) / header->frame_bytes;
    header->n_promised = wave.has_size ? wave.data_size / header->frame_bytes : header->n_frames;
  }
  return LAC_OK;
}
