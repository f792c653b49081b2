/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"

#include "core/test/check.h"
#include "core/test/file_fixture.h"
#include "core/test/folder.h"

#include <signal.h>
#include <sys/wait.h>

static void check_mode(const char *path, mode_t mode) {
  struct stat info;
  assert_int_equal(lstat(path, &info), 0);
  assert_true(S_ISREG(info.st_mode));
  assert_int_equal(info.st_mode & 07777, mode);
}

static void test_commit(void **state) {
  char path[TEST_PATH_SIZE];
  test_path(*state, "new.wav", path);
  LacOutput *output = test_open_output(path, false);
  assert_int_equal(lac_output_write(output, "hello", 5), LAC_OK);
  assert_int_equal(lac_output_write(output, "", 0), LAC_OK);
  assert_false(lac_path_exists(path));
  assert_int_equal(test_folder_count(*state), 1);
  assert_int_equal(lac_output_commit(output, NULL), LAC_OK);
  test_check_file(path, "hello");
  check_mode(path, 0644);
  assert_int_equal(test_folder_count(*state), 1);
}

static void test_abort(void **state) {
  char path[TEST_PATH_SIZE];
  test_path(*state, "new.wav", path);
  LacOutput *output = test_open_output(path, false);
  assert_int_equal(lac_output_write(output, "hello", 5), LAC_OK);
  lac_output_abort(output);
  lac_output_abort(NULL);
  assert_int_equal(test_folder_count(*state), 0);
}

static void test_replace(void **state) {
  char path[TEST_PATH_SIZE];
  LacError error = {0};
  LacOutput *output;
  assert_true(test_file_put(test_path(*state, "old.wav", path), "old"));
  assert_int_equal(chmod(path, 0640), 0);
  assert_int_equal(lac_output_open(path, false, &output, &error), LAC_ERR_EXISTS);
  assert_null(output);
  assert_string_equal(error.code, "OUTPUT_EXISTS");
  assert_non_null(strstr(error.text, "-f"));
  output = test_open_output(path, true);
  assert_int_equal(lac_output_write(output, "new!", 4), LAC_OK);
  test_check_file(path, "old");
  assert_int_equal(lac_output_commit(output, &error), LAC_OK);
  test_check_file(path, "new!");
  check_mode(path, 0640);
  output = test_open_output(path, true);
  assert_int_equal(lac_output_write(output, "third", 5), LAC_OK);
  lac_output_abort(output);
  test_check_file(path, "new!");
  assert_int_equal(test_folder_count(*state), 1);
}

/* A file that appears while we work is not replaced unless we may. */
static void test_race(void **state) {
  char path[TEST_PATH_SIZE];
  LacError error = {0};
  LacOutput *output = test_open_output(test_path(*state, "raced", path), false);
  assert_int_equal(lac_output_write(output, "ours", 4), LAC_OK);
  assert_true(test_file_put(path, "theirs"));
  assert_int_equal(lac_output_commit(output, &error), LAC_ERR_EXISTS);
  assert_string_equal(error.code, "OUTPUT_EXISTS");
  test_check_file(path, "theirs");
  assert_int_equal(test_folder_count(*state), 1);
}

/* Two outputs with one name at once: each has its own temporary file, the last commit wins. */
static void test_two_at_once(void **state) {
  char path[TEST_PATH_SIZE];
  LacOutput *a = test_open_output(test_path(*state, "same", path), true), *b = test_open_output(path, true);
  assert_string_not_equal(lac_output_temporary_path(a), lac_output_temporary_path(b));
  assert_int_equal(lac_output_write(a, "a", 1), LAC_OK);
  assert_int_equal(lac_output_write(b, "b", 1), LAC_OK);
  assert_int_equal(lac_output_commit(b, NULL), LAC_OK);
  assert_int_equal(lac_output_commit(a, NULL), LAC_OK);
  test_check_file(path, "a");
  assert_int_equal(test_folder_count(*state), 1);
}

static void check_through_link(void *folder, const char *link_name, const char *target_name) {
  char link_path[TEST_PATH_SIZE], target_path[TEST_PATH_SIZE];
  struct stat info;
  LacOutput *output = test_open_output(test_path(folder, link_name, link_path), true);
  assert_int_equal(lac_output_write(output, link_name, strlen(link_name)), LAC_OK);
  assert_int_equal(lac_output_commit(output, NULL), LAC_OK);
  assert_int_equal(lstat(link_path, &info), 0);
  assert_true(S_ISLNK(info.st_mode));
  test_check_file(test_path(folder, target_name, target_path), link_name);
}

static void test_links(void **state) {
  char path[TEST_PATH_SIZE], there[TEST_PATH_SIZE], other[TEST_PATH_SIZE];
  LacError error = {0};
  LacOutput *output;
  assert_true(test_file_put(test_path(*state, "file", path), "old"));
  assert_int_equal(symlink("file", test_path(*state, "relative", path)), 0);
  assert_int_equal(symlink("relative", test_path(*state, "chained", path)), 0);
  assert_int_equal(symlink("made", test_path(*state, "dangling", path)), 0);
  assert_int_equal(symlink(test_path(*state, "file", there), test_path(*state, "absolute", other)), 0);
  check_through_link(*state, "relative", "file");
  check_through_link(*state, "chained", "file");
  check_through_link(*state, "absolute", "file");
  check_through_link(*state, "dangling", "made");
  assert_int_equal(lac_output_open(test_path(*state, "dangling", path), false, &output, &error), LAC_ERR_EXISTS);
  assert_int_equal(symlink("loop", test_path(*state, "loop", path)), 0);
  assert_int_equal(lac_output_open(path, true, &output, &error), LAC_ERR_WRITE);
  assert_string_equal(error.code, "OUTPUT_UNWRITABLE");
}

static void check_refused(const char *path, LacStatus status, const char *code) {
  LacOutput *output = (LacOutput *)(uintptr_t)16;
  LacError error = {0};
  assert_int_equal(lac_output_open(path, true, &output, &error), status);
  assert_null(output);
  assert_string_equal(error.code, code);
  assert_true(strlen(error.text) > 20 && error.text[strlen(error.text) - 1] == '.');
}

static void test_refusals(void **state) {
  char path[TEST_PATH_SIZE];
  check_refused(((TestFolder *)*state)->path, LAC_ERR_WRITE, "OUTPUT_IS_DIRECTORY");
  check_refused("/", LAC_ERR_WRITE, "OUTPUT_IS_DIRECTORY");
  check_refused(test_path(*state, "none/file", path), LAC_ERR_WRITE, "OUTPUT_UNWRITABLE");
  check_refused(test_path(*state, "none/", path), LAC_ERR_WRITE, "OUTPUT_IS_DIRECTORY");
  check_refused("", LAC_ERR_WRITE, "OUTPUT_UNWRITABLE");
  assert_true(test_file_put(test_path(*state, "file", path), "x"));
  check_refused(test_path(*state, "file/below", path), LAC_ERR_WRITE, "OUTPUT_UNWRITABLE");
  char too_long[400];
  memset(too_long, 'n', 300);
  too_long[300] = '\0';
  check_refused(test_path(*state, too_long, path), LAC_ERR_WRITE, "OUTPUT_UNWRITABLE");
  /* The longest legal name still finds room for a temporary beside it. */
  too_long[255] = '\0';
  LacOutput *output = test_open_output(test_path(*state, too_long, path), true);
  assert_int_equal(lac_output_commit(output, NULL), LAC_OK);
  test_check_file(path, "");
}

/* In a child without root's rights. The folder belongs to the child, what is in it may not. */
static int refused_without_rights(const char *path, const char *folder) {
  if (geteuid() == 0 && (chown(folder, 65534, 65534) != 0 || seteuid(65534) != 0))
    return 1;
  LacOutput *output;
  LacError error = {0};
  if (lac_output_open(path, true, &output, &error) != LAC_ERR_WRITE || strcmp(error.code, "OUTPUT_UNWRITABLE") != 0)
    return 2;
  return strstr(error.text, "may not be written") ? 0 : 3;
}

static void check_without_rights(const char *path, const char *folder) {
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0)
    _exit(refused_without_rights(path, folder));
  test_check_ended_well(child);
}

static void test_permission(void **state) {
  char path[TEST_PATH_SIZE];
  const char *folder = ((TestFolder *)*state)->path;
  assert_true(test_file_put(test_path(*state, "protected", path), "x"));
  assert_int_equal(chmod(path, 0444), 0);
  check_without_rights(path, folder);
  assert_int_equal(chmod(folder, 0555), 0);
  check_without_rights(test_path(*state, "new", path), folder);
  assert_int_equal(chmod(folder, 0755), 0);
  assert_int_equal(test_folder_count(*state), 1);
}

/* Random writes, seeks, reads back and cuts, against an array in memory. */
static void test_random_access(void **state) {
  enum { MOST = 1500000 };
  char path[TEST_PATH_SIZE];
  unsigned char *model = lac_calloc(MOST, 1), *piece = lac_alloc(MOST, 1);
  assert_non_null(model);
  assert_non_null(piece);
  size_t size = 0, position = 0;
  LacOutput *output = test_open_output(test_path(*state, "random", path), false);
  assert_true(lac_output_is_seekable(output));
  for (uint64_t step = 0; step < 1500; step++) {
    uint64_t kind = lac_random_u64(5, 0, step) % 16, a = lac_random_u64(5, 1, step), b = lac_random_u64(5, 2, step);
    if (kind == 0) {
      size_t offset = (size_t)(a % (size + 1)), n_bytes = (size_t)(b % 300000), n_read;
      if (offset + n_bytes > MOST)
        n_bytes = MOST - offset;
      size_t expected = offset + n_bytes > size ? size - offset : n_bytes;
      assert_int_equal(lac_output_read_at(output, offset, piece, n_bytes, &n_read), LAC_OK);
      assert_int_equal(n_read, expected);
      assert_memory_equal(piece, model + offset, n_read);
    } else if (kind == 1) {
      position = (size_t)(a % (MOST / 2));
      assert_int_equal(lac_output_seek(output, position), LAC_OK);
    } else if (kind == 2 && step % 3 == 0) {
      size_t kept = (size_t)(a % (size + 1));
      memset(model + kept, 0, size - kept);
      position = size = kept;
      assert_int_equal(lac_output_truncate(output, kept), LAC_OK);
    } else {
      size_t n_bytes = (size_t)(a % (kind < 4 ? 600000 : 2000));
      if (position + n_bytes > MOST)
        n_bytes = MOST - position;
      for (size_t i = 0; i < n_bytes; i++)
        model[position + i] = piece[i] = (unsigned char)(b + i * 7);
      assert_int_equal(lac_output_write(output, piece, n_bytes), LAC_OK);
      position += n_bytes;
      size = position > size && n_bytes > 0 ? position : size;
    }
    assert_true(lac_output_tell(output) == position && lac_output_size(output) == size);
  }
  /* The temporary file, opened by name, has everything. */
  FILE *file = fopen(lac_output_temporary_path(output), "rb");
  assert_non_null(file);
  assert_int_equal(fread(piece, 1, MOST, file), size);
  fclose(file);
  assert_memory_equal(piece, model, size);
  assert_int_equal(lac_output_commit(output, NULL), LAC_OK);
  char *bytes;
  size_t n_bytes;
  assert_int_equal(lac_file_read_all(path, MOST, &bytes, &n_bytes, NULL), LAC_OK);
  assert_int_equal(n_bytes, size);
  assert_memory_equal(bytes, model, size);
  lac_free(bytes);
  lac_free(model);
  lac_free(piece);
}

static void test_write_all(void **state) {
  char path[TEST_PATH_SIZE];
  LacError error;
  test_path(*state, "recipe.json", path);
  assert_int_equal(lac_file_write_all(path, "{}\n", 3, false, &error), LAC_OK);
  test_check_file(path, "{}\n");
  assert_int_equal(lac_file_write_all(path, "[]\n", 3, false, &error), LAC_ERR_EXISTS);
  test_check_file(path, "{}\n");
  assert_int_equal(lac_file_write_all(path, "[]\n", 3, true, &error), LAC_OK);
  test_check_file(path, "[]\n");
  assert_int_equal(test_folder_count(*state), 1);
}

/* A name that is not UTF-8 works, and its message is UTF-8 all the same. */
static void test_odd_names(void **state) {
  char path[TEST_PATH_SIZE];
  LacError error;
  LacOutput *output;
  test_path(*state, "caf\xE9\x1b[2J \n.wav", path);
  assert_int_equal(lac_file_write_all(path, "x", 1, false, &error), LAC_OK);
  assert_int_equal(lac_output_open(path, false, &output, &error), LAC_ERR_EXISTS);
  assert_non_null(strstr(error.text, "caf??[2J"));
}

/* Replaces "old" or "new" by the other, for ever, until killed. */
static void replace_for_ever(const char *path) {
  static char bytes[400000];
  for (int round = 0;; round++) {
    memset(bytes, round % 2 ? 'a' : 'b', sizeof bytes);
    LacOutput *output;
    if (lac_output_open(path, true, &output, NULL) != LAC_OK)
      _exit(1);
    for (size_t at = 0; at < sizeof bytes; at += 1000)
      lac_output_write(output, bytes + at, 1000);
    if (lac_output_commit(output, NULL) != LAC_OK)
      _exit(2);
  }
}

/* Killed at any time: the file is whole, and at most one temporary file is left. */
static void test_kill(void **state) {
  char path[TEST_PATH_SIZE], *bytes;
  size_t n_bytes;
  assert_true(test_file_put(test_path(*state, "song", path), "a"));
  for (uint64_t round = 0; round < 20; round++) {
    int count = test_folder_count(*state);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
      replace_for_ever(path);
    usleep((useconds_t)(500 + lac_random_u64(6, 0, round) % 20000));
    kill(child, SIGKILL);
    int ended;
    assert_int_equal(waitpid(child, &ended, 0), child);
    assert_true(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGKILL);
    assert_int_equal(lac_file_read_all(path, 1 << 20, &bytes, &n_bytes, NULL), LAC_OK);
    assert_true(n_bytes == 1 || n_bytes == 400000);
    for (size_t i = 1; i < n_bytes; i++)
      assert_true(bytes[i] == bytes[0]);
    lac_free(bytes);
    assert_true(test_folder_count(*state) <= count + 1);
  }
}

#define FILE_TEST(name) cmocka_unit_test_setup_teardown(name, test_folder_setup, test_folder_teardown)

int main(void) {
  const struct CMUnitTest tests[] = {
      FILE_TEST(test_commit),        FILE_TEST(test_abort),     FILE_TEST(test_replace),   FILE_TEST(test_race),
      FILE_TEST(test_two_at_once),   FILE_TEST(test_links),     FILE_TEST(test_refusals),  FILE_TEST(test_permission),
      FILE_TEST(test_random_access), FILE_TEST(test_write_all), FILE_TEST(test_odd_names), FILE_TEST(test_kill),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
