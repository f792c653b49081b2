/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Small files of every format with each byte changed and cut at each place, and random bytes behind every magic:
 * nothing crashes, hangs, leaks or takes much memory (run it under the address sanitizer and valgrind). */

#include "media_fixture.h"

#include "core/random.h"
#include "media/byte_order.h"

#include <sndfile.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES = 600, MOST_FRAMES = 1 << 24 };

static LacText sndfile_bytes(int format, int rate_hz) {
  SF_INFO info = {.samplerate = rate_hz, .channels = 2, .format = format};
  const char *path = fixture_path("seed");
  SNDFILE *file = sf_open(path, SFM_WRITE, &info);
  if (!file)
    fail_msg("libsndfile cannot write format %x: %s", (unsigned)format, sf_strerror(NULL));
  float block[2 * FRAMES];
  for (uint64_t i = 0; i < 2 * FRAMES; ++i)
    block[i] = (float)fixture_integer((unsigned)(i % 2), i / 2, 24) / 16777216;
  sf_set_string(file, SF_STR_TITLE, "Title");
  assert_int_equal(sf_writef_float(file, block, FRAMES), FRAMES);
  sf_close(file);
  return fixture_load(path);
}

static LacText own_bytes(LacContainer container) {
  LacTags tags = {0};
  LacSinkFormat format = {
      .container = container, .rate_hz = 44100, .n_channels = 2, .bits = 16, .n_frames = 60, .tags = &tags};
  int32_t left[60], right[60];
  LacSink *sink = NULL;
  for (uint64_t i = 0; i < 60; ++i)
    left[i] = fixture_integer(0, i, 16), right[i] = fixture_integer(1, i, 12);
  assert_int_equal(lac_tags_add(&tags, "TITLE", "Title"), LAC_OK);
  assert_int_equal(lac_tags_add(&tags, "TRACKNUMBER", "1"), LAC_OK);
  assert_int_equal(lac_sink_open(fixture_path("own"), true, &format, &sink, NULL, NULL), LAC_OK);
  const int32_t *const channels[2] = {left, right};
  assert_int_equal(lac_sink_write_integers(sink, channels, 60, NULL), LAC_OK);
  assert_int_equal(lac_sink_commit(sink, NULL), LAC_OK);
  lac_tags_free(&tags);
  return fixture_load(fixture_path("own"));
}

/* Open and read to the end; the outcome is free, but it must be one of those that are promised. */
static void survive(const char *bytes, size_t n_bytes) {
  LacSource *source = NULL;
  LacNotes notes = {0};
  LacError error = {0};
  const LacStatus status = lac_source_open_bytes(bytes, n_bytes, "mix", &source, &notes, &error);
  if (status) {
    assert_null(source);
    assert_true(status == LAC_ERR_UNSUPPORTED || status == LAC_ERR_DAMAGED || status == LAC_ERR_CHANNELS ||
                status == LAC_ERR_EMPTY);
    assert_true(strncmp(error.code, "INPUT_", 6) == 0 && strncmp(error.text, "mix ", 4) == 0);
  } else {
    static float left[4096], right[4096];
    float *const channels[2] = {left, right};
    const LacMediaInfo *info = lac_source_info(source);
    assert_true(info->n_channels >= 1 && info->n_channels <= 2 && info->n_frames > 0);
    assert_true(info->rate_hz >= 8000 && info->rate_hz <= 384000);
    uint64_t total = 0;
    for (uint32_t n = 1; n > 0 && total < MOST_FRAMES; total += n)
      assert_int_equal(lac_source_read(source, channels, 4096, &n, &notes, &error), LAC_OK);
    assert_true(total < MOST_FRAMES); /* 600 frames cannot become millions */
    assert_int_equal(info->n_frames, total);
    assert_int_equal(lac_source_rewind(source, &error), LAC_OK);
    lac_source_close(source);
  }
  lac_notes_free(&notes);
}

static void change_every_byte(LacText *file, size_t step) {
  static const uint8_t changes[] = {0x00, 0xff, 0x7f, 0x80};
  assert_false(file->failed);
  for (size_t i = 0; i < file->length; i += i < 160 ? 1 : step) {
    const char before = file->bytes[i];
    for (size_t k = 0; k < sizeof changes; ++k) {
      file->bytes[i] = (char)changes[k];
      survive(file->bytes, file->length);
    }
    file->bytes[i] = (char)(before ^ (1 << (i % 8)));
    survive(file->bytes, file->length);
    file->bytes[i] = before;
  }
}

static void cut_everywhere(const LacText *file, size_t step) {
  for (size_t n = 0; n <= file->length; n += n < 160 ? 1 : step) {
    char *copy = test_malloc(n ? n : 1); /* exact, so that a byte too far is seen */
    if (n > 0)
      memcpy(copy, file->bytes, n);
    survive(copy, n);
    test_free(copy);
  }
}

static void attack(LacText file, size_t step) {
  survive(file.bytes, file.length);
  cut_everywhere(&file, step);
  change_every_byte(&file, step);
  lac_text_clear(&file);
}

static void test_wave(void **state) {
  (void)state;
  attack(own_bytes(LAC_CONTAINER_WAV), 7);
  attack(sndfile_bytes(SF_FORMAT_RF64 | SF_FORMAT_FLOAT, 44100), 97);
  attack(sndfile_bytes(SF_FORMAT_WAV | SF_FORMAT_ULAW, 44100), 97);
  attack(sndfile_bytes(SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 44100), 97);
}

static void test_aiff(void **state) {
  (void)state;
  attack(own_bytes(LAC_CONTAINER_AIFF), 7);
  attack(sndfile_bytes(SF_FORMAT_AIFF | SF_FORMAT_DOUBLE, 44100), 97);
}

static void test_flac(void **state) {
  (void)state;
  attack(own_bytes(LAC_CONTAINER_FLAC), 3);
}

static void test_ogg(void **state) {
  (void)state;
  attack(sndfile_bytes(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100), 211);
  attack(sndfile_bytes(SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000), 41);
}

/* Damaged first pages and chains whose later headers are damaged: where the usual libraries leak. */
static void test_ogg_chains(void **state) {
  (void)state;
  LacText opus = sndfile_bytes(SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000);
  LacText vorbis = sndfile_bytes(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100);
  for (int is_opus_first = 0; is_opus_first < 2; ++is_opus_first) {
    const LacText *first = is_opus_first ? &opus : &vorbis;
    for (size_t damage = 0; damage < 4200; damage += 37) {
      LacText chain = {0};
      lac_text_append_bytes(&chain, first->bytes, first->length);
      lac_text_append_bytes(&chain, vorbis.bytes, vorbis.length);
      if (is_opus_first)
        chain.bytes[22] ^= 1; /* the checksum of the first page is now wrong */
      if (first->length + damage < chain.length)
        chain.bytes[first->length + damage] ^= 0x10;
      survive(chain.bytes, chain.length);
      lac_text_clear(&chain);
    }
  }
  lac_text_clear(&opus);
  lac_text_clear(&vorbis);
}

static void test_mpeg(void **state) {
  (void)state;
  attack(sndfile_bytes(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100), 23);
}

static void test_others(void **state) {
  (void)state;
  attack(sndfile_bytes(SF_FORMAT_W64 | SF_FORMAT_PCM_16, 44100), 97);
  attack(sndfile_bytes(SF_FORMAT_CAF | SF_FORMAT_PCM_16, 44100), 97);
  attack(sndfile_bytes(SF_FORMAT_CAF | SF_FORMAT_ALAC_16, 44100), 97);
  attack(sndfile_bytes(SF_FORMAT_AU | SF_FORMAT_PCM_16, 44100), 97);
}

static void test_random(void **state) {
  (void)state;
  static const char magics[][13] = {"RIFF....WAVE", "RF64....WAVE", "FORM....AIFF", "FORM....AIFC", "fLaC", "OggS",
                                    "ID3\3",        "caff",         ".snd",         "\xff\xfb\x90", ""};
  static char bytes[3000];
  for (uint64_t seed = 0; seed < 300; ++seed) {
    const char *magic = magics[seed % (sizeof magics / sizeof *magics)];
    for (uint64_t i = 0; i < sizeof bytes; ++i)
      bytes[i] = (char)lac_random_u64(7, seed, i);
    memcpy(bytes, magic, strlen(magic));
    survive(bytes, sizeof bytes);
  }
}

/* Millions of empty chunks, a tag that promises 256 MB, a page of nothing: bounded time, bounded memory. */
static void test_bombs(void **state) {
  (void)state;
  enum { BIG = 8 << 20 };
  LacText bomb = {0};
  fixture_wave_head(&bomb, "RIFF", 1, 2, 44100, 16);
  while (bomb.length < BIG)
    fixture_chunk(&bomb, "abcd", 0, "", 0, false);
  survive(bomb.bytes, bomb.length);
  lac_text_clear(&bomb);
  lac_text_append_bytes(&bomb, "ID3\4\0\0\177\177\177\177", 10);
  while (bomb.length < BIG)
    lac_text_append_bytes(&bomb, "TIT2\0\0\0\1\0\0\3", 11);
  survive(bomb.bytes, bomb.length);
  lac_text_clear(&bomb);
  lac_text_append(&bomb, "fLaC");
  while (bomb.length < BIG)
    lac_text_append_bytes(&bomb, "\0\0\0\0", 4);
  survive(bomb.bytes, bomb.length);
  lac_text_clear(&bomb);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_wave),   cmocka_unit_test(test_aiff),       cmocka_unit_test(test_flac),
      cmocka_unit_test(test_ogg),    cmocka_unit_test(test_ogg_chains), cmocka_unit_test(test_mpeg),
      cmocka_unit_test(test_others), cmocka_unit_test(test_random),     cmocka_unit_test(test_bombs),
  };
  return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
