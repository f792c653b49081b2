/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "media_fixture.h"

#include "core/file.h"
#include "core/memory.h"
#include "media/byte_order.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { N = 301 };

/* The sample of `value` (64 bits, filled from the top) in n_bytes bytes. */
static void put_sample(LacText *text, uint64_t value, unsigned n_bytes, bool is_big) {
  for (unsigned i = 0; i < n_bytes; ++i) {
    const unsigned k = is_big ? i : n_bytes - 1 - i; /* from the most significant byte down */
    const char byte = (char)(value >> (56 - 8 * k));
    lac_text_append_bytes(text, &byte, 1);
  }
}

static uint64_t wide(unsigned channel, uint64_t frame) {
  return (uint64_t)(uint32_t)fixture_integer(channel, frame, 32) << 32 |
         (uint32_t)fixture_integer(channel + 9, frame, 32);
}

/* Every integer width of RIFF and RIFX: exact to 24 bits, rounded once beyond, and said so. */
static void test_integer_widths(void **state) {
  (void)state;
  static const unsigned widths[] = {5, 8, 12, 16, 20, 24, 32, 36, 45, 53, 64};
  for (size_t w = 0; w < sizeof widths / sizeof *widths; ++w) {
    for (unsigned variant = 0; variant < 4; ++variant) {
      const bool is_big = variant & 1;
      const unsigned n_channels = 1 + variant / 2, bits = widths[w], n_bytes = (bits + 7) / 8;
      LacText file = {0};
      fixture_wave_head(&file, is_big ? "RIFX" : "RIFF", 1, n_channels, 8000, bits);
      fixture_chunk(&file, "data", N * n_channels * n_bytes, "", 0, is_big);
      const uint64_t mask = ~UINT64_C(0) << (64 - bits), flip = bits <= 8 ? UINT64_C(1) << 63 : 0;
      for (uint64_t i = 0; i < N; ++i)
        for (unsigned c = 0; c < n_channels; ++c)
          put_sample(&file, (wide(c, i) & mask) ^ flip, n_bytes, is_big);
      Decoded decoded = fixture_decode_bytes(&file);
      assert_int_equal(decoded.status, LAC_OK);
      assert_int_equal(decoded.n_frames, N);
      assert_int_equal(decoded.info.bits, bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 24 ? 24 : bits <= 32 ? 32 : 64);
      assert_int_equal(lac_notes_has(&decoded.notes, "INPUT_ROUNDED"), bits > 24);
      assert_int_equal(decoded.notes.count, bits > 24);
      for (unsigned c = 0; c < n_channels; ++c)
        for (uint64_t i = 0; i < N; ++i)
          assert_true(decoded.samples[c][i] == (float)(int64_t)(wide(c, i) & mask) * 0x1p-63f);
      fixture_free(&decoded);
      lac_text_clear(&file);
    }
  }
}

static void test_floats(void **state) {
  (void)state;
  for (unsigned variant = 0; variant < 4; ++variant) {
    const bool is_big = variant & 1, is_double = variant & 2;
    LacText file = {0};
    fixture_wave_head(&file, is_big ? "RIFX" : "RIFF", 3, 1, 44100, is_double ? 64 : 32);
    fixture_chunk(&file, "data", N * (is_double ? 8 : 4), "", 0, is_big);
    for (uint64_t i = 0; i < N; ++i) {
      const float value = i == 100 ? NAN : i == 101 ? -INFINITY : fixture_float(0, i);
      const double value64 = (double)value * (1 + 1e-12);
      uint64_t bits = 0;
      uint32_t bits32;
      memcpy(&bits, &value64, 8);
      memcpy(&bits32, &value, 4);
      put_sample(&file, is_double ? bits : (uint64_t)bits32 << 32, is_double ? 8 : 4, is_big);
    }
    Decoded decoded = fixture_decode_bytes(&file);
    assert_int_equal(decoded.status, LAC_OK);
    assert_true(decoded.info.is_float);
    assert_string_equal(decoded.info.codec, "float");
    assert_int_equal(lac_notes_has(&decoded.notes, "INPUT_ROUNDED"), is_double);
    for (uint64_t i = 0; i < N; ++i) {
      const float got = decoded.samples[0][i], want = fixture_float(0, i);
      assert_true(i == 100 ? isnan(got) : i == 101 ? got == -INFINITY : memcmp(&got, &want, 4) == 0);
    }
    fixture_free(&decoded);
    lac_text_clear(&file);
  }
}

static void append_ramp(LacText *file, uint32_t n_bytes) {
  for (uint32_t i = 0; i < n_bytes; ++i) {
    const char byte = (char)(1 + i % 100);
    lac_text_append_bytes(file, &byte, 1);
  }
}

static Decoded decode_and_clear(LacText *file) {
  const Decoded decoded = fixture_decode_bytes(file);
  lac_text_clear(file);
  return decoded;
}

static void check_frames(LacText *file, uint64_t n_frames, const char *code, const char *piece) {
  Decoded decoded = decode_and_clear(file);
  assert_int_equal(decoded.status, LAC_OK);
  assert_int_equal(decoded.n_frames, n_frames);
  assert_int_equal(decoded.info.n_frames, n_frames);
  assert_int_equal(decoded.notes.count, code ? 1 : 0);
  assert_true(!code || fixture_says(&decoded.notes, code, piece));
  assert_true(decoded.samples[0][0] == (float)(1 | 2 << 8) / 32768);
  fixture_free(&decoded);
}

static void check_refused(LacText *file, LacStatus status, const char *code, const char *piece) {
  Decoded decoded = decode_and_clear(file);
  assert_int_equal(decoded.status, status);
  assert_string_equal(decoded.error.code, code);
  assert_non_null(strstr(decoded.error.text, piece));
  assert_memory_equal(decoded.error.text, "mix ", 4);
  fixture_free(&decoded);
}

/* 16-bit stereo at 44.1 kHz with a data chunk that promises `promised` bytes and has `present`. */
static LacText wave_of(const char *id, uint32_t promised, uint32_t present) {
  LacText file = {0};
  fixture_wave_head(&file, id, 1, 2, 44100, 16);
  fixture_chunk(&file, "data", promised, "", 0, false);
  append_ramp(&file, present);
  return file;
}

static void test_wave_lengths(void **state) {
  (void)state;
  LacText file = wave_of("RIFF", 4000, 4000);
  check_frames(&file, 1000, NULL, NULL);
  file = wave_of("RIFF", 176400 * 192, 176400);
  check_frames(&file, 44100, "INPUT_TRUNCATED",
               "mix ends at 0:01 but its header promises 3:12. The part that exists was used.");
  file = wave_of("RIFF", 176400 / 2, 4001);
  check_frames(&file, 1000, "INPUT_TRUNCATED", "ends at 0:00.022 but its header promises 0:00.500");
  file = wave_of("RIFF", UINT32_MAX - 1, 4000); /* claims 4 GB */
  check_frames(&file, 1000, "INPUT_TRUNCATED", "promises 6:45:47");
  file = wave_of("RIFF", UINT32_MAX, 4000); /* what a pipe writes */
  check_frames(&file, 1000, NULL, NULL);
  file = wave_of("RF64", UINT32_MAX, 4000); /* ds64 forgotten */
  check_frames(&file, 1000, NULL, NULL);
  file = wave_of("RIFF", 0, 4000); /* a recorder that lost power */
  check_frames(&file, 1000, "INPUT_TRUNCATED", "never completed");
  file = wave_of("RIFF", 4003, 4003); /* ends inside a frame */
  check_frames(&file, 1000, NULL, NULL);
  file = wave_of("RIFF", 0, 0);
  check_refused(&file, LAC_ERR_EMPTY, "INPUT_EMPTY", "0 samples");
  file = wave_of("RIFF", 3, 3);
  check_refused(&file, LAC_ERR_EMPTY, "INPUT_EMPTY", "0 samples");
  file = wave_of("RIFF", 176400, 0);
  check_refused(&file, LAC_ERR_EMPTY, "INPUT_EMPTY", "its header promises 0:01");
  file = wave_of("RIFF", 0, 0);
  fixture_chunk(&file, "LIST", 4, "INFO", 4, false);
  check_refused(&file, LAC_ERR_EMPTY, "INPUT_EMPTY", "0 samples");
}

static void append_ds64(LacText *file, uint64_t data_bytes) {
  uint8_t body[28] = {0};
  lac_put_u64(body + 8, data_bytes, false);
  fixture_chunk(file, "ds64", 28, body, 28, false);
}

static void test_wave_64(void **state) {
  (void)state;
  static const char *const ids[] = {"RF64", "BW64"};
  for (int k = 0; k < 2; ++k) {
    for (int lie = 0; lie < 3; ++lie) {
      LacText file = {0}, rest = wave_of(ids[k], UINT32_MAX, 4000);
      lac_text_append_bytes(&file, rest.bytes, 12);
      append_ds64(&file, lie == 0 ? 4000 : lie == 1 ? 176400 : UINT64_MAX - 3);
      lac_text_append_bytes(&file, rest.bytes + 12, rest.length - 12);
      lac_text_clear(&rest);
      check_frames(&file, 1000, lie ? "INPUT_TRUNCATED" : NULL, lie == 1 ? "promises 0:01" : "promises ");
    }
  }
}

static void test_wave_refusals(void **state) {
  (void)state;
  LacText file = {0};
  lac_text_append(&file, "");
  check_refused(&file, LAC_ERR_EMPTY, "INPUT_EMPTY", "empty (0 bytes)");
  lac_text_append(&file, "RIFF");
  check_refused(&file, LAC_ERR_UNSUPPORTED, "INPUT_UNSUPPORTED", "not a format Lacquer reads. Use WAV");
  lac_text_append(&file, "This is a text and no music at all. It goes on for a while.");
  check_refused(&file, LAC_ERR_UNSUPPORTED, "INPUT_UNSUPPORTED", "Use WAV, AIFF or FLAC");
  fixture_wave_head(&file, "RIFF", 1, 3, 44100, 16);
  fixture_chunk(&file, "data", 600, "", 0, false);
  append_ramp(&file, 600);
  check_refused(&file, LAC_ERR_CHANNELS, "INPUT_CHANNELS", "has 3 channels; Lacquer masters mono and stereo");
  fixture_wave_head(&file, "RIFF", 1, 2048, 44100, 16);
  check_refused(&file, LAC_ERR_EMPTY, "INPUT_EMPTY", "its data part is missing");
  fixture_wave_head(&file, "RIFF", 1, 65535, 44100, 64);
  fixture_chunk(&file, "data", UINT32_MAX, "", 0, false);
  append_ramp(&file, 600);
  check_refused(&file, LAC_ERR_CHANNELS, "INPUT_CHANNELS", "has 65535 channels");
  fixture_wave_head(&file, "RIFF", 1, 0, 44100, 16);
  fixture_chunk(&file, "data", 4, "abcd", 4, false);
  check_refused(&file, LAC_ERR_DAMAGED, "INPUT_DAMAGED", "0 channels");
  static const uint32_t rates_hz[] = {0, 1, 7999, 384001, UINT32_MAX};
  for (size_t i = 0; i < sizeof rates_hz / sizeof *rates_hz; ++i) {
    fixture_wave_head(&file, "RIFF", 1, 1, rates_hz[i], 16);
    fixture_chunk(&file, "data", 4, "abcd", 4, false);
    check_refused(&file, LAC_ERR_UNSUPPORTED, "INPUT_RATE", "Lacquer works from 8000 to 384000 Hz");
  }
  fixture_wave_head(&file, "RIFF", 1, 1, 44100, 0);
  fixture_chunk(&file, "data", 4, "abcd", 4, false);
  check_refused(&file, LAC_ERR_UNSUPPORTED, "INPUT_UNSUPPORTED", "0 bits");
  fixture_wave_head(&file, "RIFF", 1, 1, 44100, 16);
  fixture_chunk(&file, "LIST", 999999, "INFO", 4, false);
  check_refused(&file, LAC_ERR_DAMAGED, "INPUT_DAMAGED", "longer than the file");
  fixture_chunk(&file, "RIFF", 100, "WAVE", 4, false);
  fixture_chunk(&file, "data", 4, "abcd", 4, false);
  check_refused(&file, LAC_ERR_DAMAGED, "INPUT_DAMAGED", "fmt ");
}

/* WAVE_FORMAT_EXTENSIBLE: 24 valid bits in 32. */
static void test_extensible(void **state) {
  (void)state;
  static const uint8_t tail[] = {22, 0, 24,   0, 3,    0, 0, 0,    1, 0,    0,    0,
                                 0,  0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71};
  LacText file = {0};
  fixture_wave_head(&file, "RIFF", 0xfffe, 2, 48000, 32);
  lac_text_append_bytes(&file, (const char *)tail, sizeof tail);
  lac_put_u32((uint8_t *)file.bytes + 16, 40, false);
  fixture_chunk(&file, "data", N * 8, "", 0, false);
  for (uint64_t i = 0; i < N; ++i)
    for (unsigned c = 0; c < 2; ++c)
      fixture_u32(&file, (uint32_t)fixture_integer(c, i, 24) << 8, false);
  Decoded decoded = decode_and_clear(&file);
  assert_int_equal(decoded.status, LAC_OK);
  assert_int_equal(decoded.info.bits, 24);
  assert_int_equal(decoded.notes.count, 0);
  for (uint64_t i = 0; i < N; ++i)
    assert_true(decoded.samples[1][i] == (float)fixture_integer(1, i, 24) / 8388608);
  fixture_free(&decoded);
}

/* Chunks around the data, one without its padding byte, and what is said about them. */
static void test_wave_extras(void **state) {
  (void)state;
  LacText file = {0};
  const uint8_t two[8] = {2};
  fixture_wave_head(&file, "RIFF", 1, 1, 44100, 16);
  fixture_chunk(&file, "JUNK", 4, "abcd", 4, false);
  fixture_chunk(&file, "bext", 5, "abcde", 5, false); /* not padded */
  fixture_chunk(&file, "cue ", 8, two, 8, false);
  fixture_chunk(&file, "data", 3, "ab\1", 4, false);
  fixture_chunk(&file, "iXML", 6, "<ixml>", 6, false);
  fixture_chunk(&file, "abcd", 2, "xx", 2, false);
  fixture_chunk(&file, "LIST", 4 + 8 + 6 + 8 + 4 + 8 + 4, "INFO", 4, false);
  fixture_chunk(&file, "IART", 5, "J\xf6rg\0", 6, false); /* Latin-1 */
  fixture_chunk(&file, "ISFT", 4, "Tool", 4, false);
  fixture_chunk(&file, "IPRT", 4, "2/9", 4, false);
  Decoded decoded = decode_and_clear(&file);
  assert_int_equal(decoded.status, LAC_OK);
  assert_int_equal(decoded.n_frames, 1);
  assert_int_equal(decoded.extras.count, 4);
  assert_true(fixture_says(&decoded.extras, "META_DROPPED", "broadcast description"));
  assert_true(fixture_says(&decoded.extras, "META_DROPPED", "2 cue markers"));
  assert_true(fixture_says(&decoded.extras, "META_DROPPED", "iXML"));
  assert_true(fixture_says(&decoded.extras, "META_DROPPED", "\"abcd\" chunk"));
  assert_int_equal(decoded.tags.count, 3);
  assert_string_equal(fixture_tag(&decoded.tags, "ARTIST"), "Jörg");
  assert_string_equal(fixture_tag(&decoded.tags, "TRACKNUMBER"), "2");
  assert_string_equal(fixture_tag(&decoded.tags, "TRACKTOTAL"), "9");
  fixture_free(&decoded);
}

static LacText aiff_of(const char *type, unsigned bits, uint32_t n_promised, uint32_t sound_bytes, uint32_t n_bytes) {
  static const uint8_t rate[10] = {0x40, 0x0e, 0xac, 0x44}; /* 44100 */
  LacText file = {0};
  fixture_chunk(&file, "FORM", 0, type ? "AIFC" : "AIFF", 4, true);
  fixture_chunk(&file, "COMM", type ? 24 : 18, "", 0, true);
  fixture_u16(&file, 1, true);
  fixture_u32(&file, n_promised, true);
  fixture_u16(&file, bits, true);
  lac_text_append_bytes(&file, (const char *)rate, 10);
  if (type)
    lac_text_append_bytes(&file, type, 4), lac_text_append_bytes(&file, "\1 ", 2);
  fixture_chunk(&file, "NAME", 3, "Abc\0", 4, true);
  fixture_chunk(&file, "SSND", sound_bytes, "\0\0\0\0\0\0\0\0", 8, true);
  append_ramp(&file, n_bytes);
  return file;
}

static void test_aiff(void **state) {
  (void)state;
  static const struct {
    const char *type;
    unsigned bits;
    const char *codec;
    float first;
  } rows[] = {{NULL, 8, "pcm", 1.0f / 128},
              {NULL, 16, "pcm", 258.0f / 32768},
              {"sowt", 16, "pcm", 513.0f / 32768},
              {NULL, 24, "pcm", 66051.0f / 8388608},
              {"NONE", 32, "pcm", 16909060.0f / 2147483648.0f},
              {"raw ", 8, "pcm", -127.0f / 128},
              {"fl32", 32, "float", 2.38793926e-38f}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; ++k) {
    LacText file = aiff_of(rows[k].type, rows[k].bits, 50, 8 + 50 * rows[k].bits / 8, 50 * rows[k].bits / 8);
    Decoded decoded = decode_and_clear(&file);
    assert_int_equal(decoded.status, LAC_OK);
    assert_int_equal(decoded.n_frames, 50);
    assert_int_equal(decoded.info.rate_hz, 44100);
    assert_string_equal(decoded.info.container, "aiff");
    assert_string_equal(decoded.info.codec, rows[k].codec);
    assert_true(decoded.samples[0][0] == rows[k].first);
    assert_string_equal(fixture_tag(&decoded.tags, "TITLE"), "Abc");
    fixture_free(&decoded);
  }
  LacText file = aiff_of(NULL, 16, 88200, 8 + 176400, 88200);
  Decoded decoded = decode_and_clear(&file);
  assert_int_equal(decoded.n_frames, 44100);
  assert_true(fixture_says(&decoded.notes, "INPUT_TRUNCATED", "ends at 0:01 but its header promises 0:02"));
  fixture_free(&decoded);
  file = aiff_of(NULL, 16, 0xffffffff, 0, 88200); /* claims 27 hours, and no size */
  decoded = decode_and_clear(&file);
  assert_int_equal(decoded.n_frames, 44100);
  assert_true(fixture_says(&decoded.notes, "INPUT_TRUNCATED", "promises 27:03:11"));
  fixture_free(&decoded);
  file = aiff_of(NULL, 16, 0, 8, 0);
  check_refused(&file, LAC_ERR_EMPTY, "INPUT_EMPTY", "0 samples");
  file = aiff_of(NULL, 65, 10, 8 + 100, 100);
  check_refused(&file, LAC_ERR_UNSUPPORTED, "INPUT_UNSUPPORTED", "65 bits");
  file = aiff_of(NULL, 16, 10, 28, 20);
  file.bytes[12] = 'X';
  check_refused(&file, LAC_ERR_DAMAGED, "INPUT_DAMAGED", "COMM");
}

static void test_paths(void **state) {
  (void)state;
  LacSource *source = NULL;
  LacError error = {0};
  assert_int_equal(lac_source_open(fixture_path("nothing.wav"), NULL, &source, NULL, &error), LAC_ERR_NOT_FOUND);
  assert_null(source);
  assert_int_not_equal(lac_source_open("/", NULL, &source, NULL, &error), LAC_OK);
  LacText file = wave_of("RIFF", 4000, 2000); /* notes and error may be NULL */
  assert_int_equal(lac_source_open_bytes(file.bytes, file.length, "mix", &source, NULL, NULL), LAC_OK);
  float left[600], right[600];
  float *const channels[2] = {left, right};
  uint32_t n;
  assert_int_equal(lac_source_read(source, channels, 600, &n, NULL, NULL), LAC_OK);
  assert_int_equal(n, 500);
  assert_int_equal(lac_source_read(source, channels, 600, &n, NULL, NULL), LAC_OK);
  assert_int_equal(n, 0);
  lac_source_close(source);
  lac_source_close(NULL);
  lac_text_clear(&file);
}

/* "-" is standard input, also when it is a pipe. */
static void test_standard_input(void **state) {
  (void)state;
  LacText file = wave_of("RIFF", 4000, 4000);
  int ends[2];
  const int before = dup(0);
  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], file.bytes, file.length), file.length);
  close(ends[1]);
  assert_int_equal(dup2(ends[0], 0), 0);
  close(ends[0]);
  Decoded decoded = fixture_decode_path("-");
  assert_int_equal(dup2(before, 0), 0);
  close(before);
  assert_int_equal(decoded.status, LAC_OK);
  assert_int_equal(decoded.n_frames, 1000);
  fixture_free(&decoded);
  lac_text_clear(&file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_integer_widths), cmocka_unit_test(test_floats),        cmocka_unit_test(test_wave_lengths),
      cmocka_unit_test(test_wave_64),        cmocka_unit_test(test_wave_refusals), cmocka_unit_test(test_extensible),
      cmocka_unit_test(test_wave_extras),    cmocka_unit_test(test_aiff),          cmocka_unit_test(test_paths),
      cmocka_unit_test(test_standard_input),
  };
  return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
