/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Steps that several jobs share: refusing inputs without music, reading a written file back, delivering it. */

#ifndef LAC_MASTER_JOB_STEPS_H
#define LAC_MASTER_JOB_STEPS_H

#include <lacquer/master.h>

/* Seconds of a clock that only goes forward. */
double lac_step_clock(void);
LacStatus lac_step_no_memory(LacError *error);
/* Adds the seconds since *clock to the stage (made when absent) and moves *clock to now. */
void lac_step_time(LacMasterResult *result, const char *stage, double *clock);

/* EMPTY, NONFINITE, SILENT with their messages. */
LacStatus lac_step_refuse_input(const char *path, const LacAnalysis *analysis, LacError *error);

/* Written files are measured again and must lie within these of the target. */
#define LAC_VERIFY_LOUDNESS_LU 0.05
#define LAC_VERIFY_PEAK_DB 0.03

/* Reads the finished, uncommitted file of `sink` back: measures it into result->output, fills output_info and sha256,
 * and compares format and length with what was rendered (INTERNAL when they differ: then nothing is delivered).
 * result->targets_met is set from result->target. */
LacStatus lac_step_verify(LacSink *sink, const LacRenderResult *rendered, const LacJobControl *control,
                          LacMasterResult *result, LacError *error);

/* Makes the finished file appear at `path`: commit, or for a stream copy the bytes of its temporary and drop it. Frees
 * the sink in every case. */
LacStatus lac_step_deliver(LacSink *sink, const char *path, bool is_stream, LacError *error);

/* LAC_OK when the targets are met; else LAC_ERR_TARGET and which one was missed by how much. */
LacStatus lac_step_judge(const LacMasterResult *result, LacError *error);

/* What travels with the music beside text and cannot be carried over: META_DROPPED. */
LacStatus lac_step_note_extras(const LacSource *source, LacNotes *notes);

/* Refuses a recipe with values made for another song (RECIPE_OTHER_SONG), unless `redetect`; then remembers this song
 * in the recipe. */
LacStatus lac_step_bind_recipe(LacRecipe *recipe, const LacMediaInfo *info, const LacAnalysis *analysis, bool redetect,
                               const char *recipe_path, LacError *error);

/* Moves the readouts of a finished render into the result. */
void lac_master_take_readouts(LacMasterResult *result, LacRenderResult *rendered);

/* Reads a recipe file. */
LacStatus lac_step_read_recipe(const char *path, LacRecipe **recipe, LacNotes *notes, LacError *error);

#endif
