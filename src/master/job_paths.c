/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "master/job_paths.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/memory.h"

enum { MAX_PATHS = 4 };

static bool is_dash(const char *path) {
  return strcmp(path, "-") == 0;
}

static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

char *lac_job_stem(const char *path) {
  const char *base = is_dash(path) ? "input" : base_name(path);
  const char *dot = strrchr(base, '.');
  return lac_strndup(base, dot && dot != base ? (size_t)(dot - base) : strlen(base));
}

char *lac_job_output_path(const char *input, const char *output, const char *ending) {
  if (output && !lac_path_is_directory(output))
    return lac_strdup(output);
  if (!output && is_dash(input))
    return lac_strdup("-");
  char *stem = lac_job_stem(input);
  char *path = NULL;
  if (stem && output)
    path = lac_format("%s%s%s%s", output, output[strlen(output) - 1] == '/' ? "" : "/", stem, ending);
  else if (stem)
    path = lac_format("%.*s%s%s", (int)(base_name(input) - input), input, stem, ending);
  lac_free(stem);
  return path;
}

bool lac_job_is_stream(const char *path) {
  struct stat info;
  return is_dash(path) || (stat(path, &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode));
}

/* Opening for an instant asks everything that can be asked: the folder, the permissions, the disk. */
static LacStatus try_output(const LacJobPaths *paths, const char *path, LacError *error) {
  LacOutput *output = NULL;
  if (lac_path_exists(path) && !paths->may_replace && !lac_path_is_directory(path))
    return lac_error_set(error, LAC_ERR_EXISTS, "OUTPUT_EXISTS",
                         "%s exists and was not touched. Choose another name or pass -f.", path);
  if (paths->is_dry_run)
    return LAC_OK;
  LacStatus status = lac_output_open(path, paths->may_replace, &output, error);
  lac_output_abort(output);
  return status;
}

static LacStatus check_output(const LacJobPaths *paths, size_t index, LacError *error) {
  const char *path = paths->outputs[index];
  if (!path)
    return LAC_OK;
  for (size_t i = 0; i < index; i++) {
    const char *other = paths->outputs[i];
    bool is_twice = other && (lac_job_is_stream(path) ? strcmp(other, path) == 0 : lac_same_target(other, path));
    if (is_twice && !(lac_job_is_stream(path) && !is_dash(path))) /* /dev/null holds everything */
      return lac_error_set(error, LAC_ERR_USAGE, "OUTPUT_TWICE", "%s is named for two outputs. Give each its own name.",
                           path);
  }
  if (lac_job_is_stream(path))
    return LAC_OK;
  for (size_t i = 0; i < MAX_PATHS; i++) {
    const char *input = paths->inputs[i];
    if (input && !is_dash(input) && lac_same_file(input, path))
      return lac_error_set(error, LAC_ERR_IS_INPUT, "OUTPUT_IS_INPUT",
                           "%s is the input (%s) and was not touched: inputs are never written. Choose another name.",
                           path, input);
  }
  return try_output(paths, path, error);
}

LacStatus lac_job_paths_check(const LacJobPaths *paths, LacError *error) {
  for (size_t i = 0; i < MAX_PATHS; i++) {
    LacStatus status = check_output(paths, i, error);
    if (status)
      return status;
  }
  return LAC_OK;
}

char *lac_job_scratch_path(void) {
  const char *folder = getenv("TMPDIR");
  return lac_format("%s/lacquer-render.wav", folder && lac_path_is_directory(folder) ? folder : "/tmp");
}

LacStatus lac_job_container(const char *path, LacContainer *container, LacError *error) {
  if (lac_job_is_stream(path)) {
    *container = LAC_CONTAINER_WAV;
    return LAC_OK;
  }
  if (lac_container_from_path(path, container) == LAC_OK)
    return LAC_OK;
  return lac_error_set(error, LAC_ERR_USAGE, "OUTPUT_FORMAT",
                       "%s does not end in .wav, .aiff or .flac, the formats that Lacquer writes. Choose one of them.",
                       path);
}
