/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Every allocation and every write fails in turn: the failure is said, nothing leaks, no file appears. Only in
 * builds with -Dfaults=true. */

#include "media_fixture.h"

#include "core/faults.h"
#include "media/byte_order.h"

#include <sndfile.h>
#include <string.h>
#include <sys/stat.h>

enum { FRAMES = 12000, MOST_FAULTS = 100000 };

static void add_tags(LacTags *tags) {
  assert_int_equal(lac_tags_add(tags, "TITLE", "T"), LAC_OK);
  assert_int_equal(lac_tags_add(tags, "TRACKNUMBER", "1"), LAC_OK);
  assert_int_equal(lac_tags_add(tags, "TRACKTOTAL", "9"), LAC_OK);
  assert_int_equal(lac_tags_add(tags, "ISRC", "X"), LAC_OK);
}

static LacStatus write_file(LacContainer container, const char *path, const LacTags *tags, LacNotes *notes,
                            LacError *error) {
  static int32_t left[FRAMES], right[FRAMES];
  const int32_t *const channels[2] = {left, right};
  const LacSinkFormat format = {
      .container = container, .rate_hz = 44100, .n_channels = 2, .bits = 24, .n_frames = FRAMES, .tags = tags};
  LacSink *sink = NULL;
  for (uint64_t i = 0; i < FRAMES; ++i)
    left[i] = fixture_integer(0, i, 24), right[i] = fixture_integer(1, i, 24);
  LacStatus status = lac_sink_open(path, true, &format, &sink, notes, error);
  if (status) {
    assert_null(sink);
    return status;
  }
  status = lac_sink_write_integers(sink, channels, FRAMES, error);
  if (!status)
    return lac_sink_commit(sink, error);
  lac_sink_abort(sink);
  return status;
}

static void test_sink_allocations(void **state) {
  (void)state;
  LacTags tags = {0};
  add_tags(&tags);
  for (LacContainer container = LAC_CONTAINER_WAV; container <= LAC_CONTAINER_FLAC; ++container) {
    long k = 1;
    for (bool is_hit = true; is_hit && k < MOST_FAULTS; ++k) {
      LacNotes notes = {0};
      LacError error = {0};
      struct stat info;
      const char *path = fixture_path("faulty");
      lac_faults_fail_allocation(k);
      const LacStatus status = write_file(container, path, &tags, &notes, &error);
      is_hit = lac_faults_hit();
      lac_faults_fail_allocation(0);
      assert_int_equal(status, is_hit ? LAC_ERR_MEMORY : LAC_OK);
      assert_string_equal(error.code, is_hit ? "MEMORY" : "");
      assert_int_equal(stat(path, &info) != 0, is_hit);
      lac_notes_free(&notes);
      remove(path);
    }
    assert_true(k > 3);
  }
  lac_tags_free(&tags);
}

static void test_sink_writes(void **state) {
  (void)state;
  for (LacContainer container = LAC_CONTAINER_WAV; container <= LAC_CONTAINER_FLAC; ++container) {
    for (LacWriteFault kind = LAC_FAULT_ENOSPC; kind <= LAC_FAULT_SHORT; ++kind) {
      bool is_hit = true;
      for (long k = 1; is_hit && k < MOST_FAULTS; ++k) {
        LacError error = {0};
        const char *path = fixture_path("faulty");
        lac_faults_fail_write(k, kind);
        const LacStatus status = write_file(container, path, NULL, NULL, &error);
        is_hit = lac_faults_hit();
        lac_faults_fail_write(0, kind);
        /* The sync of the folder is the last call: then the file is there, but its safety is not confirmed. */
        if (is_hit)
          assert_true(status == (kind == LAC_FAULT_EIO ? LAC_ERR_WRITE : LAC_ERR_NO_SPACE));
        else
          assert_int_equal(status, LAC_OK);
        struct stat info;
        if (is_hit && strcmp(error.code, "OUTPUT_UNCONFIRMED") != 0)
          assert_int_not_equal(stat(path, &info), 0);
        remove(path);
      }
      assert_false(is_hit);
    }
  }
}

static LacText sndfile_bytes(int format) {
  SF_INFO info = {.samplerate = 48000, .channels = 2, .format = format};
  float block[2 * FRAMES];
  SNDFILE *file = sf_open(fixture_path("seed"), SFM_WRITE, &info);
  assert_non_null(file);
  for (uint64_t i = 0; i < 2 * FRAMES; ++i)
    block[i] = (float)fixture_integer((unsigned)(i % 2), i / 2, 24) / 16777216;
  sf_set_string(file, SF_STR_TITLE, "Title");
  assert_int_equal(sf_writef_float(file, block, FRAMES), FRAMES);
  assert_int_equal(sf_close(file), 0);
  return fixture_load(fixture_path("seed"));
}

static LacStatus decode(const LacText *file, LacNotes *notes, LacError *error) {
  static float left[4096], right[4096];
  float *const channels[2] = {left, right};
  LacSource *source = NULL;
  LacStatus status = lac_source_open_bytes(file->bytes, file->length, "mix", &source, notes, error);
  for (uint32_t n = 1; n > 0 && !status;)
    status = lac_source_read(source, channels, 4096, &n, notes, error);
  if (!status)
    status = lac_source_rewind(source, error);
  lac_source_close(source);
  return status;
}

static void fail_each_allocation(LacText file) {
  bool is_hit = true;
  for (long k = 1; is_hit && k < MOST_FAULTS; ++k) {
    LacNotes notes = {0};
    LacError error = {0};
    lac_faults_fail_allocation(k);
    const LacStatus status = decode(&file, &notes, &error);
    is_hit = lac_faults_hit();
    lac_faults_fail_allocation(0);
    if (status && !(is_hit && status == LAC_ERR_MEMORY && strcmp(error.code, "MEMORY") == 0))
      fail_msg("allocation %ld: %d %s %s", k, (int)status, error.code, error.text);
    lac_notes_free(&notes);
  }
  assert_false(is_hit);
  lac_text_clear(&file);
}

static void test_source_allocations(void **state) {
  (void)state;
  static const int formats[] = {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS,
                                SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, SF_FORMAT_CAF | SF_FORMAT_PCM_32};
  LacTags tags = {0};
  add_tags(&tags);
  for (LacContainer container = LAC_CONTAINER_WAV; container <= LAC_CONTAINER_FLAC; ++container) {
    assert_int_equal(write_file(container, fixture_path("good"), &tags, NULL, NULL), LAC_OK);
    LacText file = fixture_load(fixture_path("good"));
    fixture_chunk(&file, "iXML", 4, "abcd", 4, container == LAC_CONTAINER_AIFF);
    fail_each_allocation(file);
    file = fixture_load(fixture_path("good"));
    file.length = file.length * 2 / 3; /* truncated: the note is made, too */
    fail_each_allocation(file);
  }
  for (size_t i = 0; i < sizeof formats / sizeof *formats; ++i)
    fail_each_allocation(sndfile_bytes(formats[i]));
  lac_tags_free(&tags);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_sink_allocations),
      cmocka_unit_test(test_sink_writes),
      cmocka_unit_test(test_source_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
