/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "targets/user_data.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

bool lac_data_id_is_valid(const char *text) {
  const size_t length = strlen(text);
  if (length == 0 || length >= LAC_DATA_ID_SIZE || text[0] == '-' || text[length - 1] == '-' || strstr(text, "--"))
    return false;
  return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static LacStatus visit_in(const char *folder, const char *middle, const char *name,
                          LacStatus (*visit)(const char *path, void *user), void *user) {
  if (!folder || !folder[0])
    return LAC_OK;
  char *path = lac_format("%s%s/%s", folder, middle, name);
  const LacStatus status = path ? visit(path, user) : LAC_ERR_MEMORY;
  lac_free(path);
  return status;
}

LacStatus lac_user_data_visit(const char *name, LacStatus (*visit)(const char *path, void *user), void *user) {
  const char *xdg = getenv("XDG_DATA_HOME"); /* the XDG rule: a relative one is ignored */
  const LacStatus status = xdg && xdg[0] == '/' ? visit_in(xdg, "/lacquer", name, visit, user)
                                                : visit_in(getenv("HOME"), "/.local/share/lacquer", name, visit, user);
  return status ? status : visit_in(getenv("LACQUER_DATA"), "", name, visit, user);
}

bool lac_data_text_is_valid(const char *text, size_t n_bytes, size_t max_bytes) {
  if (n_bytes == 0 || n_bytes > max_bytes)
    return false;
  for (size_t i = 0; i < n_bytes; i++)
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
      return false;
  return true;
}
