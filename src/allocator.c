/*
 * Settings of glibc's allocator, for a program that usually holds little memory, and much while it reads a long response.
 *
 * By default glibc gives each thread a heap of its own, and after the first large block is freed, it takes later ones from these
 * heaps. What is free there stays with the process: with 100,000 groups, it grew with every refresh. With these settings a large
 * block is mapped, and given back to the system as soon as it is freed.
 *
 * A start needs a megabyte and a quarter of heap in small blocks. The system gives a page of it at each first touch, which takes longer
 * than what is written there. So all of it is asked for at once.
 *
 * The settings must be set before the first thread starts, so this runs before `main`.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

enum { START = 1280 * 1024 };

__attribute__((constructor)) static void set_allocator(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);

    mallopt(M_TOP_PAD, START);
    char *block = malloc(1);
    if (!block) return;
    char *page = block - (uintptr_t)block % sysconf(_SC_PAGESIZE);
    /* Linux before 5.14 does not know this advice, and gives the pages one by one. */
    madvise(page, START, MADV_POPULATE_WRITE);
    free(block);
}
