/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* Our own file layer: every read and write of Lacquer goes through it.
 *
 * Outputs are atomic: bytes go to a temporary file beside the target (same directory, 0666 & ~umask, or the
 * mode of the file that is replaced), and lac_output_commit does fsync, rename, fsync of the directory. Until
 * then the old file is whole; abort or a kill leaves at most a temporary file ".NAME.lacquer-PID-N.tmp".
 * Devices and FIFOs are written directly and never replaced. Symbolic links are followed: the file they point
 * to is replaced, the link stays. Test builds can fail the k-th write, sync or rename (core/faults.h).
 * EINTR is retried, short writes continue. */

#ifndef LAC_CORE_FILE_H
#define LAC_CORE_FILE_H

#include <lacquer/core.h>

typedef struct LacInput LacInput;
typedef struct LacOutput LacOutput;

/* Open for random reading. Directories are refused; a FIFO, a device or "-" (standard input) is first spooled
 * into an unlinked temporary file so that it can be read twice. Errors: NOT_FOUND, READ, MEMORY, NO_SPACE. */
LAC_NODISCARD LacStatus lac_input_open(const char *path, LacInput **out, LacError *error);
/* Reads from memory that outlives the input: for tests and fuzzing. */
LAC_NODISCARD LacStatus lac_input_from_bytes(const void *bytes, size_t n_bytes, LacInput **out);
uint64_t lac_input_size(const LacInput *input);
/* Reads up to n_bytes at `offset`; *n_read < n_bytes only at the end. Does not move any cursor; thread-safe. */
LacStatus lac_input_read_at(LacInput *input, uint64_t offset, void *bytes, size_t n_bytes, size_t *n_read);
/* Asks the system to begin writing down what it still holds of this file, so that a later commit of it waits less.
 * A hint: nothing is promised and nothing fails. */
void lac_input_start_sync(const LacInput *input);
void lac_input_close(LacInput *input);

/* Same file by device and inode (also through links). False when either does not exist. */
bool lac_same_file(const char *path_a, const char *path_b);
/* True when writing to both paths would make one file, also when nothing is there yet: the same folder and name behind
 * all links. */
bool lac_same_target(const char *path_a, const char *path_b);
/* Anything there: file, directory, device, dangling link. */
bool lac_path_exists(const char *path);
bool lac_path_is_directory(const char *path);

/* Refuses: path is a directory or cannot be created (WRITE), exists without may_replace (EXISTS). "-" is
 * kept in an unlinked temporary file, seekable, and copied to standard output by commit. A block device counts as
 * existing. The caller refuses outputs that are inputs with lac_same_file before. */
LAC_NODISCARD LacStatus lac_output_open(const char *path, bool may_replace, LacOutput **out, LacError *error);
LacStatus lac_output_write(LacOutput *output, const void *bytes, size_t n_bytes);
/* Only for regular targets. */
LacStatus lac_output_seek(LacOutput *output, uint64_t offset);
uint64_t lac_output_tell(const LacOutput *output);
uint64_t lac_output_size(const LacOutput *output);
bool lac_output_is_seekable(const LacOutput *output);
/* Read back what was written so far (regular targets). */
LacStatus lac_output_read_at(LacOutput *output, uint64_t offset, void *bytes, size_t n_bytes, size_t *n_read);
/* Cut the file to `size` and continue at its end: a render that is done again. Regular targets only. */
LacStatus lac_output_truncate(LacOutput *output, uint64_t size);
/* The file that holds the bytes now, to be opened and read: everything written so far is flushed into it. For "-"
 * it is an unlinked file's /proc/self/fd/N. NULL for a direct target. Valid until commit or abort. */
const char *lac_output_temporary_path(LacOutput *output);
/* Writes everything down and makes it appear. Frees `output` in every case. Message says what went wrong. */
LacStatus lac_output_commit(LacOutput *output, LacError *error);
/* Removes the temporary and frees. NULL is allowed. */
void lac_output_abort(LacOutput *output);
/* First failure of any call on this output, for a message written later: LAC_OK, NO_SPACE or WRITE. */
LacStatus lac_output_status(const LacOutput *output);

/* Whole small files (recipes, platforms, reports). max_bytes guards against surprises (LAC_ERR_LIMIT). The bytes
 * get a NUL appended that n_bytes does not count. */
LAC_NODISCARD LacStatus lac_file_read_all(const char *path, size_t max_bytes, char **bytes, size_t *n_bytes,
                                          LacError *error);
LAC_NODISCARD LacStatus lac_file_write_all(const char *path, const void *bytes, size_t n_bytes, bool may_replace,
                                           LacError *error);

/* Names of a folder's regular files (through links) that end in `ending` (".json"), hidden ones left out, sorted by
 * bytes: none when there is no such folder, at most `most`. Caller: lac_folder_list_free. Errors: READ, LIMIT, MEMORY.
 */
LAC_NODISCARD LacStatus lac_folder_list(const char *path, const char *ending, size_t most, char ***names, size_t *count,
                                        LacError *error);
void lac_folder_list_free(char **names, size_t count);

/* An unlinked temporary file of TMPDIR (else /tmp, /var/tmp) for signals too long for memory. */
typedef struct LacScratch LacScratch;
LAC_NODISCARD LacStatus lac_scratch_new(LacScratch **out, LacError *error);
LacStatus lac_scratch_write_at(LacScratch *scratch, uint64_t offset, const void *bytes, size_t n_bytes);
LacStatus lac_scratch_read_at(LacScratch *scratch, uint64_t offset, void *bytes, size_t n_bytes);
void lac_scratch_free(LacScratch *scratch);

#endif
