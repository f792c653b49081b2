/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Tag names and encodings, Vorbis comments and ID3 of every version. */

#include "media_fixture.h"

#include "core/memory.h"
#include "media/byte_order.h"
#include "media/id3.h"
#include "media/vorbis_comment.h"

#include <stdio.h>
#include <string.h>

typedef struct Read {
  LacTags tags;
  LacNotes extras;
  LacTagReader reader;
} Read;

static void start(Read *read) {
  *read = (Read){0};
  read->reader = (LacTagReader){.tags = &read->tags, .extras = &read->extras};
}

static void end(Read *read) {
  lac_tags_free(&read->tags);
  lac_notes_free(&read->extras);
}

static void take(Read *read, const char *key, const char *text) {
  assert_int_equal(lac_tag_take(&read->reader, key, text, strlen(text)), LAC_OK);
}

static void test_add(void **state) {
  (void)state;
  LacTags tags = {0}, copy = {0};
  assert_int_equal(lac_tags_add(&tags, "title", "x"), LAC_OK);
  assert_string_equal(tags.items[0].key, "TITLE");
  assert_int_equal(lac_tags_add(&tags, "", "x"), LAC_ERR_USAGE);
  assert_int_equal(lac_tags_add(&tags, "A=B", "x"), LAC_ERR_USAGE);
  assert_int_equal(lac_tags_add(&tags, "A\n", "x"), LAC_ERR_USAGE);
  assert_int_equal(lac_tags_add(&tags, "A", "\xff"), LAC_ERR_USAGE);
  assert_int_equal(lac_tags_add(&tags, "A", "\xed\xa0\x80"), LAC_ERR_USAGE);
  assert_int_equal(tags.count, 1);
  assert_int_equal(lac_tags_copy(&copy, &tags), LAC_OK);
  assert_int_equal(copy.count, 1);
  lac_tags_free(&copy);
  lac_tags_free(&copy);
  lac_tags_free(&tags);
  lac_tags_free(NULL);
}

static void test_take(void **state) {
  (void)state;
  Read read;
  start(&read);
  take(&read, "Title", "  a title \r\nline\x01 ");
  take(&read, "TITLE", "a title \nline ");
  take(&read, "year", "1999");
  take(&read, "TRACKNUMBER", "3/12");
  take(&read, "DISCNUMBER", " 1 / 2 ");
  take(&read, "COMMENT", "caf\xe9");
  take(&read, "ARTIST", "   ");
  take(&read, "B\xc3\xa4", "bad name");
  take(&read, "encoder", "Tool 3");
  take(&read, "replaygain_track_gain", "-6 dB");
  take(&read, "R128_TRACK_GAIN", "-6");
  take(&read, "metadata_block_picture", "AAAA");
  take(&read, "CoverArtMime", "image/png");
  take(&read, "CUESHEET", "FILE x");
  assert_string_equal(fixture_tag(&read.tags, "TITLE"), "a title \nline");
  assert_string_equal(fixture_tag(&read.tags, "DATE"), "1999");
  assert_string_equal(fixture_tag(&read.tags, "TRACKNUMBER"), "3");
  assert_string_equal(fixture_tag(&read.tags, "TRACKTOTAL"), "12");
  assert_string_equal(fixture_tag(&read.tags, "DISCNUMBER"), "1");
  assert_string_equal(fixture_tag(&read.tags, "DISCTOTAL"), "2");
  assert_string_equal(fixture_tag(&read.tags, "COMMENT"), "café");
  assert_int_equal(read.tags.count, 7);
  assert_int_equal(read.extras.count, 3); /* ReplayGain, picture, cue sheet: each said once */
  end(&read);
}

static void test_limits(void **state) {
  (void)state;
  Read read;
  start(&read);
  char key[16];
  for (int i = 0; i < 2000; ++i) {
    snprintf(key, sizeof key, "KEY%d", i);
    take(&read, key, "value");
  }
  assert_int_equal(read.tags.count, 512);
  assert_int_equal(read.extras.count, 1);
  char *big = lac_calloc(2 << 20, 1);
  assert_non_null(big);
  memset(big, 'x', (2 << 20) - 1);
  take(&read, "LYRICS", big);
  assert_int_equal(read.tags.count, 512);
  assert_int_equal(read.extras.count, 2);
  lac_free(big);
  end(&read);
}

/* Lengths that lie, cut blocks, pictures in comments. */
static void test_vorbis_comment(void **state) {
  (void)state;
  LacText block = {0};
  fixture_u32(&block, 3, false);
  lac_text_append(&block, "abc");
  fixture_u32(&block, 5, false);
  static const char *const comments[] = {"TITLE=T=x", "noequals", "=x", "METADATA_BLOCK_PICTURE=AAAA", "isrc=XX"};
  for (int i = 0; i < 5; ++i) {
    fixture_u32(&block, (uint32_t)strlen(comments[i]), false);
    lac_text_append(&block, comments[i]);
  }
  for (size_t n = 0; n <= block.length; ++n) {
    Read read;
    start(&read);
    uint8_t *copy = lac_alloc(n ? n : 1, 1); /* exact, so that a sanitizer sees the first byte too far */
    memcpy(copy, block.bytes, n);
    assert_int_equal(lac_vorbis_comment_read(copy, n, &read.reader), LAC_OK);
    lac_free(copy);
    assert_true(read.tags.count <= 2 && read.extras.count <= 1);
    if (n == block.length) {
      assert_int_equal(read.tags.count, 2);
      assert_string_equal(fixture_tag(&read.tags, "TITLE"), "T=x");
      assert_string_equal(fixture_tag(&read.tags, "ISRC"), "XX");
      assert_true(fixture_says(&read.extras, "META_DROPPED", "cover picture"));
    }
    end(&read);
  }
  Read read;
  start(&read);
  lac_put_u32((uint8_t *)block.bytes, UINT32_MAX, false);
  assert_int_equal(lac_vorbis_comment_read((const uint8_t *)block.bytes, block.length, &read.reader), LAC_OK);
  assert_int_equal(read.tags.count, 0);
  end(&read);
  lac_text_clear(&block);
}

static void frame(LacText *tag, int version, const char *id, const char *body, size_t n_bytes, unsigned flags) {
  lac_text_append_bytes(tag, id, version == 2 ? 3 : 4);
  uint8_t head[6] = {0};
  if (version == 2) {
    lac_put_u32(head, (uint32_t)n_bytes << 8, true);
    lac_text_append_bytes(tag, (const char *)head, 3);
  } else {
    lac_put_u32(head, version == 4 ? (uint32_t)((n_bytes & 127) | (n_bytes >> 7) << 8) : (uint32_t)n_bytes, true);
    head[5] = (uint8_t)flags;
    lac_text_append_bytes(tag, (const char *)head, 6);
  }
  lac_text_append_bytes(tag, body, n_bytes);
}

static Read read_id3(LacText *frames, int version, unsigned flags) {
  Read read;
  LacText file = {0};
  LacInput *input = NULL;
  const uint32_t n = (uint32_t)frames->length;
  const char head[10] = {
      'I', 'D', '3', (char)version, 0, (char)flags, 0, (char)(n >> 14 & 127), (char)(n >> 7 & 127), (char)(n & 127)};
  lac_text_append_bytes(&file, head, 10);
  lac_text_append_bytes(&file, frames->bytes, frames->length);
  start(&read);
  assert_int_equal(lac_input_from_bytes(file.bytes, file.length, &input), LAC_OK);
  assert_int_equal(lac_id3_size(input, 0), file.length);
  assert_int_equal(lac_id3_read(input, 0, UINT64_MAX, &read.reader), LAC_OK);
  lac_input_close(input);
  lac_text_clear(&file);
  lac_text_clear(frames);
  read.reader = (LacTagReader){0}; /* it points into this frame */
  return read;
}

#define FRAME(tag, version, id, literal, flags) frame(tag, version, id, literal, sizeof(literal) - 1, flags)

static void test_id3(void **state) {
  (void)state;
  LacText tag = {0};
  FRAME(&tag, 3, "TIT2",
        "\1\xff\xfe"
        "A\0\x3d\xd8\x00\xde"
        "\0\0",
        0); /* UTF-16 with a pair of surrogates */
  FRAME(&tag, 3, "TPE1", "\0J\xf6rg", 0);
  FRAME(&tag, 3, "TRCK",
        "\0"
        "4/9",
        0);
  FRAME(&tag, 3, "TYER",
        "\0"
        "1987",
        0);
  FRAME(&tag, 3, "TCON", "\0(17)", 0);
  FRAME(&tag, 3, "COMM", "\0engiTunNORM\0 0000", 0);
  FRAME(&tag, 3, "COMM", "\0eng\0hello", 0);
  FRAME(&tag, 3, "TXXX",
        "\0BARCODE\0"
        "123",
        0);
  FRAME(&tag, 3, "TXXX", "\0replaygain_track_gain\0-1 dB", 0);
  FRAME(&tag, 3, "APIC", "\0image/png\0\3\0xxxx", 0);
  FRAME(&tag, 3, "TALB", "\0compressed", 0x80);
  FRAME(&tag, 3, "PRIV", "\7\7\7", 0);
  Read read = read_id3(&tag, 3, 0);
  assert_string_equal(fixture_tag(&read.tags, "TITLE"), "A\xf0\x9f\x98\x80");
  assert_string_equal(fixture_tag(&read.tags, "ARTIST"), "Jörg");
  assert_string_equal(fixture_tag(&read.tags, "TRACKNUMBER"), "4");
  assert_string_equal(fixture_tag(&read.tags, "TRACKTOTAL"), "9");
  assert_string_equal(fixture_tag(&read.tags, "DATE"), "1987");
  assert_string_equal(fixture_tag(&read.tags, "COMMENT"), "hello");
  assert_string_equal(fixture_tag(&read.tags, "BARCODE"), "123");
  assert_int_equal(read.tags.count, 7);
  assert_int_equal(read.extras.count, 2);
  end(&read);

  char longer[300] = "\3"; /* more than 127 bytes: the size is syncsafe in v2.4, and plain by old iTunes */
  memset(longer + 1, 'x', 299);
  frame(&tag, 4, "TALB", longer, 300, 0);
  FRAME(&tag, 4, "TPE1", "\3One\0Two", 0);
  FRAME(&tag, 4, "TSRC", "\2\0U\0S", 0);
  FRAME(&tag, 4, "TIT2", "\0\0\0\6\3a\xff\0b", 3); /* length indicator, unsynchronised */
  read = read_id3(&tag, 4, 0);
  assert_int_equal(strlen(fixture_tag(&read.tags, "ALBUM")), 299);
  assert_string_equal(fixture_tag(&read.tags, "ISRC"), "US");
  assert_string_equal(fixture_tag(&read.tags, "TITLE"), "aÿb");
  assert_int_equal(read.tags.count, 5);
  assert_string_equal(read.tags.items[2].value, "Two");
  end(&read);

  frame(&tag, 3, "TALB", longer, 300, 0);
  FRAME(&tag, 4, "TPE1", "\3One", 0);
  read = read_id3(&tag, 4, 0);
  assert_int_equal(strlen(fixture_tag(&read.tags, "ALBUM")), 299);
  assert_string_equal(fixture_tag(&read.tags, "ARTIST"), "One");
  end(&read);

  FRAME(&tag, 2, "TT2", "\0Short", 0);
  FRAME(&tag, 2, "PIC", "\0PNG\3\0x", 0);
  read = read_id3(&tag, 2, 0);
  assert_string_equal(fixture_tag(&read.tags, "TITLE"), "Short");
  assert_int_equal(read.extras.count, 1);
  end(&read);
}

static void test_id3v1(void **state) {
  (void)state;
  char file[200] = {0};
  Read read;
  LacInput *input = NULL;
  memcpy(file + 72, "TAGOld title", 12);
  memset(file + 72 + 33, 'a', 30); /* not terminated */
  start(&read);
  assert_int_equal(lac_input_from_bytes(file, sizeof file, &input), LAC_OK);
  take(&read, "TITLE", "New title");
  assert_int_equal(lac_id3v1_read(input, &read.reader), LAC_OK);
  lac_input_close(input);
  assert_string_equal(fixture_tag(&read.tags, "TITLE"), "New title");
  assert_string_equal(fixture_tag(&read.tags, "ARTIST"), "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  assert_int_equal(read.tags.count, 2);
  end(&read);
}

/* A row per name, none twice: two tags must not end up in one chunk. */
static void test_table(void **state) {
  (void)state;
  for (const LacTagName *a = lac_tag_names; a->key; ++a) {
    for (const LacTagName *b = a + 1; b->key; ++b) {
      assert_string_not_equal(a->key, b->key);
      assert_true(!a->riff || !b->riff || strcmp(a->riff, b->riff) != 0);
      assert_true(!a->aiff || !b->aiff || strcmp(a->aiff, b->aiff) != 0);
      assert_string_not_equal(a->id3, b->id3);
    }
    assert_true(!a->riff || strlen(a->riff) == 4);
    assert_true(!a->aiff || strlen(a->aiff) == 4);
    if (a->riff)
      assert_ptr_equal(lac_tag_key(LAC_TAG_RIFF, a->riff), a->key);
    assert_ptr_equal(lac_tag_key(LAC_TAG_ID3_SHORT, a->id3_short), a->key);
  }
  assert_null(lac_tag_key(LAC_TAG_RIFF, "ISFT"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_add),    cmocka_unit_test(test_take),
      cmocka_unit_test(test_limits), cmocka_unit_test(test_vorbis_comment),
      cmocka_unit_test(test_id3),    cmocka_unit_test(test_id3v1),
      cmocka_unit_test(test_table),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
