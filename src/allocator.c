/*
 * Settings of glibc's allocator, for a program that usually holds little memory, and much while it reads a long response.
 *
 * By default glibc gives each thread a heap of its own, and after the first large block is freed, it takes later ones from these
 * heaps. What is free there stays with the process: with 100,000 groups, it grew with every refresh. With these settings a large
 * block is mapped, and given back to the system as soon as it is freed.
 *
 * They must be set before the first thread starts, so this runs before `main`.
 */
#include <malloc.h>

__attribute__((constructor)) static void set_allocator(void) {
    mallopt(M_ARENA_MAX, 1);
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
}
