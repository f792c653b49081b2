/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* sum_stems OUT.wav STEM STEM...: add stems to one mix in 32-bit float, each at half level, unlimited and unmastered.
 * Also the smallest example of reading and writing with the library. */

#include <lacquer/media.h>

#include <stdio.h>
#include <string.h>

enum { BLOCK = 4096, MOST_STEMS = 32 };

static int fail(const LacError *error) {
  fprintf(stderr, "sum_stems: %s\n", error->text);
  return 1;
}

/* Adds one block of a stem to the mix; returns its frames. */
static uint32_t add_block(LacSource *stem, float *const *mix, LacNotes *notes, LacError *error) {
  static float left[BLOCK], right[BLOCK];
  float *const block[] = {left, right};
  uint32_t n = 0, total = 0;
  while (total < BLOCK && lac_source_read(stem, block, BLOCK - total, &n, notes, error) == LAC_OK && n > 0) {
    const float *second = lac_source_info(stem)->n_channels == 2 ? right : left;
    for (uint32_t i = 0; i < n; i++) {
      mix[0][total + i] += 0.5F * left[i];
      mix[1][total + i] += 0.5F * second[i];
    }
    total += n;
  }
  return total;
}

/* The length as decoded: lossy headers may promise something else. */
static uint64_t count_frames(LacSource *stem, LacNotes *notes, LacError *error) {
  static float left[BLOCK], right[BLOCK];
  uint64_t total = 0;
  uint32_t n = 0;
  while (lac_source_read(stem, (float *const[]){left, right}, BLOCK, &n, notes, error) == LAC_OK && n > 0)
    total += n;
  return lac_source_rewind(stem, error) == LAC_OK ? total : 0;
}

int main(int argc, char **argv) {
  if (argc < 3 || argc - 2 > MOST_STEMS) {
    fprintf(stderr, "usage: sum_stems OUT.wav STEM...\n");
    return 2;
  }
  LacSource *stems[MOST_STEMS] = {0};
  LacNotes notes = {0};
  LacError error = {0};
  LacSinkFormat format = {.container = LAC_CONTAINER_WAV, .n_channels = 2, .bits = 32, .is_float = true};
  int n_stems = argc - 2;
  for (int s = 0; s < n_stems; s++) {
    if (lac_source_open(argv[2 + s], NULL, &stems[s], &notes, &error) != LAC_OK)
      return fail(&error);
    uint32_t rate_hz = lac_source_info(stems[s])->rate_hz;
    uint64_t n_frames = count_frames(stems[s], &notes, &error);
    if (s > 0 && rate_hz != format.rate_hz) {
      fprintf(stderr, "sum_stems: the stems have different sample rates\n");
      return 1;
    }
    format.rate_hz = rate_hz;
    format.n_frames = n_frames > format.n_frames ? n_frames : format.n_frames;
  }
  LacSink *sink = NULL;
  if (lac_sink_open(argv[1], true, &format, &sink, &notes, &error) != LAC_OK)
    return fail(&error);
  static float left[BLOCK], right[BLOCK];
  float *const mix[] = {left, right};
  for (uint64_t done = 0; done < format.n_frames; done += BLOCK) {
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    for (int s = 0; s < n_stems; s++)
      add_block(stems[s], mix, &notes, &error);
    uint32_t n = format.n_frames - done < BLOCK ? (uint32_t)(format.n_frames - done) : BLOCK;
    if (lac_sink_write_floats(sink, (const float *const *)mix, n, &error) != LAC_OK) {
      lac_sink_abort(sink);
      return fail(&error);
    }
  }
  for (int s = 0; s < n_stems; s++)
    lac_source_close(stems[s]);
  lac_notes_free(&notes);
  return lac_sink_commit(sink, &error) == LAC_OK ? 0 : fail(&error);
}
