// Preloaded into the forwarder: the wall clock and the kernel's word about it are what the file $TURNED_CLOCK says, as
// "seconds to add, 1 when synchronised".
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static long turned(int* synchronised) {
    long seconds = 0;
    FILE* file = fopen(getenv("TURNED_CLOCK"), "r");
    if (file == NULL || fscanf(file, "%ld %d", &seconds, synchronised) != 2) abort();
    fclose(file);
    return seconds;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
    int synchronised;
    const long result = syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME) now->tv_sec += turned(&synchronised);
    return (int)result;
}

int adjtimex(struct timex* state) {
    int synchronised;
    turned(&synchronised);
    state->status = synchronised ? 0 : STA_UNSYNC;
    return synchronised ? TIME_OK : TIME_ERROR;
}
