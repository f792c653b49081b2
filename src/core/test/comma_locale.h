/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

/* A locale whose decimal point is a comma: one that is installed, else one made from the files of C.UTF-8. A machine
 * where neither works fails the test that asked, rather than letting it pass untested. */

#ifndef LAC_CORE_TEST_COMMA_LOCALE_H
#define LAC_CORE_TEST_COMMA_LOCALE_H

#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static inline bool comma_locale_works(const char *name) {
  return setlocale(LC_ALL, name) && !strcmp(localeconv()->decimal_point, ",");
}

/* LC_NUMERIC of C.UTF-8 with every '.' (as a byte and as a wide character) turned into ','. */
static inline bool comma_locale_make(const char *folder) {
  static const char *const sources[] = {"/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8"};
  char path[256], bytes[4096];
  FILE *from = NULL;
  for (size_t i = 0; i < 2 && !from; i++) {
    snprintf(path, sizeof path, "%s/LC_NUMERIC", sources[i]);
    from = fopen(path, "rb");
  }
  if (!from)
    return false;
  size_t n_bytes = fread(bytes, 1, sizeof bytes, from);
  fclose(from);
  for (size_t i = 0; i < n_bytes; i++)
    if (bytes[i] == '.')
      bytes[i] = ',';
  snprintf(path, sizeof path, "%s/xx_XX.utf8", folder);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/xx_XX.utf8/LC_NUMERIC", folder);
  FILE *to = fopen(path, "wb");
  if (!to)
    return false;
  bool is_written = fwrite(bytes, 1, n_bytes, to) == n_bytes;
  return fclose(to) == 0 && is_written;
}

/* True when the whole program now uses a comma; setlocale(LC_ALL, "C") ends it. */
static inline bool comma_locale_enter(void) {
  static const char *const installed[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "de_DE"};
  for (size_t i = 0; i < sizeof installed / sizeof *installed; i++)
    if (comma_locale_works(installed[i]))
      return true;
  char folder[] = "/tmp/lacquer-locale-XXXXXX", path[256];
  if (!mkdtemp(folder))
    return false;
  bool is_made = comma_locale_make(folder);
  setenv("LOCPATH", folder, 1);
  bool works = is_made && setlocale(LC_NUMERIC, "xx_XX.utf8") && !strcmp(localeconv()->decimal_point, ",");
  unsetenv("LOCPATH");
  snprintf(path, sizeof path, "%s/xx_XX.utf8/LC_NUMERIC", folder);
  unlink(path);
  snprintf(path, sizeof path, "%s/xx_XX.utf8", folder);
  rmdir(path);
  rmdir(folder);
  return works;
}

#endif
