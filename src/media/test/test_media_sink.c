/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media_fixture.h"

#include "core/memory.h"
#include "core/threads.h"
#include "media/byte_order.h"
#include "media/encoder.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef struct Case {
  LacContainer container;
  unsigned bits;
  bool is_float;
  const char *name, *codec;
} Case;

static const Case cases[] = {
    {LAC_CONTAINER_WAV, 16, false, "wav", "pcm"},    {LAC_CONTAINER_WAV, 24, false, "wav", "pcm"},
    {LAC_CONTAINER_WAV, 32, true, "wav", "float"},   {LAC_CONTAINER_AIFF, 16, false, "aiff", "pcm"},
    {LAC_CONTAINER_AIFF, 24, false, "aiff", "pcm"},  {LAC_CONTAINER_AIFF, 32, true, "aiff", "float"},
    {LAC_CONTAINER_FLAC, 16, false, "flac", "flac"}, {LAC_CONTAINER_FLAC, 24, false, "flac", "flac"},
};

static LacSinkFormat format_of(const Case *row, unsigned n_channels, uint64_t n_frames) {
  return (LacSinkFormat){.container = row->container,
                         .rate_hz = FIXTURE_RATE_HZ,
                         .n_channels = n_channels,
                         .bits = row->bits,
                         .is_float = row->is_float,
                         .n_frames = n_frames};
}

static void write_frames(LacSink *sink, const LacSinkFormat *format, uint64_t from, uint64_t to, uint32_t block) {
  static int32_t integers[2][8192];
  static float floats[2][8192];
  LacError error = {0};
  for (uint64_t at = from; at < to; at += block) {
    const uint32_t n = to - at < block ? (uint32_t)(to - at) : block;
    for (unsigned c = 0; c < format->n_channels; ++c) {
      for (uint32_t i = 0; i < n; ++i) {
        integers[c][i] = fixture_integer(c, at + i, format->is_float ? 24 : format->bits);
        floats[c][i] = fixture_float(c, at + i);
      }
    }
    const int32_t *const i_channels[2] = {integers[0], integers[1]};
    const float *const f_channels[2] = {floats[0], floats[1]};
    assert_int_equal(format->is_float ? lac_sink_write_floats(sink, f_channels, n, &error)
                                      : lac_sink_write_integers(sink, i_channels, n, &error),
                     LAC_OK);
  }
}

static void write_file(const char *path, const LacSinkFormat *format, uint32_t block, LacNotes *notes) {
  LacSink *sink = NULL;
  LacError error = {0};
  assert_int_equal(lac_sink_open(path, true, format, &sink, notes, &error), LAC_OK);
  write_frames(sink, format, 0, format->n_frames, block);
  assert_int_equal(lac_sink_commit(sink, &error), LAC_OK);
}

static void check_samples(const Decoded *decoded, const LacSinkFormat *format) {
  assert_int_equal(decoded->n_frames, format->n_frames);
  for (unsigned c = 0; c < format->n_channels; ++c) {
    for (uint64_t i = 0; i < format->n_frames; ++i) {
      const float scale = 1.0f / (float)(1 << (format->bits < 32 ? format->bits - 1 : 0));
      const float want = format->is_float ? fixture_float(c, i) : (float)fixture_integer(c, i, format->bits) * scale;
      assert_memory_equal(&decoded->samples[c][i], &want, sizeof want);
    }
  }
}

static void test_round_trip(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    for (unsigned n_channels = 1; n_channels <= 2; ++n_channels) {
      const LacSinkFormat format = format_of(&cases[k], n_channels, FIXTURE_FRAMES);
      const char *path = fixture_path("round");
      write_file(path, &format, 1000, NULL);
      Decoded decoded = fixture_decode_path(path);
      assert_int_equal(decoded.status, LAC_OK);
      assert_string_equal(decoded.info.container, cases[k].name);
      assert_string_equal(decoded.info.codec, cases[k].codec);
      assert_int_equal(decoded.info.bits, cases[k].bits);
      assert_int_equal(decoded.info.is_float, cases[k].is_float);
      assert_false(decoded.info.is_lossy);
      assert_int_equal(decoded.info.rate_hz, FIXTURE_RATE_HZ);
      assert_int_equal(decoded.info.n_channels, n_channels);
      assert_int_equal(decoded.info.n_frames, FIXTURE_FRAMES);
      assert_int_equal(decoded.notes.count, 0);
      check_samples(&decoded, &format);
      fixture_free(&decoded);
    }
  }
}

static void test_bytes_do_not_depend_on_blocks(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    const LacSinkFormat format = format_of(&cases[k], 2, FIXTURE_FRAMES);
    write_file(fixture_path("a"), &format, 8192, NULL);
    write_file(fixture_path("b"), &format, 17, NULL);
    LacText a = fixture_load(fixture_path("a")), b = fixture_load(fixture_path("b"));
    assert_int_equal(a.length, b.length);
    assert_memory_equal(a.bytes, b.bytes, a.length);
    lac_text_clear(&a);
    lac_text_clear(&b);
  }
}

static void add(LacTags *tags, const char *key, const char *value) {
  assert_int_equal(lac_tags_add(tags, key, value), LAC_OK);
}

static void test_tags(void **state) {
  (void)state;
  LacTags tags = {0};
  add(&tags, "Title", "Smörgåsbord ♫");
  add(&tags, "ARTIST", "One");
  add(&tags, "ARTIST", "Two");
  add(&tags, "ALBUM", "Odd");
  add(&tags, "TRACKNUMBER", "3");
  add(&tags, "TRACKTOTAL", "12");
  add(&tags, "DATE", "2026-05-03");
  add(&tags, "COMMENT", "two\nlines");
  add(&tags, "ISRC", "XXA012600001");
  add(&tags, "MUSICBRAINZ_TRACKID", "x");
  for (LacContainer container = LAC_CONTAINER_WAV; container <= LAC_CONTAINER_FLAC; ++container) {
    LacNotes notes = {0};
    LacSinkFormat format = format_of(&cases[1], 1, 101); /* an odd number of bytes */
    format.container = container;
    format.tags = &tags;
    write_file(fixture_path("tags"), &format, 1000, &notes);
    Decoded decoded = fixture_decode_path(fixture_path("tags"));
    assert_int_equal(decoded.status, LAC_OK);
    check_samples(&decoded, &format);
    assert_string_equal(fixture_tag(&decoded.tags, "TITLE"), "Smörgåsbord ♫");
    assert_string_equal(fixture_tag(&decoded.tags, "COMMENT"), "two\nlines");
    if (container == LAC_CONTAINER_FLAC) {
      assert_int_equal(decoded.tags.count, tags.count);
      for (size_t i = 0; i < tags.count; ++i) {
        assert_string_equal(decoded.tags.items[i].key, tags.items[i].key);
        assert_string_equal(decoded.tags.items[i].value, tags.items[i].value);
      }
      assert_int_equal(notes.count, 0);
    } else {
      assert_string_equal(fixture_tag(&decoded.tags, "ARTIST"), "One; Two");
      assert_int_equal(notes.count, 1);
      assert_true(fixture_says(&notes, "META_DROPPED", "ISRC, MUSICBRAINZ_TRACKID"));
      assert_false(fixture_says(&notes, "META_DROPPED", "ARTIST"));
    }
    if (container == LAC_CONTAINER_WAV) {
      assert_string_equal(fixture_tag(&decoded.tags, "TRACKNUMBER"), "3");
      assert_string_equal(fixture_tag(&decoded.tags, "TRACKTOTAL"), "12");
      assert_false(fixture_says(&notes, "META_DROPPED", "TRACKTOTAL"));
    } else if (container == LAC_CONTAINER_AIFF) {
      assert_true(fixture_says(&notes, "META_DROPPED", "ALBUM, TRACKNUMBER, TRACKTOTAL, DATE"));
    }
    lac_notes_free(&notes);
    fixture_free(&decoded);
  }
  lac_tags_free(&tags);
}

/* The whole of a small file, so that nothing creeps into it: a time stamp, a PEAK chunk, a program name. */
static void test_wave_bytes(void **state) {
  (void)state;
  LacTags tags = {0};
  add(&tags, "TITLE", "ab");
  LacSinkFormat format = format_of(&cases[0], 1, 5);
  format.tags = &tags;
  write_file(fixture_path("bytes.wav"), &format, 5, NULL);
  LacText got = fixture_load(fixture_path("bytes.wav")), want = {0};
  fixture_wave_head(&want, "RIFF", 1, 1, FIXTURE_RATE_HZ, 16);
  fixture_chunk(&want, "data", 10, "", 0, false);
  for (uint64_t i = 0; i < 5; ++i)
    fixture_u16(&want, (uint32_t)fixture_integer(0, i, 16), false);
  fixture_chunk(&want, "LIST", 4 + 8 + 4, "INFO", 4, false);
  fixture_chunk(&want, "INAM", 3, "ab\0", 4, false);
  lac_put_u32((uint8_t *)want.bytes + 4, (uint32_t)want.length - 8, false);
  assert_int_equal(got.length, want.length);
  assert_memory_equal(got.bytes, want.bytes, want.length);
  lac_text_clear(&got);
  lac_text_clear(&want);
  lac_tags_free(&tags);
}

/* Beyond 4 GiB the header becomes RF64; at the border it does not. No samples are written. */
static void check_wave_size(const LacSinkFormat *format, bool is_64) {
  LacText head = {0}, tail = {0};
  uint64_t data_bytes = 0;
  assert_int_equal(lac_wave_frame(format, &head, &tail), LAC_OK);
  assert_true(lac_sample_bytes(format, &data_bytes));
  const uint8_t *bytes = (const uint8_t *)head.bytes;
  const uint64_t riff_bytes = head.length + data_bytes + tail.length - 8;
  assert_memory_equal(bytes, is_64 ? "RF64" : "RIFF", 4);
  if (is_64) {
    assert_int_equal(lac_get_u32(bytes + 4, false), UINT32_MAX);
    assert_memory_equal(bytes + 12, "ds64", 4);
    assert_int_equal(lac_get_u32(bytes + 16, false), 28);
    assert_true(lac_get_u64(bytes + 20, false) == riff_bytes);
    assert_true(lac_get_u64(bytes + 28, false) == data_bytes);
    assert_true(lac_get_u64(bytes + 36, false) == format->n_frames);
    assert_int_equal(lac_get_u32(bytes + head.length - 4, false), UINT32_MAX);
  } else {
    assert_int_equal(lac_get_u32(bytes + 4, false), riff_bytes);
    assert_int_equal(lac_get_u32(bytes + head.length - 4, false), data_bytes);
  }
  assert_memory_equal(bytes + head.length - 8, "data", 4);
  lac_text_clear(&head);
  lac_text_clear(&tail);
}

static void test_rf64_border(void **state) {
  (void)state;
  LacSinkFormat format = format_of(&cases[1], 2, 0);
  const uint64_t around = 4 + 24 + 8; /* "WAVE", fmt, data header */
  const uint64_t most = (UINT32_MAX - around) / 6;
  format.n_frames = most;
  check_wave_size(&format, false);
  format.n_frames = most + 1;
  check_wave_size(&format, true);
  format.n_frames = UINT64_C(1) << 40;
  check_wave_size(&format, true);
  format.is_float = true;
  format.bits = 32;
  check_wave_size(&format, true);
  LacText head = {0}, tail = {0};
  format.n_frames = UINT64_MAX / 2;
  assert_int_equal(lac_wave_frame(&format, &head, &tail), LAC_ERR_UNSUPPORTED);
  lac_text_clear(&head);
  lac_text_clear(&tail);
}

/* A real RF64 file of more than 4 GiB, mostly a hole: only its ends are written. */
static void test_rf64_file(void **state) {
  (void)state;
  LacSinkFormat format = format_of(&cases[1], 2, 720000011);
  LacText head = {0}, tail = {0};
  assert_int_equal(lac_wave_frame(&format, &head, &tail), LAC_OK);
  const char *path = fixture_path("long.wav");
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(head.bytes, 1, head.length, file), head.length);
  const uint8_t last[6] = {1, 2, 3, 4, 5, 0x86};
  const bool is_made =
      fseeko(file, (off_t)(head.length + (format.n_frames - 1) * 6), SEEK_SET) == 0 && fwrite(last, 1, 6, file) == 6;
  assert_int_equal(fclose(file), 0);
  LacSource *source = NULL;
  LacNotes notes = {0};
  LacError error;
  if (is_made) {
    assert_int_equal(lac_source_open(path, NULL, &source, &notes, &error), LAC_OK);
    assert_true(lac_source_info(source)->n_frames == format.n_frames);
    assert_int_equal(notes.count, 0);
    lac_source_close(source);
  }
  lac_notes_free(&notes);
  lac_text_clear(&head);
  lac_text_clear(&tail);
  remove(path);
  if (!is_made)
    skip(); /* the disk of the scratch folder takes no file of 4 GiB with a hole */
}

static void check_refused(const LacSinkFormat *format, LacStatus want, const char *piece) {
  LacSink *sink = NULL;
  LacError error = {0};
  assert_int_equal(lac_sink_open(fixture_path("refused"), true, format, &sink, NULL, &error), want);
  assert_null(sink);
  assert_non_null(strstr(error.text, piece));
  struct stat info;
  assert_int_not_equal(stat(fixture_path("refused"), &info), 0);
}

static void test_refusals(void **state) {
  (void)state;
  LacSinkFormat format = format_of(&cases[4], 2, UINT64_C(800000000)); /* AIFF, 4.8 GB */
  check_refused(&format, LAC_ERR_USAGE, "Write a WAV file instead");
  format = format_of(&cases[7], 2, UINT64_C(1) << 36);
  check_refused(&format, LAC_ERR_USAGE, "FLAC cannot hold");
  format = format_of(&cases[2], 2, 10);
  format.container = LAC_CONTAINER_FLAC;
  check_refused(&format, LAC_ERR_USAGE, "float");
  format = format_of(&cases[0], 3, 10);
  check_refused(&format, LAC_ERR_USAGE, "3 channels");
  format = format_of(&cases[0], 1, 10);
  format.bits = 20;
  check_refused(&format, LAC_ERR_USAGE, "20-bit");
}

static void test_own_mistakes(void **state) {
  (void)state;
  const int32_t wrong[1] = {32768}, right[2] = {1, -32768};
  const int32_t *const wrong_channels[1] = {wrong}, *const right_channels[1] = {right};
  LacError error = {0};
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    if (cases[k].bits != 16)
      continue;
    LacSinkFormat format = format_of(&cases[k], 1, 3);
    LacSink *sink = NULL;
    const char *path = fixture_path("mistake");
    assert_int_equal(lac_sink_open(path, true, &format, &sink, NULL, &error), LAC_OK);
    assert_int_equal(lac_sink_write_integers(sink, wrong_channels, 1, &error), LAC_ERR_INTERNAL);
    assert_int_equal(lac_sink_write_floats(sink, (const float *const[]){NULL}, 0, &error), LAC_ERR_INTERNAL);
    assert_int_equal(lac_sink_write_integers(sink, right_channels, 2, &error), LAC_OK);
    assert_int_equal(lac_sink_write_integers(sink, right_channels, 2, &error), LAC_ERR_INTERNAL); /* more than said */
    assert_int_equal(lac_sink_finish(sink, &error), LAC_ERR_INTERNAL);                            /* less than said */
    assert_string_equal(error.code, "INTERNAL");
    assert_int_equal(lac_sink_commit(sink, &error), LAC_ERR_INTERNAL);
    struct stat info;
    assert_int_not_equal(stat(path, &info), 0);
  }
}

/* The temporary is a whole file after finish; nothing is at the target until commit, nothing ever after abort. */
static void test_finish_then_commit(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    LacSinkFormat format = format_of(&cases[k], 2, FIXTURE_FRAMES);
    const char *path = fixture_path("later");
    LacSink *sink = NULL;
    LacError error = {0};
    struct stat info;
    assert_int_equal(lac_sink_open(path, false, &format, &sink, NULL, &error), LAC_OK);
    write_frames(sink, &format, 0, FIXTURE_FRAMES, 4096);
    assert_int_equal(lac_sink_finish(sink, &error), LAC_OK);
    assert_int_equal(lac_sink_finish(sink, &error), LAC_OK);
    assert_int_not_equal(stat(path, &info), 0);
    assert_non_null(lac_sink_temporary_path(sink));
    Decoded decoded = fixture_decode_path(lac_sink_temporary_path(sink));
    assert_int_equal(decoded.status, LAC_OK);
    check_samples(&decoded, &format);
    fixture_free(&decoded);
    if (k % 2) {
      lac_sink_abort(sink);
      assert_int_not_equal(stat(path, &info), 0);
    } else {
      assert_int_equal(lac_sink_commit(sink, &error), LAC_OK);
      assert_int_equal(stat(path, &info), 0);
      assert_int_equal(lac_sink_open(path, false, &format, &sink, NULL, &error), LAC_ERR_EXISTS);
      assert_int_equal(remove(path), 0);
    }
  }
}

typedef struct Reader {
  const char *path;
  LacText bytes;
} Reader;

static void read_fifo(void *context) {
  Reader *reader = context;
  char block[4096];
  FILE *file = fopen(reader->path, "rb");
  for (size_t n; file && (n = fread(block, 1, sizeof block, file)) > 0;)
    lac_text_append_bytes(&reader->bytes, block, n);
  if (file)
    fclose(file);
}

/* A pipe gets the same WAV and AIFF bytes as a file, and FLAC that decodes (without the MD5, which comes last). */
static void test_fifo(void **state) {
  (void)state;
  for (size_t k = 0; k < sizeof cases / sizeof *cases; ++k) {
    const LacSinkFormat format = format_of(&cases[k], 2, FIXTURE_FRAMES);
    Reader reader = {.path = fixture_path("fifo")};
    LacThread *thread = NULL;
    LacSink *sink = NULL;
    LacError error = {0};
    assert_int_equal(mkfifo(reader.path, 0600), 0);
    assert_int_equal(lac_thread_start(&thread, read_fifo, &reader), LAC_OK);
    assert_int_equal(lac_sink_open(reader.path, true, &format, &sink, NULL, &error), LAC_OK);
    assert_null(lac_sink_temporary_path(sink));
    write_frames(sink, &format, 0, FIXTURE_FRAMES, 4096);
    assert_int_equal(lac_sink_commit(sink, &error), LAC_OK);
    lac_thread_join(thread);
    if (cases[k].container != LAC_CONTAINER_FLAC) {
      write_file(fixture_path("file"), &format, 4096, NULL);
      LacText file = fixture_load(fixture_path("file"));
      assert_int_equal(reader.bytes.length, file.length);
      assert_memory_equal(reader.bytes.bytes, file.bytes, file.length);
      lac_text_clear(&file);
    }
    Decoded decoded = fixture_decode_bytes(&reader.bytes);
    assert_int_equal(decoded.status, LAC_OK);
    assert_int_equal(decoded.notes.count, 0);
    check_samples(&decoded, &format);
    fixture_free(&decoded);
    lac_text_clear(&reader.bytes);
    assert_int_equal(remove(reader.path), 0);
  }
}

static void test_container_from_path(void **state) {
  (void)state;
  static const struct {
    const char *path;
    LacStatus status;
    LacContainer container;
  } rows[] = {{"a.wav", LAC_OK, LAC_CONTAINER_WAV},
              {"x/y.z/A.WAV", LAC_OK, LAC_CONTAINER_WAV},
              {"-", LAC_OK, LAC_CONTAINER_WAV},
              {"a.Aif", LAC_OK, LAC_CONTAINER_AIFF},
              {"a.aiff", LAC_OK, LAC_CONTAINER_AIFF},
              {"a.wav.flac", LAC_OK, LAC_CONTAINER_FLAC},
              {"a.mp3", LAC_ERR_USAGE, 0},
              {"wav", LAC_ERR_USAGE, 0},
              {"", LAC_ERR_USAGE, 0},
              {"a.wav/b", LAC_ERR_USAGE, 0}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
    LacContainer container = LAC_CONTAINER_WAV;
    assert_int_equal(lac_container_from_path(rows[i].path, &container), rows[i].status);
    if (!rows[i].status)
      assert_int_equal(container, rows[i].container);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_round_trip),
      cmocka_unit_test(test_bytes_do_not_depend_on_blocks),
      cmocka_unit_test(test_tags),
      cmocka_unit_test(test_wave_bytes),
      cmocka_unit_test(test_rf64_border),
      cmocka_unit_test(test_rf64_file),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_own_mistakes),
      cmocka_unit_test(test_finish_then_commit),
      cmocka_unit_test(test_container_from_path),
      cmocka_unit_test(test_fifo),
  };
  return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
