/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"
#include "core/memory.h"

#include "core/test/check.h"
#include "core/test/file_fixture.h"
#include "core/test/folder.h"

#include <errno.h>
#include <fcntl.h>

static void test_read_at(void **state) {
  char path[TEST_PATH_SIZE], bytes[16];
  assert_true(test_file_put(test_path(*state, "a", path), "0123456789"));
  LacInput *input;
  LacError error;
  size_t n_read;
  assert_int_equal(lac_input_open(path, &input, &error), LAC_OK);
  assert_true(lac_input_size(input) == 10);
  assert_int_equal(lac_input_read_at(input, 7, bytes, sizeof bytes, &n_read), LAC_OK);
  assert_int_equal(n_read, 3);
  assert_memory_equal(bytes, "789", 3);
  assert_int_equal(lac_input_read_at(input, 0, bytes, 2, &n_read), LAC_OK);
  assert_memory_equal(bytes, "01", 2);
  static const uint64_t beyond[] = {10, 11, INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX};
  for (size_t i = 0; i < sizeof beyond / sizeof *beyond; i++) {
    assert_int_equal(lac_input_read_at(input, beyond[i], bytes, 4, &n_read), LAC_OK);
    assert_int_equal(n_read, 0);
  }
  lac_input_close(input);
  lac_input_close(NULL);
}

static void check_refused(const char *path, LacStatus status, const char *code) {
  LacInput *input = (LacInput *)(uintptr_t)16;
  LacError error = {0};
  assert_int_equal(lac_input_open(path, &input, &error), status);
  assert_null(input);
  assert_int_equal(error.status, status);
  assert_string_equal(error.code, code);
  assert_true(strlen(error.text) > 20 && error.text[strlen(error.text) - 1] == '.');
  assert_int_equal(lac_input_open(path, &input, NULL), status);
}

static void test_refusals(void **state) {
  char path[TEST_PATH_SIZE], deeper[TEST_PATH_SIZE + 8], long_name[5000];
  check_refused(test_path(*state, "none", path), LAC_ERR_NOT_FOUND, "INPUT_MISSING");
  check_refused("", LAC_ERR_NOT_FOUND, "INPUT_MISSING");
  check_refused(((TestFolder *)*state)->path, LAC_ERR_NOT_FOUND, "INPUT_IS_DIRECTORY");
  LacInput *folder = NULL;
  LacError error = {0};
  assert_int_equal(lac_input_open(((TestFolder *)*state)->path, &folder, &error), LAC_ERR_NOT_FOUND);
  assert_null(strstr(error.text, "audio")); /* recipes and presets are opened here too */
  assert_true(test_file_put(test_path(*state, "file", path), "x"));
  snprintf(deeper, sizeof deeper, "%s/below", path);
  check_refused(deeper, LAC_ERR_NOT_FOUND, "INPUT_MISSING");
  assert_int_equal(symlink("loop", test_path(*state, "loop", path)), 0);
  check_refused(path, LAC_ERR_NOT_FOUND, "INPUT_MISSING");
  assert_int_equal(symlink("nowhere", test_path(*state, "dangling", path)), 0);
  check_refused(path, LAC_ERR_NOT_FOUND, "INPUT_MISSING");
  memset(long_name, 'n', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = '\0';
  check_refused(long_name, LAC_ERR_NOT_FOUND, "INPUT_MISSING");
}

/* In a child without root's rights: permissions mean nothing to root. */
static void test_permission(void **state) {
  char path[TEST_PATH_SIZE];
  assert_int_equal(chmod(((TestFolder *)*state)->path, 0755), 0);
  assert_true(test_file_put(test_path(*state, "secret", path), "x"));
  assert_int_equal(chmod(path, 0), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    if (geteuid() == 0 && seteuid(65534) != 0)
      _exit(1);
    LacInput *input;
    LacError error = {0};
    LacStatus status = lac_input_open(path, &input, &error);
    _exit(status == LAC_ERR_NOT_FOUND && !strcmp(error.code, "INPUT_UNREADABLE") ? 0 : 2);
  }
  test_check_ended_well(child);
}

enum { SPOOLED_BYTES = 700001 };

/* A writer that dribbles odd pieces, so that reads come up short. */
static pid_t start_writer(const char *fifo, int fd) {
  pid_t child = fork();
  if (child != 0)
    return child;
  if (fifo)
    fd = open(fifo, O_WRONLY);
  char piece[3001];
  for (size_t at = 0; at < SPOOLED_BYTES;) {
    size_t n_bytes = at % 3001 + 1;
    if (n_bytes > SPOOLED_BYTES - at)
      n_bytes = SPOOLED_BYTES - at;
    for (size_t i = 0; i < n_bytes; i++)
      piece[i] = (char)((at + i) % 251);
    if (write(fd, piece, n_bytes) != (ssize_t)n_bytes)
      _exit(1);
    at += n_bytes;
  }
  _exit(0);
}

static void check_spooled(const char *path) {
  LacInput *input;
  LacError error;
  assert_int_equal(lac_input_open(path, &input, &error), LAC_OK);
  assert_true(lac_input_size(input) == SPOOLED_BYTES);
  unsigned char *bytes = lac_alloc(SPOOLED_BYTES + 1, 1);
  assert_non_null(bytes);
  /* Twice: a pipe could not. */
  for (int round = 0; round < 2; round++) {
    size_t n_read;
    assert_int_equal(lac_input_read_at(input, 0, bytes, SPOOLED_BYTES + 1, &n_read), LAC_OK);
    assert_int_equal(n_read, SPOOLED_BYTES);
    for (size_t i = 0; i < SPOOLED_BYTES; i++)
      assert_true(bytes[i] == i % 251);
  }
  lac_free(bytes);
  lac_input_close(input);
}

static void test_fifo(void **state) {
  char path[TEST_PATH_SIZE];
  assert_int_equal(mkfifo(test_path(*state, "fifo", path), 0600), 0);
  pid_t child = start_writer(path, -1);
  check_spooled(path);
  test_check_ended_well(child);
}

static void test_standard_input_pipe(void **state) {
  (void)state;
  int ends[2], before = dup(STDIN_FILENO);
  assert_int_equal(pipe(ends), 0);
  /* Another program may leave a pipe non-blocking. */
  assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
  pid_t child = start_writer(NULL, ends[1]);
  close(ends[1]);
  dup2(ends[0], STDIN_FILENO);
  check_spooled("-");
  dup2(before, STDIN_FILENO);
  close(ends[0]);
  close(before);
  test_check_ended_well(child);
}

/* A redirected file is read in place, from where the shell's earlier readers left it. */
static void test_standard_input_file(void **state) {
  char path[TEST_PATH_SIZE], bytes[16] = "";
  assert_true(test_file_put(test_path(*state, "redirected", path), "head:tail"));
  int before = dup(STDIN_FILENO), fd = open(path, O_RDONLY);
  assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
  dup2(fd, STDIN_FILENO);
  LacInput *input;
  size_t n_read;
  assert_int_equal(lac_input_open("-", &input, NULL), LAC_OK);
  assert_true(lac_input_size(input) == 4);
  assert_int_equal(lac_input_read_at(input, 1, bytes, sizeof bytes, &n_read), LAC_OK);
  assert_int_equal(n_read, 3);
  assert_memory_equal(bytes, "ail", 3);
  lac_input_close(input);
  dup2(before, STDIN_FILENO);
  close(fd);
  close(before);
}

static void test_closed_standard_input(void **state) {
  (void)state;
  int before = dup(STDIN_FILENO);
  close(STDIN_FILENO);
  check_refused("-", LAC_ERR_READ, "INPUT_UNREADABLE");
  dup2(before, STDIN_FILENO);
  close(before);
}

static void test_read_all(void **state) {
  char path[TEST_PATH_SIZE], *bytes;
  size_t n_bytes;
  LacError error;
  assert_true(test_file_put(test_path(*state, "small", path), "0123456789"));
  assert_int_equal(lac_file_read_all(path, 10, &bytes, &n_bytes, &error), LAC_OK);
  assert_int_equal(n_bytes, 10);
  assert_string_equal(bytes, "0123456789");
  lac_free(bytes);
  assert_int_equal(lac_file_read_all(path, 9, &bytes, &n_bytes, &error), LAC_ERR_LIMIT);
  assert_string_equal(error.code, "INPUT_TOO_LARGE");
  assert_null(bytes);
  assert_true(test_file_put(path, ""));
  assert_int_equal(lac_file_read_all(path, 0, &bytes, &n_bytes, &error), LAC_OK);
  assert_int_equal(n_bytes, 0);
  assert_string_equal(bytes, "");
  lac_free(bytes);
  /* Promises no size and has one. */
  assert_int_equal(lac_file_read_all("/proc/self/status", 1 << 20, &bytes, &n_bytes, &error), LAC_OK);
  assert_true(n_bytes > 100 && strlen(bytes) == n_bytes);
  lac_free(bytes);
  assert_int_equal(lac_file_read_all("/proc/self/status", 64, &bytes, &n_bytes, &error), LAC_ERR_LIMIT);
  assert_int_equal(lac_file_read_all(test_path(*state, "none", path), 64, &bytes, &n_bytes, &error), LAC_ERR_NOT_FOUND);
  assert_null(bytes);
}

static void test_paths(void **state) {
  char file[TEST_PATH_SIZE], link_to[TEST_PATH_SIZE], hard[TEST_PATH_SIZE], gone[TEST_PATH_SIZE];
  assert_true(test_file_put(test_path(*state, "one", file), "x"));
  assert_int_equal(symlink("one", test_path(*state, "soft", link_to)), 0);
  assert_int_equal(link(file, test_path(*state, "hard", hard)), 0);
  assert_int_equal(symlink("missing", test_path(*state, "gone", gone)), 0);
  assert_true(lac_same_file(file, file) && lac_same_file(file, link_to) && lac_same_file(hard, link_to));
  assert_false(lac_same_file(file, gone) || lac_same_file(gone, gone) || lac_same_file(file, "/"));
  assert_true(lac_path_exists(file) && lac_path_exists(gone) && lac_path_exists("/"));
  assert_false(lac_path_exists(test_path(*state, "missing", hard)));
  assert_true(lac_path_is_directory("/") && !lac_path_is_directory(file) && !lac_path_is_directory(gone));
}

static void test_scratch(void **state) {
  (void)state;
  LacScratch *scratch;
  LacError error;
  char bytes[4];
  assert_int_equal(lac_scratch_new(&scratch, &error), LAC_OK);
  assert_int_equal(lac_scratch_write_at(scratch, 1000000, "tail", 4), LAC_OK);
  assert_int_equal(lac_scratch_write_at(scratch, 0, "head", 4), LAC_OK);
  assert_int_equal(lac_scratch_read_at(scratch, 1000000, bytes, 4), LAC_OK);
  assert_memory_equal(bytes, "tail", 4);
  assert_int_equal(lac_scratch_read_at(scratch, 500000, bytes, 4), LAC_OK);
  assert_memory_equal(bytes, "\0\0\0\0", 4);
  assert_int_equal(lac_scratch_read_at(scratch, 1000001, bytes, 4), LAC_ERR_READ);
  assert_int_equal(lac_scratch_write_at(scratch, UINT64_MAX - 1, "x", 1), LAC_ERR_WRITE);
  lac_scratch_free(scratch);
  lac_scratch_free(NULL);
  /* A TMPDIR that is none is passed over. */
  setenv("TMPDIR", "/nonexistent/place", 1);
  assert_int_equal(lac_scratch_new(&scratch, &error), LAC_OK);
  lac_scratch_free(scratch);
  unsetenv("TMPDIR");
}

/* TMPDIR is used, and nothing in it has a name. */
static void test_scratch_place(void **state) {
  char link_to[TEST_PATH_SIZE] = "", fd_path[64];
  setenv("TMPDIR", ((TestFolder *)*state)->path, 1);
  int count = test_folder_count(*state);
  LacScratch *scratch;
  assert_int_equal(lac_scratch_new(&scratch, NULL), LAC_OK);
  assert_int_equal(test_folder_count(*state), count);
  bool is_there = false;
  for (int fd = 3; fd < 64 && !is_there; fd++) {
    snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(fd_path, link_to, sizeof link_to - 1);
    is_there = length > 0 && !strncmp(link_to, ((TestFolder *)*state)->path, strlen(((TestFolder *)*state)->path));
  }
  assert_true(is_there);
  lac_scratch_free(scratch);
  unsetenv("TMPDIR");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_read_at),
      cmocka_unit_test(test_refusals),
      cmocka_unit_test(test_permission),
      cmocka_unit_test(test_fifo),
      cmocka_unit_test(test_standard_input_pipe),
      cmocka_unit_test(test_standard_input_file),
      cmocka_unit_test(test_closed_standard_input),
      cmocka_unit_test(test_read_all),
      cmocka_unit_test(test_paths),
      cmocka_unit_test(test_scratch),
      cmocka_unit_test(test_scratch_place),
  };
  return cmocka_run_group_tests(tests, test_folder_setup, test_folder_teardown);
}
