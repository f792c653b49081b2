/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "master/job_steps.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "assistant/recipe_edit.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/number.h"
#include "core/sha256.h"
#include "core/threads.h"
#include "render/job_progress.h"

enum { COPY_BYTES = 1 << 20, MAX_RECIPE_BYTES = 16 << 20 };

double lac_step_clock(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

LacStatus lac_step_no_memory(LacError *error) {
  return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY",
                       "Not enough memory for this job. Nothing was written; close other programs and run again.");
}

void lac_step_time(LacMasterResult *result, const char *stage, double *clock) {
  double now = lac_step_clock();
  double seconds = now - *clock;
  *clock = now;
  for (size_t i = 0; i < result->n_stages; i++) {
    if (strcmp(result->stages[i].stage, stage) == 0) {
      result->stages[i].seconds += seconds;
      return;
    }
  }
  if (result->n_stages < LAC_MAX_STAGES)
    result->stages[result->n_stages++] = (LacStageSeconds){stage, seconds};
}

LacStatus lac_step_refuse_input(const char *path, const LacAnalysis *analysis, LacError *error) {
  uint64_t n_samples = analysis->n_frames * analysis->n_channels;
  if (n_samples == 0)
    return lac_error_set(error, LAC_ERR_EMPTY, "INPUT_EMPTY", "%s contains no audio. Check that the export finished.",
                         path);
  if (analysis->n_nonfinite == n_samples)
    return lac_error_set(error, LAC_ERR_NONFINITE, "INPUT_NONFINITE",
                         "%s contains no numbers that are sound (only NaN or infinity). Export the mix again.", path);
  if (analysis->is_silent)
    return lac_error_set(error, LAC_ERR_SILENT, "INPUT_SILENT",
                         "%s contains only silence, so there is nothing to master.", path);
  return LAC_OK;
}

/* --- Verify ------------------------------------------------------------------------------------------------ */

/* The checksum of a file, taken while another thread measures it. */
typedef struct FileHash {
  const char *path;
  const LacCancel *cancel; /* may be NULL */
  LacThread *thread;       /* NULL: it runs when it is waited for */
  char text[LAC_SHA256_TEXT_SIZE];
  LacStatus status;
  LacError error;
} FileHash;

static LacStatus hash_bytes(FileHash *hash, LacInput *input, char *bytes) {
  LacSha256 sha;
  uint64_t offset = 0;
  size_t n_read = COPY_BYTES;
  lac_sha256_init(&sha);
  while (n_read == COPY_BYTES && !lac_cancelled(hash->cancel)) {
    LacStatus status = lac_input_read_at(input, offset, bytes, COPY_BYTES, &n_read);
    if (status)
      return lac_error_set(&hash->error, status, "VERIFY_UNREADABLE", "%s cannot be read back. Nothing was delivered.",
                           hash->path);
    lac_sha256_add(&sha, bytes, n_read);
    offset += n_read;
  }
  lac_sha256_text(&sha, hash->text);
  return LAC_OK;
}

static void hash_file(void *context) {
  FileHash *hash = context;
  LacInput *input = NULL;
  char *bytes = lac_alloc(COPY_BYTES, 1);
  hash->status = bytes ? lac_input_open(hash->path, &input, &hash->error) : lac_step_no_memory(&hash->error);
  if (!hash->status) {
    lac_input_start_sync(input); /* it is complete: the disk may start while we measure */
    hash->status = hash_bytes(hash, input, bytes);
  }
  lac_input_close(input);
  lac_free(bytes);
}

/* Without a thread the work is done at the end; nothing else is different. */
static void hash_begin(FileHash *hash, const char *path, const LacJobControl *control) {
  *hash = (FileHash){.path = path, .cancel = lac_job_cancel(control)};
  if (lac_job_threads(control) > 1 && lac_thread_start(&hash->thread, hash_file, hash))
    hash->thread = NULL;
}

static LacStatus hash_end(FileHash *hash, bool is_wanted, char text[LAC_SHA256_TEXT_SIZE], LacError *error) {
  if (hash->thread)
    lac_thread_join(hash->thread);
  else if (is_wanted)
    hash_file(hash);
  if (!is_wanted)
    return LAC_OK;
  memcpy(text, hash->text, sizeof hash->text);
  if (hash->status && error)
    *error = hash->error;
  return hash->status;
}

static bool is_as_rendered(const LacMediaInfo *read, const LacAnalysis *measured, const LacRenderResult *rendered) {
  return read->rate_hz == rendered->output.rate_hz && read->n_channels == rendered->output.n_channels &&
         read->bits == rendered->output.bits && read->is_float == rendered->output.is_float &&
         measured->n_frames == rendered->n_frames;
}

static bool meets(const LacRecipeTarget *target, const LacLoudness *loudness) {
  bool is_loud = isnan(target->integrated_lufs) ||
                 fabs(loudness->integrated_lufs - target->integrated_lufs) <= LAC_VERIFY_LOUDNESS_LU;
  bool is_safe =
      isnan(target->true_peak_dbtp) || loudness->true_peak_dbtp <= target->true_peak_dbtp + LAC_VERIFY_PEAK_DB;
  return is_loud && is_safe; /* what cannot be measured is not met */
}

LacStatus lac_step_verify(LacSink *sink, const LacRenderResult *rendered, const LacJobControl *control,
                          LacMasterResult *result, LacError *error) {
  LacNotes notes = {0}; /* about the temporary file: nobody's business unless it fails */
  LacSource *source = NULL;
  const char *path = lac_sink_temporary_path(sink);
  if (!path)
    return lac_error_set(error, LAC_ERR_INTERNAL, "INTERNAL", "The written file cannot be read back for verification.");
  FileHash hash;
  hash_begin(&hash, path, control);
  LacStatus status = lac_source_open(path, NULL, &source, &notes, error);
  if (!status)
    status = lac_measure_source(source, LAC_MEASURE_ALL, "verify", control, &result->output, &notes, error);
  LacStatus hashed = hash_end(&hash, !status, result->sha256, status ? NULL : error);
  status = status ? status : hashed;
  if (!status && !is_as_rendered(lac_source_info(source), &result->output, rendered))
    status = lac_error_set(error, LAC_ERR_INTERNAL, "INTERNAL",
                           "Lacquer made a mistake: the file read back is not the one that was rendered (version %s). "
                           "Your files are unchanged.",
                           lac_version());
  if (!status) {
    result->output_info = *lac_source_info(source);
    result->output_info.n_frames = result->output.n_frames;
    result->has_output = true;
    result->targets_met = meets(&result->target, &result->output.loudness);
  }
  lac_source_close(source);
  lac_notes_free(&notes);
  return status;
}

/* Why, when the level is what somebody else than the assistant decided. */
static const char *miss_reason(const LacRecipe *recipe) {
  const size_t limiter = recipe ? lac_edit_find(recipe, "limiter", NULL) : SIZE_MAX;
  return limiter != SIZE_MAX && lac_edit_is_kept(recipe, limiter, "drive_db")
             ? " The limiter's drive_db was set by you or a preset and stays. Leave it out, and lacquer master finds "
               "the level; or change the target."
             : "";
}

LacStatus lac_step_judge(const LacMasterResult *result, LacError *error) {
  const LacLoudness *loudness = &result->output.loudness;
  char reached[LAC_NUMBER_SIZE];
  char wanted[LAC_NUMBER_SIZE];
  const char *what = "LUFS";
  if (result->targets_met)
    return LAC_OK;
  double is = loudness->integrated_lufs;
  double target = result->target.integrated_lufs;
  if (isnan(target) || fabs(is - target) <= LAC_VERIFY_LOUDNESS_LU) {
    is = loudness->true_peak_dbtp;
    target = result->target.true_peak_dbtp;
    what = "dBTP";
  }
  lac_fixed_text(target, 2, wanted);
  lac_fixed_text(is, 2, reached);
  if (isnan(is))
    return lac_error_set(error, LAC_ERR_TARGET, "TARGET_MISSED",
                         "%s was written, but its loudness cannot be measured (too short or too quiet), so the target "
                         "of %s %s is not met.",
                         result->output_path, wanted, what);
  return lac_error_set(error, LAC_ERR_TARGET, result->solved.is_limited ? "TARGET_LIMITED" : "TARGET_MISSED",
                       "%s was written, but it has %s %s instead of %s %s.%s", result->output_path, reached, what,
                       wanted, what, miss_reason(result->recipe));
}

/* --- Delivery ---------------------------------------------------------------------------------------------- */

static LacStatus copy_file(const char *from, const char *to, LacError *error) {
  LacInput *input = NULL;
  LacOutput *output = NULL;
  char *bytes = lac_alloc(COPY_BYTES, 1);
  uint64_t offset = 0;
  size_t n_read = COPY_BYTES;
  LacStatus status = bytes ? lac_input_open(from, &input, error) : lac_step_no_memory(error);
  if (!status)
    status = lac_output_open(to, true, &output, error);
  while (!status && n_read == COPY_BYTES) {
    status = lac_input_read_at(input, offset, bytes, COPY_BYTES, &n_read);
    if (status)
      lac_error_set(error, status, "VERIFY_UNREADABLE", "The finished master cannot be read back for copying.");
    else if (lac_output_write(output, bytes, n_read))
      break; /* the output remembers, and commit says it */
    offset += n_read;
  }
  if (!status)
    status = lac_output_commit(output, error);
  else
    lac_output_abort(output);
  lac_input_close(input);
  lac_free(bytes);
  return status;
}

LacStatus lac_step_deliver(LacSink *sink, const char *path, bool is_stream, LacError *error) {
  if (!is_stream)
    return lac_sink_commit(sink, error);
  LacStatus status = copy_file(lac_sink_temporary_path(sink), path, error);
  lac_sink_abort(sink);
  return status;
}

/* --- Recipes and tags -------------------------------------------------------------------------------------- */

LacStatus lac_step_note_extras(const LacSource *source, LacNotes *notes) {
  const LacNotes *extras = lac_source_extras(source);
  LacStatus status = LAC_OK;
  for (size_t i = 0; extras && !status && i < extras->count; i++)
    status = lac_notes_add(notes, "META_DROPPED", "The master does not carry over: %s. It stays in the input.",
                           extras->items[i].text);
  return status;
}

LacStatus lac_step_bind_recipe(LacRecipe *recipe, const LacMediaInfo *info, const LacAnalysis *analysis, bool redetect,
                               const char *recipe_path, LacError *error) {
  LacRecipeInput bound = lac_recipe_input(recipe);
  bool is_other = bound.pcm_sha256[0] && strcmp(bound.pcm_sha256, analysis->pcm_sha256) != 0;
  if (is_other && lac_recipe_is_song_bound(recipe) && !redetect)
    return lac_error_set(error, LAC_ERR_USAGE, "RECIPE_OTHER_SONG",
                         "%s holds values that were made for another song. Use it on that song, or pass --redetect.",
                         recipe_path ? recipe_path : "The recipe");
  LacRecipeInput input = {.n_frames = analysis->n_frames, .rate_hz = info->rate_hz};
  memcpy(input.pcm_sha256, analysis->pcm_sha256, sizeof input.pcm_sha256);
  lac_recipe_set_input(recipe, &input);
  return LAC_OK;
}

LacStatus lac_step_read_recipe(const char *path, LacRecipe **recipe, LacNotes *notes, LacError *error) {
  char *bytes = NULL;
  size_t n_bytes = 0;
  LacStatus status = lac_file_read_all(path, MAX_RECIPE_BYTES, &bytes, &n_bytes, error);
  if (!status)
    status = lac_recipe_read(path, bytes, n_bytes, recipe, notes, error);
  lac_free(bytes);
  return status;
}
