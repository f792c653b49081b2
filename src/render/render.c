/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include <lacquer/render.h>

#include "core/memory.h"
#include "render/render_passes.h"
#include "render/spool.h"

#include <stdio.h>
#include <string.h>

/* Where the last pass ends: in a file, in a meter, or in both. */
typedef struct Finish {
  LacSink *sink; /* NULL: only measured */
  LacSinkFormat format;
  LacAnalyzer *analyzer; /* NULL: not measured */
  float written[LAC_MAX_CHANNELS][LAC_BLOCK_FRAMES];
} Finish;

/* What a player will see: the integers, as float. Exact for up to 24 bits. */
static void integers_to_float(Finish *finish, const LacBlock *block) {
  const float scale = 1.0f / (float)(1u << (finish->format.bits - 1));
  for (unsigned c = 0; c < finish->format.n_channels; ++c) {
    for (uint32_t i = 0; i < block->n_frames; ++i) {
      finish->written[c][i] = (float)block->integers[c][i] * scale;
    }
  }
}

static LacStatus finish_block(void *context, const LacBlock *block, LacError *error) {
  Finish *finish = context;
  const float *channels[2] = {block->channels[0], block->channels[1]};
  LacStatus status = LAC_OK;
  if (finish->sink && finish->format.is_float) {
    status = lac_sink_write_floats(finish->sink, channels, block->n_frames, error);
  } else if (finish->sink) {
    const int32_t *const integers[2] = {block->integers[0], block->integers[1]};
    status = lac_sink_write_integers(finish->sink, integers, block->n_frames, error);
  }
  if (status != LAC_OK || !finish->analyzer) {
    return status;
  }
  if (finish->sink && !finish->format.is_float) {
    integers_to_float(finish, block);
    channels[0] = finish->written[0];
    channels[1] = finish->written[1];
  }
  status = lac_analyzer_add(finish->analyzer, channels, block->n_frames);
  return status == LAC_OK ? LAC_OK
                          : lac_error_set(error, status, "ANALYSIS_FAILED", "The audio cannot be measured: %s.",
                                          lac_strerror(status));
}

LacStatus lac_note_nonfinite(LacNotes *notes, uint64_t n_nonfinite) {
  if (n_nonfinite == 0 || !notes) {
    return LAC_OK;
  }
  return lac_notes_add(notes, "INPUT_NONFINITE",
                       "%llu samples of the input are not numbers (NaN or infinity). They were replaced by silence; "
                       "listen for clicks, and export the mix again if there are any.",
                       (unsigned long long)n_nonfinite);
}

static LacStatus note_clipping(LacNotes *notes, const LacQuantizer *quantizer) {
  if (quantizer->n_clamped == 0 || !notes) {
    return LAC_OK;
  }
  return lac_notes_add(notes, "OUTPUT_CLIPPED",
                       "%llu samples are beyond full scale and were cut to fit %u bits. Lower the level, add a "
                       "limiter, or write 32-bit float.",
                       (unsigned long long)quantizer->n_clamped, quantizer->bits);
}

static LacStatus start_analyzer(Finish *finish, double rate_hz, unsigned n_channels, unsigned measure,
                                LacError *error) {
  const LacStatus status = measure ? lac_analyzer_new(rate_hz, n_channels, measure, &finish->analyzer) : LAC_OK;
  return status == LAC_OK
             ? LAC_OK
             : lac_error_set(error, status, "ANALYSIS_FAILED", "The meters cannot start: %s.", lac_strerror(status));
}

static LacStatus end_analyzer(Finish *finish, LacAnalysis *analysis, LacError *error) {
  const LacStatus status = finish->analyzer ? lac_analyzer_finish(finish->analyzer, analysis) : LAC_OK;
  return status == LAC_OK ? LAC_OK
                          : lac_error_set(error, status, "ANALYSIS_FAILED", "The audio cannot be measured: %s.",
                                          lac_strerror(status));
}

/* --- Render to a file --------------------------------------------------------------------------------------- */

static LacStatus check_sink(const LacMediaInfo *info, const LacRecipe *recipe, const LacSink *sink,
                            LacSinkFormat *format, LacError *error) {
  const LacSinkFormat *have = lac_sink_format(sink);
  const LacStatus status = lac_render_format(info, recipe, have->container, format, error);
  if (status != LAC_OK) {
    return status;
  }
  if (have->rate_hz != format->rate_hz || have->n_channels != format->n_channels || have->bits != format->bits ||
      have->is_float != format->is_float) {
    return lac_error_set(error, LAC_ERR_USAGE, "SINK_FORMAT",
                         "The output was opened for %u Hz, %u bits, %u channels; the recipe gives %u Hz, %u bits, %u "
                         "channels.",
                         have->rate_hz, have->bits, have->n_channels, format->rate_hz, format->bits,
                         format->n_channels);
  }
  return LAC_OK;
}

static void describe_output(const LacSinkFormat *format, uint64_t n_frames, LacMediaInfo *info) {
  static const char *const containers[] = {"wav", "aiff", "flac"};
  *info = (LacMediaInfo){.rate_hz = format->rate_hz,
                         .n_channels = format->n_channels,
                         .bits = format->bits,
                         .is_float = format->is_float,
                         .n_frames = n_frames};
  snprintf(info->container, sizeof info->container, "%s", containers[format->container]);
  snprintf(info->codec, sizeof info->codec, "%s",
           format->container == LAC_CONTAINER_FLAC ? "flac" : (format->is_float ? "float" : "pcm"));
}

/* Samples fit the word: as long as nothing is done to them they pass untouched, without dither. */
static bool fits_exactly(const LacMediaInfo *info, const LacRenderPlan *plan, const LacSinkFormat *format) {
  return plan->in_rate_hz == plan->out_rate_hz && !info->is_float && !info->is_lossy && info->bits != 0 &&
         info->bits <= format->bits;
}

static void fill_job(LacRenderJob *job, LacSource *source, const LacRecipe *recipe, const LacJobControl *control,
                     LacNotes *notes) {
  job->source = source;
  job->recipe = recipe;
  job->n_threads = lac_job_threads(control);
  job->cancel = lac_job_cancel(control);
  job->spool_memory_bytes = LAC_SPOOL_MEMORY_BYTES;
  job->notes = notes;
}

static void start_quantizer(LacQuantizer *quantizer, const LacRecipe *recipe, const LacSinkFormat *format) {
  const LacRecipeOutput output = lac_recipe_output(recipe);
  lac_quantizer_init(quantizer, format->bits, output.dither != LAC_DITHER_NONE, output.seed, format->rate_hz);
  if (output.dither == LAC_DITHER_SHAPED) {
    LacNoiseShaper shaper;
    lac_noise_shaper_design(&shaper, format->rate_hz);
    lac_quantizer_shape(quantizer, &shaper);
  }
}

double lac_render_word_guard(const LacRecipe *recipe, const LacSinkFormat *format) {
  const LacDither dither = lac_recipe_output(recipe).dither;
  if (format->is_float) {
    return 0.0;
  }
  const double guard = lac_quantizer_guard(format->bits, dither != LAC_DITHER_NONE);
  if (dither != LAC_DITHER_SHAPED) {
    return guard;
  }
  LacNoiseShaper shaper;
  lac_noise_shaper_design(&shaper, format->rate_hz);
  return guard * lac_noise_shaper_peak_gain(&shaper);
}

static LacStatus run_to_sink(LacRenderJob *job, Finish *finish, LacRenderResult *result, LacError *error) {
  LacQuantizer quantizer = {0};
  if (!finish->format.is_float) {
    start_quantizer(&quantizer, job->recipe, &finish->format);
    job->quantizer = &quantizer;
    job->is_exact = fits_exactly(lac_source_info(job->source), &job->plan, &finish->format);
  }
  LacStatus status = lac_render_passes(job, error);
  if (status == LAC_OK && job->n_frames != finish->format.n_frames) {
    status = lac_error_set(error, LAC_ERR_DAMAGED, "INPUT_LENGTH",
                           "The input gave %llu frames of output, not %llu as its header promised: it is damaged in "
                           "the middle. Nothing was written. Export it again, or let Lacquer measure it first.",
                           (unsigned long long)job->n_frames, (unsigned long long)finish->format.n_frames);
  }
  if (status == LAC_OK) {
    status = end_analyzer(finish, &result->analysis, error);
  }
  if (status == LAC_OK && (note_clipping(job->notes, &quantizer) != LAC_OK ||
                           lac_note_nonfinite(job->notes, job->n_input_nonfinite) != LAC_OK)) {
    status = lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to keep the warnings.");
  }
  job->quantizer = NULL;
  result->n_frames = job->n_frames;
  result->n_nonfinite = job->n_nonfinite;
  result->spool_bytes = job->spool_bytes;
  result->readouts = job->readouts;
  result->n_readouts = job->n_readouts;
  describe_output(&finish->format, job->n_frames, &result->output);
  return status;
}

LacStatus lac_render_spooled(LacSource *source, const LacRecipe *recipe, LacSink *sink, unsigned measure,
                             const LacJobControl *control, size_t spool_memory_bytes, LacKeptSignal **kept,
                             LacRenderResult *result, LacNotes *notes, LacError *error) {
  const double begin_s = lac_job_seconds();
  const LacMediaInfo *info = lac_source_info(source);
  LacRenderJob job = {.with_readouts = true, .kept = kept};
  memset(result, 0, sizeof *result);
  Finish *finish = lac_calloc(1, sizeof *finish);
  if (!finish) {
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to render.");
  }
  fill_job(&job, source, recipe, control, notes);
  job.spool_memory_bytes = spool_memory_bytes;
  job.finish = finish_block;
  job.finish_context = finish;
  finish->sink = sink;
  LacStatus status = check_sink(info, recipe, sink, &finish->format, error);
  if (status == LAC_OK) {
    status = lac_render_plan_make(info, recipe, false, &job.plan, error);
  }
  if (status == LAC_OK) {
    status = start_analyzer(finish, finish->format.rate_hz, info->n_channels, measure, error);
  }
  if (status == LAC_OK) {
    lac_job_progress_begin(&job.progress, control, "render");
    status = run_to_sink(&job, finish, result, error);
  }
  if (status == LAC_OK) {
    lac_job_progress_end(&job.progress);
  }
  lac_analyzer_free(finish->analyzer);
  lac_render_plan_free(&job.plan);
  lac_free(finish);
  result->seconds = lac_job_seconds() - begin_s;
  if (status != LAC_OK) {
    lac_render_result_free(result);
  }
  return status;
}

LacStatus lac_render(LacSource *source, const LacRecipe *recipe, LacSink *sink, unsigned measure,
                     const LacJobControl *control, LacKeptSignal **kept, LacRenderResult *result, LacNotes *notes,
                     LacError *error) {
  return lac_render_spooled(source, recipe, sink, measure, control, LAC_SPOOL_MEMORY_BYTES, kept, result, notes, error);
}

void lac_render_result_free(LacRenderResult *result) {
  lac_analysis_free(&result->analysis);
  lac_readout_results_free(result->readouts, result->n_readouts);
  memset(result, 0, sizeof *result);
}

/* --- What reaches the limiter ------------------------------------------------------------------------------- */

LacStatus lac_render_observe(LacSource *source, const LacRecipe *recipe, unsigned measure, const LacJobControl *control,
                             LacKeptSignal **kept, LacAnalysis *analysis, LacNotes *notes, LacError *error) {
  const LacMediaInfo *info = lac_source_info(source);
  LacRenderJob job = {.with_readouts = kept != NULL, .kept = kept};
  memset(analysis, 0, sizeof *analysis);
  Finish *finish = lac_calloc(1, sizeof *finish);
  if (!finish) {
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to measure.");
  }
  fill_job(&job, source, recipe, control, notes);
  job.finish = finish_block;
  job.finish_context = finish;
  finish->format.n_channels = info->n_channels;
  LacStatus status = lac_render_plan_make(info, recipe, true, &job.plan, error);
  if (status == LAC_OK) {
    status = start_analyzer(finish, job.plan.out_rate_hz, info->n_channels, measure, error);
  }
  if (status == LAC_OK) {
    lac_job_progress_begin(&job.progress, control, "decide");
    status = lac_render_passes(&job, error);
  }
  if (status == LAC_OK) {
    status = end_analyzer(finish, analysis, error);
  }
  if (status == LAC_OK) {
    lac_job_progress_end(&job.progress);
  }
  lac_analyzer_free(finish->analyzer);
  lac_readout_results_free(job.readouts, job.n_readouts);
  lac_render_plan_free(&job.plan);
  lac_free(finish);
  return status;
}
