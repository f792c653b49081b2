/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"

#include "core/memory.h"
#include "core/posix_file.h"

#include <unistd.h>

struct LacScratch {
  int fd;
};

LacStatus lac_scratch_new(LacScratch **out, LacError *error) {
  *out = NULL;
  LacScratch *scratch = lac_calloc(1, sizeof *scratch);
  if (!scratch)
    return lac_error_set(error, LAC_ERR_MEMORY, "MEMORY", "Not enough memory for a temporary file.");
  int error_number;
  scratch->fd = lac_posix_scratch(&error_number);
  if (scratch->fd < 0) {
    lac_free(scratch);
    LacStatus status = lac_posix_write_status(error_number);
    if (status == LAC_ERR_NO_SPACE)
      return lac_error_set(error, status, "DISK_FULL",
                           "No space left on the disk of temporary files. Free space there, or set TMPDIR to a folder "
                           "on a larger disk, and run again.");
    return lac_error_set(error, status, "SCRATCH_UNWRITABLE",
                         "No temporary file can be made in TMPDIR, /tmp or /var/tmp. Set TMPDIR to a folder that can "
                         "be written.");
  }
  *out = scratch;
  return LAC_OK;
}

LacStatus lac_scratch_write_at(LacScratch *scratch, uint64_t offset, const void *bytes, size_t n_bytes) {
  int error_number = lac_posix_write_at(scratch->fd, offset, bytes, n_bytes);
  return error_number ? lac_posix_write_status(error_number) : LAC_OK;
}

LacStatus lac_scratch_read_at(LacScratch *scratch, uint64_t offset, void *bytes, size_t n_bytes) {
  size_t n_read;
  int error_number = lac_posix_read_at(scratch->fd, offset, bytes, n_bytes, &n_read);
  return error_number || n_read < n_bytes ? LAC_ERR_READ : LAC_OK;
}

void lac_scratch_free(LacScratch *scratch) {
  if (!scratch)
    return;
  close(scratch->fd);
  lac_free(scratch);
}
