/* SPDX-FileCopyrightText: 2026 The Lacquer authors
 * SPDX-License-Identifier: LGPL-2.1-or-later */

#include "render/spool.h"

#include "core/file.h"
#include "core/memory.h"

#include <string.h>

/* Frames are stored in pages, channel after channel inside a page, so that every access is a plain copy. */
enum { PAGE_FRAMES = 16384 };

struct LacSpool {
  unsigned n_channels;
  size_t page_bytes;
  size_t max_pages; /* in memory */
  float **pages;
  size_t n_pages;
  size_t pages_capacity;
  LacScratch *scratch; /* pages from max_pages on */
  uint64_t n_frames;
};

LacStatus lac_spool_new(unsigned n_channels, size_t memory_limit, LacSpool **out) {
  *out = NULL;
  LacSpool *spool = lac_calloc(1, sizeof *spool);
  if (!spool) {
    return LAC_ERR_MEMORY;
  }
  spool->n_channels = n_channels;
  spool->page_bytes = (size_t)n_channels * PAGE_FRAMES * sizeof(float);
  spool->max_pages = memory_limit / spool->page_bytes;
  *out = spool;
  return LAC_OK;
}

static LacStatus add_page(LacSpool *spool) {
  if (spool->n_pages == spool->pages_capacity) {
    const size_t capacity = spool->pages_capacity ? 2 * spool->pages_capacity : 64;
    float **pages = lac_realloc(spool->pages, capacity, sizeof *pages);
    if (!pages) {
      return LAC_ERR_MEMORY;
    }
    spool->pages = pages;
    spool->pages_capacity = capacity;
  }
  float *page = lac_alloc(spool->page_bytes, 1);
  if (!page) {
    return LAC_ERR_MEMORY;
  }
  spool->pages[spool->n_pages++] = page;
  return LAC_OK;
}

static uint64_t scratch_offset(const LacSpool *spool, uint64_t page, unsigned channel, uint32_t frame) {
  return (page - spool->max_pages) * spool->page_bytes + ((uint64_t)channel * PAGE_FRAMES + frame) * sizeof(float);
}

/* One stretch inside one page. */
static LacStatus write_stretch(LacSpool *spool, uint64_t page, uint32_t frame, const float *const *channels,
                               uint32_t from, uint32_t n, LacError *error) {
  LacStatus status = LAC_OK;
  if (page < spool->max_pages) {
    status = page == spool->n_pages ? add_page(spool) : LAC_OK;
  } else if (!spool->scratch) {
    status = lac_scratch_new(&spool->scratch, error);
    if (status != LAC_OK) {
      return status;
    }
  }
  for (unsigned c = 0; c < spool->n_channels && status == LAC_OK; ++c) {
    if (page < spool->max_pages) {
      memcpy(spool->pages[page] + (size_t)c * PAGE_FRAMES + frame, channels[c] + from, n * sizeof(float));
    } else {
      status = lac_scratch_write_at(spool->scratch, scratch_offset(spool, page, c, frame), channels[c] + from,
                                    n * sizeof(float));
    }
  }
  if (status == LAC_OK) {
    return LAC_OK;
  }
  return status == LAC_ERR_MEMORY
             ? lac_error_set(error, status, "MEMORY", "Not enough memory for the signal between two passes.")
             : lac_error_set(error, status, status == LAC_ERR_NO_SPACE ? "DISK_FULL" : "SCRATCH_UNWRITABLE",
                             "The temporary file for the signal between two passes cannot be written: %s. Free space, "
                             "or set TMPDIR to a folder on a larger disk, and run again.",
                             lac_strerror(status));
}

LacStatus lac_spool_append(LacSpool *spool, const float *const *channels, uint32_t n_frames, LacError *error) {
  for (uint32_t done = 0; done < n_frames;) {
    const uint64_t page = spool->n_frames / PAGE_FRAMES;
    const uint32_t frame = (uint32_t)(spool->n_frames % PAGE_FRAMES);
    const uint32_t room = PAGE_FRAMES - frame;
    const uint32_t n = n_frames - done < room ? n_frames - done : room;
    const LacStatus status = write_stretch(spool, page, frame, channels, done, n, error);
    if (status != LAC_OK) {
      return status;
    }
    done += n;
    spool->n_frames += n;
  }
  return LAC_OK;
}

LacStatus lac_spool_read(LacSpool *spool, uint64_t at_frame, float *const *channels, uint32_t n_frames,
                         LacError *error) {
  if (at_frame > spool->n_frames || n_frames > spool->n_frames - at_frame) {
    return lac_error_set(error, LAC_ERR_INTERNAL, "INTERNAL", "The spool was read beyond its end.");
  }
  for (uint32_t done = 0; done < n_frames;) {
    const uint64_t page = (at_frame + done) / PAGE_FRAMES;
    const uint32_t frame = (uint32_t)((at_frame + done) % PAGE_FRAMES);
    const uint32_t room = PAGE_FRAMES - frame;
    const uint32_t n = n_frames - done < room ? n_frames - done : room;
    for (unsigned c = 0; c < spool->n_channels; ++c) {
      if (page < spool->max_pages) {
        memcpy(channels[c] + done, spool->pages[page] + (size_t)c * PAGE_FRAMES + frame, n * sizeof(float));
      } else if (lac_scratch_read_at(spool->scratch, scratch_offset(spool, page, c, frame), channels[c] + done,
                                     n * sizeof(float)) != LAC_OK) {
        return lac_error_set(error, LAC_ERR_READ, "SCRATCH_UNREADABLE",
                             "The temporary file for the signal between two passes cannot be read back. Check the "
                             "disk that holds TMPDIR and run again.");
      }
    }
    done += n;
  }
  return LAC_OK;
}

uint64_t lac_spool_frames(const LacSpool *spool) {
  return spool->n_frames;
}

uint64_t lac_spool_bytes(const LacSpool *spool) {
  return spool->n_frames * spool->n_channels * sizeof(float);
}

size_t lac_spool_memory_bytes(const LacSpool *spool) {
  return spool->n_pages * spool->page_bytes;
}

void lac_spool_free(LacSpool *spool) {
  if (!spool) {
    return;
  }
  for (size_t i = 0; i < spool->n_pages; ++i) {
    lac_free(spool->pages[i]);
  }
  lac_free(spool->pages);
  lac_scratch_free(spool->scratch);
  lac_free(spool);
}
