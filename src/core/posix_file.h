/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* The system calls below the file layer: EINTR retried, short counts continued, faults injected in test builds,
 * and no signal for a broken pipe or a file-size limit (both arrive as errno). Functions return 0 or an errno. */

#ifndef LAC_CORE_POSIX_FILE_H
#define LAC_CORE_POSIX_FILE_H

#include <lacquer/core.h>

#include <sys/types.h>

/* A descriptor, or -1 and the errno in *error_number. O_CLOEXEC and O_NOCTTY are added. */
int lac_posix_open(const char *path, int flags, mode_t mode, int *error_number);
/* All bytes at `offset`, without moving the descriptor's position. */
int lac_posix_write_at(int fd, uint64_t offset, const void *bytes, size_t n_bytes);
/* All bytes at the descriptor's position: pipes and devices. */
int lac_posix_write(int fd, const void *bytes, size_t n_bytes);
/* *n_read < n_bytes only at the end of the file. */
int lac_posix_read_at(int fd, uint64_t offset, void *bytes, size_t n_bytes, size_t *n_read);
int lac_posix_read(int fd, void *bytes, size_t n_bytes, size_t *n_read);
int lac_posix_truncate(int fd, uint64_t size);
/* Down to the disk; what cannot be synced (a pipe, some devices) counts as done. */
int lac_posix_sync(int fd);
/* Replaces `to` in one step; with may_replace false, EEXIST when anything is there. */
int lac_posix_rename(const char *from, const char *to, bool may_replace);
/* An unlinked file in TMPDIR, else /tmp, else /var/tmp: a descriptor, or -1 with *error_number. */
int lac_posix_scratch(int *error_number);

/* LAC_ERR_NO_SPACE for a full disk or quota, else LAC_ERR_WRITE. */
LacStatus lac_posix_write_status(int error_number);

enum { LAC_SHOWN_PATH_SIZE = 384 };
/* `path` for a message: "-" as "standard input" or "standard output", a long one with its middle left out. */
const char *lac_shown_path(const char *path, bool is_output, char buffer[LAC_SHOWN_PATH_SIZE]);

#endif
