/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* FLAC, Vorbis, Opus, MP3 and what libsndfile reads besides, from files that libsndfile or we have just written. */

#include "media_fixture.h"

#include "core/memory.h"
#include "media/byte_order.h"

#include <FLAC/stream_encoder.h>
#include <sndfile.h>
#include <stdio.h>
#include <string.h>

enum { FRAMES = 48000 };

/* A chirp-like signal that a lossy codec keeps recognisable. */
static float signal_at(unsigned channel, uint64_t i) {
  const uint32_t phase = (uint32_t)(i * i * (2 + channel) * 400);
  const float triangle = (float)(int32_t)(phase ^ (phase & 0x80000000u ? 0xffffffffu : 0)) * 0x1p-30f - 1;
  return 0.25f * triangle;
}

static void write_frames(const char *path, int format, int rate_hz, int n_channels, uint64_t n_frames) {
  SF_INFO info = {.samplerate = rate_hz, .channels = n_channels, .format = format};
  SNDFILE *file = sf_open(path, SFM_WRITE, &info);
  if (!file)
    fail_msg("libsndfile cannot write format %x: %s", (unsigned)format, sf_strerror(NULL));
  sf_set_string(file, SF_STR_TITLE, "Étude");
  sf_set_string(file, SF_STR_ARTIST, "Somebody");
  float block[2 * 480];
  for (uint64_t at = 0; at < n_frames; at += 480) {
    for (int i = 0; i < 480 * n_channels; ++i)
      block[i] = signal_at((unsigned)(i % n_channels), at + (uint64_t)(i / n_channels));
    assert_int_equal(sf_writef_float(file, block, 480), 480);
  }
  assert_int_equal(sf_close(file), 0);
}

static void write_sndfile(const char *path, int format, int rate_hz, int n_channels) {
  write_frames(path, format, rate_hz, n_channels, FRAMES);
}

/* Squared error over squared signal, for the alignment the decoder promises. */
static double error_share(const Decoded *decoded) {
  double error = 0, energy = 0;
  for (unsigned c = 0; c < decoded->info.n_channels; ++c) {
    for (uint64_t i = 0; i < FRAMES; ++i) {
      const double want = (double)signal_at(c, i), got = i < decoded->n_frames ? (double)decoded->samples[c][i] : 0;
      error += (got - want) * (got - want);
      energy += want * want;
    }
  }
  return error / energy;
}

typedef struct LossyCase {
  int format, rate_hz;
  const char *container, *codec;
  uint64_t most_extra; /* frames a decoder may add at the end */
  bool is_aligned;
} LossyCase;

static void test_lossy(void **state) {
  (void)state;
  static const LossyCase rows[] = {
      {SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, "ogg", "vorbis", 0, true},
      {SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, "ogg", "opus", 0, true},
      {SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, "mp3", "mp3", 2304, false},
      {SF_FORMAT_WAV | SF_FORMAT_ULAW, 44100, "wav", "ulaw", 0, true},
      {SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, 44100, "wav", "ima-adpcm", 2048, true},
      {SF_FORMAT_AIFF | SF_FORMAT_ALAW, 44100, "aiff", "alaw", 0, true},
  };
  for (size_t k = 0; k < sizeof rows / sizeof *rows; ++k) {
    for (int n_channels = 1; n_channels <= 2; ++n_channels) {
      const char *path = fixture_path("lossy");
      write_sndfile(path, rows[k].format, rows[k].rate_hz, n_channels);
      Decoded decoded = fixture_decode_path(path); /* also proves that rewinding gives the same samples */
      assert_int_equal(decoded.status, LAC_OK);
      assert_string_equal(decoded.info.container, rows[k].container);
      assert_string_equal(decoded.info.codec, rows[k].codec);
      assert_true(decoded.info.is_lossy);
      assert_int_equal(decoded.info.bits, 0);
      assert_int_equal(decoded.info.n_channels, n_channels);
      assert_int_equal(decoded.info.rate_hz, rows[k].rate_hz);
      assert_int_equal(decoded.info.n_frames, decoded.n_frames);
      assert_true(decoded.n_frames >= FRAMES && decoded.n_frames <= FRAMES + rows[k].most_extra);
      assert_int_equal(decoded.notes.count, 0);
      if (rows[k].is_aligned)
        assert_true(error_share(&decoded) < 0.05);
      if (strcmp(rows[k].container, "ogg") == 0 || strcmp(rows[k].codec, "mp3") == 0) {
        assert_string_equal(fixture_tag(&decoded.tags, "TITLE"), "Étude");
        assert_string_equal(fixture_tag(&decoded.tags, "ARTIST"), "Somebody");
      }
      fixture_free(&decoded);
    }
  }
}

/* Vorbis does not tell its length: finding it takes a while for a long file, and ends when asked. */
static void test_stopped_while_opened(void **state) {
  (void)state;
  const char *path = fixture_path("stopped");
  LacCancel cancel = {0};
  LacSource *source = NULL;
  LacError error = {0};
  write_sndfile(path, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 2);
  assert_int_equal(lac_source_open(path, &cancel, &source, NULL, &error), LAC_OK);
  lac_source_close(source);
  atomic_store(&cancel.requested, true);
  assert_int_equal(lac_source_open(path, &cancel, &source, NULL, &error), LAC_ERR_CANCELLED);
  assert_null(source);
  assert_string_equal(error.code, "CANCELLED");
  write_sndfile(path, SF_FORMAT_WAV | SF_FORMAT_PCM_24, 44100, 2); /* tells it: nothing to stop */
  assert_int_equal(lac_source_open(path, &cancel, &source, NULL, &error), LAC_OK);
  lac_source_close(source);
}

static void test_other_containers(void **state) {
  (void)state;
  static const struct {
    int format;
    const char *container, *codec;
    unsigned bits;
  } rows[] = {
      {SF_FORMAT_W64 | SF_FORMAT_PCM_24, "w64", "pcm", 24},    {SF_FORMAT_CAF | SF_FORMAT_PCM_24, "caf", "pcm", 24},
      {SF_FORMAT_CAF | SF_FORMAT_ALAC_24, "caf", "alac", 24},  {SF_FORMAT_AU | SF_FORMAT_PCM_24, "au", "pcm", 24},
      {SF_FORMAT_AU | SF_FORMAT_DOUBLE, "au", "float", 64},    {SF_FORMAT_RF64 | SF_FORMAT_PCM_24, "wav", "pcm", 24},
      {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, "flac", "flac", 24}, {SF_FORMAT_WAVEX | SF_FORMAT_PCM_24, "wav", "pcm", 24},
      {SF_FORMAT_AIFF | SF_FORMAT_DOUBLE, "aiff", "float", 64}};
  for (size_t k = 0; k < sizeof rows / sizeof *rows; ++k) {
    const char *path = fixture_path("other");
    write_sndfile(path, rows[k].format, 96000, 2);
    Decoded decoded = fixture_decode_path(path);
    assert_int_equal(decoded.status, LAC_OK);
    assert_string_equal(decoded.info.container, rows[k].container);
    assert_string_equal(decoded.info.codec, rows[k].codec);
    assert_int_equal(decoded.info.bits, rows[k].bits);
    assert_false(decoded.info.is_lossy);
    assert_int_equal(decoded.n_frames, FRAMES);
    assert_int_equal(lac_notes_has(&decoded.notes, "INPUT_ROUNDED"), rows[k].bits > 32);
    for (uint64_t i = 0; i < FRAMES; ++i) {
      const float difference = decoded.samples[1][i] - signal_at(1, i);
      assert_true(difference <= 0x1p-23f && difference >= -0x1p-23f);
    }
    fixture_free(&decoded);
  }
}

/* Two seconds of noise, two tags; cut or damaged by the tests. */
static LacText flac_file(void) {
  LacTags tags = {0};
  LacSinkFormat format = {
      .container = LAC_CONTAINER_FLAC, .rate_hz = 48000, .n_channels = 2, .bits = 24, .n_frames = 96000, .tags = &tags};
  LacSink *sink = NULL;
  LacError error;
  static int32_t left[96000], right[96000];
  for (uint64_t i = 0; i < format.n_frames; ++i)
    left[i] = fixture_integer(0, i, 24), right[i] = fixture_integer(1, i, 24);
  assert_int_equal(lac_tags_add(&tags, "TITLE", "T"), LAC_OK);
  assert_int_equal(lac_tags_add(&tags, "REPLAYGAIN_TRACK_GAIN", "-6 dB"), LAC_OK);
  assert_int_equal(lac_sink_open(fixture_path("x.flac"), true, &format, &sink, NULL, &error), LAC_OK);
  const int32_t *const channels[2] = {left, right};
  assert_int_equal(lac_sink_write_integers(sink, channels, 96000, &error), LAC_OK);
  assert_int_equal(lac_sink_commit(sink, &error), LAC_OK);
  lac_tags_free(&tags);
  return fixture_load(fixture_path("x.flac"));
}

static void check_flac_start(const Decoded *decoded) {
  assert_int_equal(decoded->status, LAC_OK);
  for (uint64_t i = 0; i < decoded->n_frames; ++i)
    assert_true(decoded->samples[1][i] == (float)fixture_integer(1, i, 24) / 8388608);
}

static void test_flac_whole(void **state) {
  (void)state;
  LacText file = flac_file();
  Decoded decoded = fixture_decode_bytes(&file);
  check_flac_start(&decoded);
  assert_int_equal(decoded.n_frames, 96000);
  assert_int_equal(decoded.tags.count, 1); /* the gain described the old file */
  assert_true(fixture_says(&decoded.extras, "META_DROPPED", "ReplayGain"));
  fixture_free(&decoded);
  /* An ID3v2 tag in front and an ID3v1 tag behind are common and harmless. */
  LacText wrapped = {0};
  lac_text_append_bytes(&wrapped,
                        "ID3\3\0\0\0\0\0\25"
                        "TALB\0\0\0\13\0\0\0An Album..",
                        31);
  lac_text_append_bytes(&wrapped, file.bytes, file.length);
  lac_text_append_bytes(&wrapped, "TAG", 3);
  for (int i = 0; i < 125; ++i)
    lac_text_append_bytes(&wrapped, "", 1);
  decoded = fixture_decode_bytes(&wrapped);
  check_flac_start(&decoded);
  assert_int_equal(decoded.n_frames, 96000);
  assert_int_equal(decoded.notes.count, 0);
  assert_string_equal(fixture_tag(&decoded.tags, "ALBUM"), "An Album..");
  fixture_free(&decoded);
  lac_text_clear(&wrapped);
  lac_text_clear(&file);
}

static void test_flac_truncated(void **state) {
  (void)state;
  LacText file = flac_file();
  const size_t whole = file.length;
  for (int percent = 5; percent < 100; percent += 19) {
    file.length = whole * (size_t)percent / 100;
    Decoded decoded = fixture_decode_bytes(&file);
    check_flac_start(&decoded);
    assert_true(decoded.n_frames > 0 && decoded.n_frames < 96000);
    assert_int_equal(decoded.info.n_frames, decoded.n_frames); /* known before reading */
    assert_int_equal(decoded.notes.count, 1);
    assert_true(fixture_says(&decoded.notes, "INPUT_TRUNCATED", "but its header promises 0:02"));
    fixture_free(&decoded);
  }
  file.length = 60;
  Decoded decoded = fixture_decode_bytes(&file);
  assert_int_equal(decoded.status, LAC_ERR_DAMAGED);
  assert_non_null(strstr(decoded.error.text, "mix is damaged: it is marked as FLAC"));
  fixture_free(&decoded);
  lac_text_clear(&file);
}

static void test_flac_damaged(void **state) {
  (void)state;
  LacText file = flac_file();
  for (size_t i = 0; i < 40; ++i)
    file.bytes[file.length / 2 + i] ^= 0x55;
  Decoded decoded = fixture_decode_bytes(&file);
  assert_int_equal(decoded.status, LAC_OK);
  assert_int_equal(decoded.n_frames, 96000);
  uint64_t n_wrong = 0;
  for (uint64_t i = 0; i < decoded.n_frames; ++i) {
    const bool is_right = decoded.samples[0][i] == (float)fixture_integer(0, i, 24) / 8388608;
    assert_true(is_right || decoded.samples[0][i] == 0);
    n_wrong += !is_right;
  }
  assert_true(n_wrong > 500 && n_wrong < 20000);
  assert_int_equal(decoded.notes.count, 1);
  assert_true(fixture_says(&decoded.notes, "INPUT_GAP", "mix is damaged, first at 0:0"));
  fixture_free(&decoded);
  lac_text_clear(&file);
}

static void set_flac_total(LacText *file, uint64_t n_frames) {
  uint8_t *p = (uint8_t *)file->bytes + 8 + 10; /* behind fLaC and the block head: rate, channels, bits, total */
  lac_put_u64(p, (lac_get_u64(p, true) & ~((UINT64_C(1) << 36) - 1)) | n_frames, true);
}

/* A total of 0 ("unknown"), too small or absurd does not matter: what is there counts. */
static void test_flac_wrong_total(void **state) {
  (void)state;
  static const uint64_t totals[] = {0, 1, 5000, 95999, 96001, (UINT64_C(1) << 36) - 1};
  LacText file = flac_file();
  for (size_t k = 0; k < sizeof totals / sizeof *totals; ++k) {
    set_flac_total(&file, totals[k]);
    Decoded decoded = fixture_decode_bytes(&file);
    check_flac_start(&decoded);
    assert_int_equal(decoded.n_frames, 96000);
    assert_int_equal(decoded.info.n_frames, 96000);
    assert_int_equal(decoded.notes.count, totals[k] > 96000);
    fixture_free(&decoded);
  }
  lac_text_clear(&file);
}

typedef struct Memory {
  LacText text;
} Memory;

static FLAC__StreamEncoderWriteStatus to_memory(const FLAC__StreamEncoder *flac, const FLAC__byte bytes[], size_t n,
                                                uint32_t n_samples, uint32_t frame, void *user) {
  (void)flac, (void)n_samples, (void)frame;
  lac_text_append_bytes(&((Memory *)user)->text, (const char *)bytes, n);
  return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

/* Every depth that FLAC knows, in FLAC and in Ogg. */
static void test_flac_depths(void **state) {
  (void)state;
  static const unsigned depths[] = {4, 8, 12, 15, 16, 20, 24, 32};
  enum { LENGTH = 9001 };
  static FLAC__int32 samples[LENGTH];
  for (size_t k = 0; k < sizeof depths / sizeof *depths; ++k) {
    for (int is_ogg = 0; is_ogg < 2; ++is_ogg) {
      const unsigned bits = depths[k];
      Memory memory = {0};
      FLAC__StreamEncoder *flac = FLAC__stream_encoder_new();
      FLAC__stream_encoder_set_channels(flac, 1);
      FLAC__stream_encoder_set_bits_per_sample(flac, bits);
      FLAC__stream_encoder_set_sample_rate(flac, 35467);
      FLAC__stream_encoder_set_streamable_subset(flac, false);
      FLAC__stream_encoder_set_total_samples_estimate(flac, LENGTH);
      const FLAC__StreamEncoderInitStatus init =
          is_ogg ? FLAC__stream_encoder_init_ogg_stream(flac, NULL, to_memory, NULL, NULL, NULL, &memory)
                 : FLAC__stream_encoder_init_stream(flac, to_memory, NULL, NULL, NULL, &memory);
      if (init != FLAC__STREAM_ENCODER_INIT_STATUS_OK && bits == 32) { /* libFLAC before 1.4 */
        FLAC__stream_encoder_delete(flac);
        continue;
      }
      assert_int_equal(init, FLAC__STREAM_ENCODER_INIT_STATUS_OK);
      for (uint64_t i = 0; i < LENGTH; ++i)
        samples[i] = fixture_integer(0, i, bits);
      assert_true(FLAC__stream_encoder_process_interleaved(flac, samples, LENGTH));
      assert_true(FLAC__stream_encoder_finish(flac));
      FLAC__stream_encoder_delete(flac);
      Decoded decoded = fixture_decode_bytes(&memory.text);
      assert_int_equal(decoded.status, LAC_OK);
      assert_string_equal(decoded.info.container, is_ogg ? "ogg" : "flac");
      assert_string_equal(decoded.info.codec, "flac");
      assert_int_equal(decoded.info.bits, bits <= 8 ? 8 : bits <= 16 ? 16 : bits <= 24 ? 24 : 32);
      assert_int_equal(lac_notes_has(&decoded.notes, "INPUT_ROUNDED"), bits == 32);
      assert_int_equal(lac_notes_has(&decoded.notes, "INPUT_TRUNCATED"), false);
      assert_int_equal(decoded.n_frames, LENGTH);
      for (uint64_t i = 0; i < LENGTH; ++i)
        assert_true(decoded.samples[0][i] == (float)samples[i] / (float)(UINT32_C(1) << (bits - 1)));
      fixture_free(&decoded);
      lac_text_clear(&memory.text);
    }
  }
}

/* Without its Xing header the length of an MP3 is known only by looking at every frame. */
static void test_mpeg_without_xing(void **state) {
  (void)state;
  const char *path = fixture_path("plain.mp3");
  write_sndfile(path, SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 48000, 2);
  LacText file = fixture_load(path);
  size_t at = 0;
  while (at + 4 < file.length && memcmp(file.bytes + at, "Xing", 4) != 0 && memcmp(file.bytes + at, "Info", 4) != 0)
    ++at;
  assert_true(at + 4 < file.length);
  while (++at + 1 < file.length && ((uint8_t)file.bytes[at] != 0xff || ((uint8_t)file.bytes[at + 1] & 0xfe) != 0xfa))
    continue; /* the next frame */
  LacText rest = {0};
  lac_text_append_bytes(&rest, file.bytes + at, file.length - at);
  Decoded decoded = fixture_decode_bytes(&rest);
  assert_int_equal(decoded.status, LAC_OK);
  assert_string_equal(decoded.info.codec, "mp3");
  assert_int_equal(decoded.info.n_frames, decoded.n_frames);
  assert_true(decoded.n_frames >= FRAMES && decoded.n_frames < FRAMES + 4 * 1152);
  fixture_free(&decoded);
  lac_text_clear(&rest);
  lac_text_clear(&file);
}

/* Ogg streams behind one another are one song; one of another rate ends it. */
static void test_ogg_chain(void **state) {
  (void)state;
  const char *path = fixture_path("chain");
  write_sndfile(path, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 2);
  LacText chain = fixture_load(path);
  write_sndfile(path, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 2);
  LacText next = fixture_load(path);
  lac_text_append_bytes(&chain, next.bytes, next.length);
  Decoded decoded = fixture_decode_bytes(&chain);
  assert_int_equal(decoded.status, LAC_OK);
  assert_int_equal(decoded.info.n_frames, 2 * FRAMES);
  assert_int_equal(decoded.n_frames, 2 * FRAMES);
  assert_int_equal(decoded.notes.count, 0);
  assert_true(error_share(&decoded) < 0.05);
  fixture_free(&decoded);
  lac_text_clear(&next);
  write_sndfile(path, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 1);
  next = fixture_load(path);
  lac_text_append_bytes(&chain, next.bytes, next.length);
  decoded = fixture_decode_bytes(&chain);
  assert_int_equal(decoded.n_frames, 2 * FRAMES);
  assert_true(fixture_says(&decoded.notes, "INPUT_TRUNCATED", "mix breaks off at 0:02"));
  fixture_free(&decoded);
  lac_text_clear(&next);
  lac_text_clear(&chain);
}

static void test_lossy_truncated(void **state) {
  (void)state;
  static const int formats[] = {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS,
                                SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III};
  for (size_t k = 0; k < sizeof formats / sizeof *formats; ++k) {
    const char *path = fixture_path("cut");
    write_sndfile(path, formats[k], 48000, 2);
    LacText file = fixture_load(path);
    file.length = file.length * 7 / 10;
    Decoded decoded = fixture_decode_bytes(&file);
    assert_int_equal(decoded.status, LAC_OK);
    assert_int_equal(decoded.info.n_frames, decoded.n_frames);
    assert_true(decoded.n_frames > FRAMES / 4 && decoded.n_frames < FRAMES * 9 / 10);
    assert_int_equal(decoded.notes.count, 1);
    assert_true(fixture_says(&decoded.notes, "INPUT_TRUNCATED", "mix "));
    fixture_free(&decoded);
    lac_text_clear(&file);
  }
}

/* One flipped bit in a page: that page is silence, what follows stays in its place, and the note says so. */
static void test_ogg_damaged_page(void **state) {
  (void)state;
  static const int formats[] = {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS};
  for (size_t k = 0; k < 4; ++k) {
    const bool is_first = k >= 2; /* the first page of audio, or one in the middle */
    const char *path = fixture_path("page");
    write_frames(path, formats[k % 2], 48000, 2, 6 * FRAMES);
    LacText file = fixture_load(path);
    Decoded whole = fixture_decode_bytes(&file);
    size_t pages[64], n_pages = 0;
    for (size_t i = 0; i + 4 < file.length && n_pages < 64; ++i)
      if (memcmp(file.bytes + i, "OggS", 4) == 0)
        pages[n_pages++] = i;
    assert_true(n_pages >= 5);
    file.bytes[pages[is_first ? 2 : n_pages / 2] + 100] ^= 1;
    Decoded decoded = fixture_decode_bytes(&file);
    assert_int_equal(decoded.status, LAC_OK);
    assert_int_equal(whole.notes.count, 0);
    assert_int_equal(decoded.notes.count, 1);
    assert_true(fixture_says(&decoded.notes, "INPUT_GAP", "mix is damaged, first at "));
    assert_in_range(decoded.n_frames, whole.n_frames - 312, whole.n_frames); /* libsndfile loses the pre-skip */
    uint64_t n_silent = 0;
    double error = 0, power = 0;
    for (uint64_t i = 0; i < decoded.n_frames; ++i) {
      n_silent += decoded.samples[0][i] == 0;
      if (i + 1000 > decoded.n_frames) {
        const double d = (double)decoded.samples[0][i] - (double)whole.samples[0][i];
        error += d * d;
        power += (double)whole.samples[0][i] * (double)whole.samples[0][i];
      }
    }
    assert_true(n_silent > 1000 && n_silent < whole.n_frames);
    assert_true(error < 0.05 * power);
    fixture_free(&whole);
    fixture_free(&decoded);
    lac_text_clear(&file);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_lossy),
      cmocka_unit_test(test_stopped_while_opened),
      cmocka_unit_test(test_other_containers),
      cmocka_unit_test(test_flac_whole),
      cmocka_unit_test(test_flac_truncated),
      cmocka_unit_test(test_flac_damaged),
      cmocka_unit_test(test_flac_wrong_total),
      cmocka_unit_test(test_flac_depths),
      cmocka_unit_test(test_lossy_truncated),
      cmocka_unit_test(test_ogg_damaged_page),
      cmocka_unit_test(test_mpeg_without_xing),
      cmocka_unit_test(test_ogg_chain),
  };
  return cmocka_run_group_tests(tests, NULL, fixture_remove);
}
