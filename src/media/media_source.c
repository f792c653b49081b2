/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media/media_source.h"

#include "core/memory.h"
#include "core/posix_file.h"
#include "media/byte_order.h"
#include "media/decoder.h"
#include "media/id3.h"
#include "media/mpeg_header.h"
#include "media/ogg_stream.h"

#include <stdio.h>
#include <string.h>

enum { MIN_RATE_HZ = 8000, MAX_RATE_HZ = 384000, MAX_CHANNELS = 2, COUNT_FRAMES = 4096, TIME_SIZE = 32 };

struct LacSource {
  LacInput *input;
  LacDecoder *decoder;
  LacMediaInfo info;
  LacTags tags;
  LacNotes extras;
  char name[LAC_SHOWN_PATH_SIZE];
  uint64_t n_promised; /* frames by the header; 0 when it promises none */
  uint64_t n_read;     /* since the last rewind */
  bool is_loss_told;   /* the note INPUT_GAP was said */
  bool is_damaged;     /* the audio ended earlier than was known when it was opened */
};

typedef enum Kind { KIND_UNKNOWN, KIND_WAVE, KIND_AIFF, KIND_FLAC, KIND_OGG, KIND_MPEG, KIND_OTHER } Kind;

/* What the file is by its first bytes; names lie. *offset: behind an ID3 tag in front of FLAC or MPEG. */
static LacStatus recognise(LacInput *input, Kind *kind, uint64_t *offset) {
  static const uint8_t w64_guid[16] = "riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00"; /* and a NUL: 16 bytes */
  uint8_t head[16] = {0};
  size_t n_read = 0;
  LacMpegHeader mpeg;
  *kind = KIND_UNKNOWN;
  *offset = lac_id3_size(input, 0);
  const LacStatus status = lac_input_read_at(input, *offset, head, sizeof head, &n_read);
  if (status || n_read < 4)
    return status;
  const bool is_riff = lac_is_fourcc(head, "RIFF") || lac_is_fourcc(head, "RIFX") || lac_is_fourcc(head, "RF64") ||
                       lac_is_fourcc(head, "BW64");
  if (lac_is_fourcc(head, "fLaC"))
    *kind = KIND_FLAC;
  else if (*offset > 0 || lac_mpeg_header_read(input, 0, &mpeg))
    *kind = KIND_MPEG;
  else if (is_riff && lac_is_fourcc(head + 8, "WAVE"))
    *kind = KIND_WAVE;
  else if (lac_is_fourcc(head, "FORM") && (lac_is_fourcc(head + 8, "AIFF") || lac_is_fourcc(head + 8, "AIFC")))
    *kind = KIND_AIFF;
  else if (lac_is_fourcc(head, "OggS"))
    *kind = KIND_OGG;
  else if (lac_is_fourcc(head, "caff") || lac_is_fourcc(head, ".snd") || memcmp(head, w64_guid, sizeof w64_guid) == 0)
    *kind = KIND_OTHER;
  return LAC_OK;
}

/* 2:41, 1:02:41; with milliseconds where two times would look alike. */
static void time_text(uint64_t n_frames, uint32_t rate_hz, bool is_fine, char text[TIME_SIZE]) {
  const uint64_t ms = n_frames / rate_hz * 1000 + n_frames % rate_hz * 1000 / rate_hz, s = ms / 1000;
  int n;
  if (s >= 3600)
    n = snprintf(text, TIME_SIZE, "%llu:%02u:%02u", (unsigned long long)(s / 3600), (unsigned)(s / 60 % 60),
                 (unsigned)(s % 60));
  else
    n = snprintf(text, TIME_SIZE, "%u:%02u", (unsigned)(s / 60), (unsigned)(s % 60));
  if (is_fine && n > 0 && n < TIME_SIZE)
    snprintf(text + n, (size_t)(TIME_SIZE - n), ".%03u", (unsigned)(ms % 1000));
}

static LacStatus note_truncated(const LacSource *source, uint64_t n_frames, bool is_damaged, LacNotes *notes) {
  if (!notes)
    return LAC_OK;
  char end[TIME_SIZE], promise[TIME_SIZE];
  const uint32_t rate_hz = source->info.rate_hz;
  const bool is_fine = n_frames / rate_hz == source->n_promised / rate_hz;
  time_text(n_frames, rate_hz, is_fine, end);
  time_text(source->n_promised, rate_hz, is_fine, promise);
  if (source->n_promised <= n_frames)
    return lac_notes_add(
        notes, "INPUT_TRUNCATED",
        "%s breaks off at %s in the middle of its stream. The part that exists was used. Export the mix "
        "again if the end is missing.",
        source->name, end);
  return lac_notes_add(notes, "INPUT_TRUNCATED",
                       "%s %s at %s but its header promises %s. The part that exists was used. Export the mix again if "
                       "the end is missing.",
                       source->name, is_damaged ? "is damaged" : "ends", end, promise);
}

/* Once for each opened source: what its decoder left out in the middle. */
static LacStatus note_loss(LacSource *source, LacNotes *notes) {
  const LacLoss *loss = &source->decoder->loss;
  if (!notes || source->is_loss_told || loss->n_gaps == 0)
    return LAC_OK;
  source->is_loss_told = true;
  char at[TIME_SIZE], length[TIME_SIZE];
  time_text(loss->at, source->info.rate_hz, true, at);
  time_text(loss->n_silent, source->info.rate_hz, true, length);
  if (loss->is_cut || loss->n_silent == 0)
    return lac_notes_add(notes, "INPUT_GAP",
                         "%s is damaged, first at %s: the audio there cannot be decoded and was left "
                         "out, so what follows may come too early. Export or copy the mix again.",
                         source->name, at);
  return lac_notes_add(notes, "INPUT_GAP",
                       "%s is damaged, first at %s: %s of audio in %llu %s cannot be decoded; silence "
                       "stands there, so that the rest keeps its place. Export or copy the mix again.",
                       source->name, at, length, (unsigned long long)loss->n_gaps,
                       loss->n_gaps == 1 ? "place" : "places");
}

static LacStatus note_rounded(const LacSource *source, LacNotes *notes) {
  const LacMediaInfo *info = &source->info;
  if (!notes || info->is_lossy || info->bits <= (info->is_float ? 32u : 24u))
    return LAC_OK;
  return lac_notes_add(
      notes, "INPUT_ROUNDED",
      "%s holds %u-bit %s. Lacquer works in 32-bit float, so each sample was rounded once, by less than "
      "-144 dB of its own size. Nothing needs to be done.",
      source->name, info->bits, info->is_float ? "float samples" : "integers");
}

static const char *kind_title(const LacSource *source) {
  static const char *const titles[][2] = {
      {"wav", "WAV"}, {"aiff", "AIFF"}, {"flac", "FLAC"}, {"ogg", "Ogg"}, {"mp3", "MP3"}};
  for (size_t i = 0; i < sizeof titles / sizeof *titles; ++i)
    if (strcmp(source->info.container, titles[i][0]) == 0)
      return titles[i][1];
  return "audio";
}

static LacStatus refuse_status(const LacSource *source, LacStatus status, LacError *error) {
  switch (status) {
  case LAC_OK:
    return LAC_OK;
  case LAC_ERR_MEMORY:
    return lac_error_set(error, status, "MEMORY", "Not enough memory to read %s. Close other programs and run again.",
                         source->name);
  case LAC_ERR_UNSUPPORTED:
    return lac_error_set(
        error, status, "INPUT_UNSUPPORTED",
        "%s is not a format Lacquer reads. Use WAV, AIFF or FLAC; MP3, Vorbis and Opus also work but are "
        "already lossy.",
        source->name);
  case LAC_ERR_DAMAGED:
    return lac_error_set(error, status, "INPUT_DAMAGED",
                         "%s is damaged: it is marked as %s but nothing in it can be decoded. Export the mix again.",
                         source->name, kind_title(source));
  default:
    return lac_error_set(error, status, "INPUT_UNREADABLE",
                         "%s cannot be read to its end. Copy it to another disk and try again.", source->name);
  }
}

static LacStatus refuse_layout(const LacSource *source, unsigned n_channels, uint32_t rate_hz, LacError *error) {
  if (n_channels < 1 || n_channels > MAX_CHANNELS)
    return lac_error_set(
        error, LAC_ERR_CHANNELS, "INPUT_CHANNELS",
        "%s has %u channels; Lacquer masters mono and stereo. It was refused unread. Export a stereo mix.",
        source->name, n_channels);
  if (rate_hz < MIN_RATE_HZ || rate_hz > MAX_RATE_HZ)
    return lac_error_set(
        error, LAC_ERR_UNSUPPORTED, "INPUT_RATE",
        "%s has a sample rate of %u Hz; Lacquer works from 8000 to 384000 Hz. Export the mix at 44100, "
        "48000 or 96000 Hz.",
        source->name, (unsigned)rate_hz);
  return LAC_OK;
}

static LacStatus refuse_empty(const LacSource *source, LacError *error) {
  char promise[TIME_SIZE];
  if (source->n_promised == 0)
    return lac_error_set(error, LAC_ERR_EMPTY, "INPUT_EMPTY", "%s holds no audio (0 samples). Export the mix again.",
                         source->name);
  time_text(source->n_promised, source->info.rate_hz, source->n_promised < source->info.rate_hz, promise);
  return lac_error_set(error, LAC_ERR_EMPTY, "INPUT_EMPTY",
                       "%s ends before its audio begins; its header promises %s. Export or copy the mix again.",
                       source->name, promise);
}

/* The bit depths of LacMediaInfo from what the header says. */
static unsigned shown_bits(unsigned bits) {
  return bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 24 ? 24 : bits <= 32 ? 32 : 64;
}

static LacStatus open_sndfile(LacSource *source, LacError *error) {
  char container[sizeof source->info.container];
  memcpy(container, source->info.container, sizeof container);
  LacStatus status = lac_sndfile_decoder_new(source->input, &source->decoder, &source->info);
  if (status) {
    memcpy(source->info.container, container, sizeof container);
    return refuse_status(source, status, error);
  }
  return refuse_layout(source, source->info.n_channels, source->info.rate_hz, error);
}

static LacStatus open_samples(LacSource *source, Kind kind, LacTagReader *reader, LacNotes *notes, LacError *error) {
  LacPcmHeader header;
  snprintf(source->info.container, sizeof source->info.container, "%s", kind == KIND_WAVE ? "wav" : "aiff");
  LacStatus status = kind == KIND_WAVE ? lac_wave_header_read(source->input, source->name, &header, reader, error)
                                       : lac_aiff_header_read(source->input, source->name, &header, reader, error);
  if (!status)
    status = refuse_layout(source, header.n_channels, header.rate_hz, error);
  if (status)
    return status;
  source->info.rate_hz = header.rate_hz;
  source->n_promised = header.n_promised;
  if (header.frame_bytes > 0 && header.n_frames == 0)
    return refuse_empty(source, error);
  if (!header.is_pcm) {
    status = open_sndfile(source, error);
  } else {
    memcpy(source->info.codec, header.codec, sizeof source->info.codec);
    source->info.n_channels = header.n_channels;
    source->info.is_float = header.kind == LAC_PCM_FLOAT;
    source->info.bits = shown_bits(header.valid_bits);
    source->info.n_frames = header.n_frames;
    status = refuse_status(source, lac_pcm_decoder_new(source->input, &header, &source->decoder), error);
  }
  if (!status && header.is_unfinished && notes) {
    char length[TIME_SIZE];
    time_text(header.n_frames, header.rate_hz, false, length);
    status = lac_notes_add(notes, "INPUT_TRUNCATED",
                           "%s was never completed by the program that wrote it: its header promises 0:00, %s of audio "
                           "were found and used. Export the mix again if the end is missing.",
                           source->name, length);
  }
  return status;
}

static LacStatus start_flac(LacSource *source, const LacFlacHeader *header, LacError *error) {
  const LacStatus status = refuse_layout(source, header->n_channels, header->rate_hz, error);
  if (status)
    return status;
  snprintf(source->info.codec, sizeof source->info.codec, "flac");
  source->info.rate_hz = header->rate_hz;
  source->info.n_channels = header->n_channels;
  source->info.bits = shown_bits(header->bits);
  source->n_promised = header->n_frames;
  return refuse_status(source, lac_flac_decoder_new(source->input, header, &source->decoder, &source->info.n_frames),
                       error);
}

static LacStatus open_flac(LacSource *source, uint64_t offset, LacTagReader *reader, LacError *error) {
  LacFlacHeader header = {0};
  snprintf(source->info.container, sizeof source->info.container, "flac");
  LacStatus status = offset > 0 ? lac_id3_read(source->input, 0, UINT64_MAX, reader) : LAC_OK;
  if (!status)
    status = lac_flac_header_read(source->input, offset, &header, reader);
  return status ? refuse_status(source, status, error) : start_flac(source, &header, error);
}

static LacStatus open_ogg(LacSource *source, LacTagReader *reader, LacError *error) {
  LacFlacHeader header;
  snprintf(source->info.container, sizeof source->info.container, "ogg");
  LacStatus status = lac_ogg_comment_read(source->input, reader);
  if (status)
    return refuse_status(source, status, error);
  if (lac_ogg_flac_header_read(source->input, &header))
    return start_flac(source, &header, error);
  if (lac_ogg_is_opus(source->input))
    return open_sndfile(source, error);
  status = refuse_status(source, lac_vorbis_decoder_new(source->input, &source->decoder, &source->info), error);
  return status ? status : refuse_layout(source, source->info.n_channels, source->info.rate_hz, error);
}

static LacStatus open_mpeg(LacSource *source, uint64_t offset, LacTagReader *reader, LacError *error) {
  LacMpegHeader header;
  snprintf(source->info.container, sizeof source->info.container, "mp3");
  LacStatus status = lac_id3_read(source->input, 0, UINT64_MAX, reader);
  if (!status)
    status = lac_id3v1_read(source->input, reader);
  if (status)
    return refuse_status(source, status, error);
  status = refuse_status(source, lac_mpeg_decoder_new(source->input, &source->decoder, &source->info), error);
  if (status)
    return status;
  if (lac_mpeg_header_read(source->input, offset, &header) && header.has_length && header.n_bytes_missing > 0) {
    source->n_promised = header.n_frames;
    source->info.n_frames = 0; /* mpg123 believes the header */
  }
  return refuse_layout(source, source->info.n_channels, source->info.rate_hz, error);
}

static LacStatus open_kind(LacSource *source, Kind kind, uint64_t offset, LacNotes *notes, LacError *error) {
  LacTagReader reader = {.tags = &source->tags, .extras = &source->extras};
  switch (kind) {
  case KIND_WAVE:
  case KIND_AIFF:
    return open_samples(source, kind, &reader, notes, error);
  case KIND_FLAC:
    return open_flac(source, offset, &reader, error);
  case KIND_MPEG:
    return open_mpeg(source, offset, &reader, error);
  case KIND_OGG:
    return open_ogg(source, &reader, error);
  case KIND_OTHER:
    return open_sndfile(source, error);
  default:
    return refuse_status(source, LAC_ERR_UNSUPPORTED, error);
  }
}

/* Decode everything once: the only way to know the length of streams whose header does not tell. */
static LacStatus count_frames(LacSource *source, const LacCancel *cancel, LacNotes *notes, LacError *error) {
  float *memory = lac_alloc(COUNT_FRAMES * MAX_CHANNELS, sizeof(float));
  float *const channels[MAX_CHANNELS] = {memory, memory ? memory + COUNT_FRAMES : NULL};
  LacStatus status = memory ? LAC_OK : LAC_ERR_MEMORY;
  uint64_t total = 0;
  for (uint32_t n = 1; n > 0 && !status && !lac_cancelled(cancel); total += n)
    if ((status = source->decoder->kind->read(source->decoder, channels, COUNT_FRAMES, &n)))
      break;
  lac_free(memory);
  status = lac_cancelled(cancel) ? LAC_ERR_CANCELLED : status;
  if (status == LAC_ERR_CANCELLED)
    return lac_error_set(error, status, "CANCELLED", "Stopped while %s was opened. Nothing was written.", source->name);
  if (!status)
    status = note_loss(source, notes);
  if (!status)
    status = source->decoder->kind->rewind(source->decoder);
  source->info.n_frames = total;
  return refuse_status(source, status, error);
}

static LacStatus open_input(LacSource *source, const LacCancel *cancel, LacNotes *notes, LacError *error) {
  Kind kind;
  uint64_t offset;
  if (lac_input_size(source->input) == 0)
    return lac_error_set(error, LAC_ERR_EMPTY, "INPUT_EMPTY", "%s is empty (0 bytes). Export or copy the mix again.",
                         source->name);
  LacStatus status = refuse_status(source, recognise(source->input, &kind, &offset), error);
  if (!status)
    status = open_kind(source, kind, offset, notes, error);
  if (!status && source->info.n_frames == 0)
    status = count_frames(source, cancel, notes, error);
  if (status)
    return status;
  if (source->info.n_frames == 0)
    return refuse_empty(source, error);
  if (source->info.n_frames < source->n_promised || (kind == KIND_OGG && !lac_ogg_is_whole(source->input)))
    status = note_truncated(source, source->info.n_frames, false, notes);
  if (!status)
    status = note_rounded(source, notes);
  return refuse_status(source, status, error);
}

static LacStatus open_source(const char *path, LacInput *input, const LacCancel *cancel, LacSource **out,
                             LacNotes *notes, LacError *error) {
  LacSource *source = lac_calloc(1, sizeof *source);
  if (!source) {
    lac_input_close(input);
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to open the input.");
  }
  source->input = input;
  lac_shown_path(path, false, source->name);
  const LacStatus status = open_input(source, cancel, notes, error);
  if (status)
    lac_source_close(source);
  else
    *out = source;
  return status;
}

LacStatus lac_source_open(const char *path, const LacCancel *cancel, LacSource **out, LacNotes *notes,
                          LacError *error) {
  LacInput *input = NULL;
  *out = NULL;
  const LacStatus status = lac_input_open(path, &input, error);
  return status ? status : open_source(path, input, cancel, out, notes, error);
}

LacStatus lac_source_open_bytes(const void *bytes, size_t n_bytes, const char *name, LacSource **out, LacNotes *notes,
                                LacError *error) {
  LacInput *input = NULL;
  *out = NULL;
  if (lac_input_from_bytes(bytes, n_bytes, &input))
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to open the input.");
  return open_source(name, input, NULL, out, notes, error);
}

const LacMediaInfo *lac_source_info(const LacSource *source) {
  return &source->info;
}

const LacTags *lac_source_tags(const LacSource *source) {
  return &source->tags;
}

const LacNotes *lac_source_extras(const LacSource *source) {
  return &source->extras;
}

LacStatus lac_source_read(LacSource *source, float *const *channels, uint32_t max_frames, uint32_t *n_frames,
                          LacNotes *notes, LacError *error) {
  *n_frames = 0;
  if (max_frames == 0)
    return LAC_OK;
  const LacStatus status = source->decoder->kind->read(source->decoder, channels, max_frames, n_frames);
  source->n_read += *n_frames;
  if (status)
    return refuse_status(source, status, error);
  if (*n_frames > 0)
    return LAC_OK;
  const LacStatus told = note_loss(source, notes);
  if (told)
    return refuse_status(source, told, error);
  /* Damage behind the promised end is only a foreign tag. */
  const bool is_short = source->n_promised > 0 ? source->n_read < source->n_promised : source->decoder->is_damaged;
  source->is_damaged = source->is_damaged || (source->decoder->is_damaged && source->n_read < source->info.n_frames);
  source->info.n_frames = source->n_read;
  return is_short ? refuse_status(source, note_truncated(source, source->n_read, source->is_damaged, notes), error)
                  : LAC_OK;
}

LacStatus lac_source_rewind(LacSource *source, LacError *error) {
  source->n_read = 0;
  return refuse_status(source, source->decoder->kind->rewind(source->decoder), error);
}

void lac_source_close(LacSource *source) {
  if (!source)
    return;
  if (source->decoder)
    source->decoder->kind->free(source->decoder);
  lac_input_close(source->input);
  lac_tags_free(&source->tags);
  lac_notes_free(&source->extras);
  lac_free(source);
}
