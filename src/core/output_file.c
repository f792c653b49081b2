/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"

#include "core/memory.h"
#include "core/output_target.h"
#include "core/posix_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024 };

struct LacOutput {
  LacTarget target;
  char *path; /* as the caller named it, for messages */
  int error_number;
  LacStatus status;  /* the first failure */
  uint64_t position; /* of the next byte */
  uint64_t size;
  /* buffer[0..n_held) belongs at held_at; a write elsewhere flushes first. */
  uint64_t held_at;
  size_t n_held;
  unsigned char *buffer;
};

static void output_free(LacOutput *output) {
  lac_target_close(&output->target);
  lac_free(output->buffer);
  lac_free(output->path);
  lac_free(output);
}

LacStatus lac_output_open(const char *path, bool may_replace, LacOutput **out, LacError *error) {
  *out = NULL;
  LacOutput *output = lac_calloc(1, sizeof *output);
  if (!output)
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to open the output. Nothing was changed.");
  output->target.fd = -1;
  output->path = lac_strdup(path);
  output->buffer = lac_alloc(BUFFER_BYTES, 1);
  LacStatus status;
  if (output->path && output->buffer)
    status = lac_target_open(path, may_replace, &output->target, error);
  else
    status =
        lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory to open the output. Nothing was changed.");
  if (status != LAC_OK) {
    output_free(output);
    return status;
  }
  *out = output;
  return LAC_OK;
}

static LacStatus remember(LacOutput *output, int error_number) {
  if (error_number && output->status == LAC_OK) {
    output->error_number = error_number;
    output->status = lac_posix_write_status(error_number);
  }
  return output->status;
}

static int write_through(LacOutput *output, uint64_t offset, const void *bytes, size_t n_bytes) {
  if (output->target.kind == LAC_TARGET_DIRECT)
    return lac_posix_write(output->target.fd, bytes, n_bytes);
  return lac_posix_write_at(output->target.fd, offset, bytes, n_bytes);
}

static LacStatus flush(LacOutput *output) {
  if (output->status != LAC_OK || output->n_held == 0)
    return output->status;
  size_t n_bytes = output->n_held;
  output->n_held = 0;
  return remember(output, write_through(output, output->held_at, output->buffer, n_bytes));
}

LacStatus lac_output_write(LacOutput *output, const void *bytes, size_t n_bytes) {
  if (output->status != LAC_OK || n_bytes == 0)
    return output->status;
  if (n_bytes > INT64_MAX - output->position)
    return remember(output, EFBIG);
  bool continues = output->n_held > 0 && output->held_at + output->n_held == output->position;
  if (!continues || n_bytes > BUFFER_BYTES - output->n_held)
    if (flush(output) != LAC_OK)
      return output->status;
  if (n_bytes >= BUFFER_BYTES) {
    if (remember(output, write_through(output, output->position, bytes, n_bytes)) != LAC_OK)
      return output->status;
  } else {
    if (output->n_held == 0)
      output->held_at = output->position;
    memcpy(output->buffer + output->n_held, bytes, n_bytes);
    output->n_held += n_bytes;
  }
  output->position += n_bytes;
  if (output->position > output->size)
    output->size = output->position;
  return LAC_OK;
}

LacStatus lac_output_seek(LacOutput *output, uint64_t offset) {
  if (!lac_output_is_seekable(output) || offset > INT64_MAX)
    return remember(output, ESPIPE);
  output->position = offset;
  return output->status;
}

uint64_t lac_output_tell(const LacOutput *output) {
  return output->position;
}

uint64_t lac_output_size(const LacOutput *output) {
  return output->size;
}

bool lac_output_is_seekable(const LacOutput *output) {
  return output->target.kind != LAC_TARGET_DIRECT;
}

LacStatus lac_output_read_at(LacOutput *output, uint64_t offset, void *bytes, size_t n_bytes, size_t *n_read) {
  *n_read = 0;
  if (!lac_output_is_seekable(output))
    return remember(output, ESPIPE);
  if (flush(output) != LAC_OK)
    return output->status;
  return remember(output, lac_posix_read_at(output->target.fd, offset, bytes, n_bytes, n_read));
}

LacStatus lac_output_truncate(LacOutput *output, uint64_t size) {
  if (!lac_output_is_seekable(output))
    return remember(output, ESPIPE);
  if (flush(output) != LAC_OK || remember(output, lac_posix_truncate(output->target.fd, size)) != LAC_OK)
    return output->status;
  output->size = size;
  output->position = size;
  return LAC_OK;
}

const char *lac_output_temporary_path(LacOutput *output) {
  /* A failure is remembered, and whoever opens the file finds it short. */
  if (output->target.temporary)
    flush(output);
  return output->target.temporary;
}

LacStatus lac_output_status(const LacOutput *output) {
  return output->status;
}

/* What the buffered temporary file holds goes to standard output, through the buffer. */
static int copy_to_stdout(LacOutput *output) {
  for (uint64_t offset = 0; offset < output->size;) {
    size_t n_read;
    int error_number = lac_posix_read_at(output->target.fd, offset, output->buffer, BUFFER_BYTES, &n_read);
    if (!error_number)
      error_number = n_read == 0 ? EIO : lac_posix_write(STDOUT_FILENO, output->buffer, n_read);
    if (error_number)
      return error_number;
    offset += n_read;
  }
  return 0;
}

static LacStatus commit_direct(LacOutput *output, LacError *error) {
  bool is_stdout = output->target.kind == LAC_TARGET_STDOUT;
  int error_number = is_stdout ? copy_to_stdout(output) : lac_posix_sync(output->target.fd);
  if (!error_number)
    return LAC_OK;
  return lac_target_failed(output->path, error_number, "What was written is incomplete.", error);
}

/* The name is on the disk only when its folder is. */
static LacStatus sync_directory(LacOutput *output, LacError *error) {
  int error_number;
  int fd = lac_posix_open(output->target.directory, O_RDONLY | O_DIRECTORY, 0, &error_number);
  /* A folder may be writable but not readable; then there is no way to sync it, and no failure either. */
  if (fd < 0)
    return LAC_OK;
  error_number = lac_posix_sync(fd);
  close(fd);
  if (!error_number)
    return LAC_OK;
  char shown[LAC_SHOWN_PATH_SIZE];
  return lac_error_set(error, lac_posix_write_status(error_number), "OUTPUT_UNCONFIRMED",
                       "%s was written, but its disk did not confirm that it is safe. Check the disk and run again.",
                       lac_shown_path(output->path, true, shown));
}

static LacStatus commit_regular(LacOutput *output, LacError *error) {
  LacTarget *target = &output->target;
  int error_number = lac_posix_sync(target->fd);
  if (!error_number) {
    /* Network file systems report a full disk as late as here. */
    int fd = target->fd;
    target->fd = -1;
    error_number = close(fd) == 0 || errno == EINTR ? 0 : errno;
  }
  if (!error_number)
    error_number = lac_posix_rename(target->temporary, target->path, target->may_replace);
  if (error_number)
    return lac_target_failed(output->path, error_number, "Nothing was changed.", error);
  lac_free(target->temporary);
  target->temporary = NULL;
  return sync_directory(output, error);
}

LacStatus lac_output_commit(LacOutput *output, LacError *error) {
  LacStatus status;
  bool is_direct = output->target.kind == LAC_TARGET_DIRECT;
  if (flush(output) != LAC_OK)
    status = lac_target_failed(output->path, output->error_number,
                               is_direct ? "What was written is incomplete." : "Nothing was changed.", error);
  else if (output->target.kind == LAC_TARGET_REGULAR)
    status = commit_regular(output, error);
  else
    status = commit_direct(output, error);
  output_free(output);
  return status;
}

void lac_output_abort(LacOutput *output) {
  if (output)
    output_free(output);
}
