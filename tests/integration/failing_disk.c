// Preloaded into the forwarder: calls on what is in the folder $FAILING_FOLDER fail as long as the file $FAILING_DISK names
// them, with the error whose number stands first: "28 pwrite openat". A pwrite that fails has written half of its bytes.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int in_folder(int descriptor) {
    const char* folder = getenv("FAILING_FOLDER");
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    return length > 0 && strncmp(path, folder, strlen(folder)) == 0;
}

static int fails(const char* call, int descriptor) {
    char words[256] = "";
    if (!in_folder(descriptor)) return 0;
    FILE* file = fopen(getenv("FAILING_DISK"), "r");
    if (file == NULL || fgets(words, sizeof words, file) == NULL) abort();
    fclose(file);
    if (strstr(words, call) == NULL) return 0;
    errno = atoi(words);
    return 1;
}

int openat(int folder, const char* name, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (flags & O_CREAT && fails("openat", folder)) return -1;
    return (int)syscall(SYS_openat, folder, name, flags, mode);
}

ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
    if (fails("pwrite", file)) {
        const int error = errno;
        syscall(SYS_pwrite64, file, bytes, count / 2, offset);
        errno = error;
        return -1;
    }
    return syscall(SYS_pwrite64, file, bytes, count, offset);
}

int ftruncate(int file, off_t size) {
    return fails("ftruncate", file) ? -1 : (int)syscall(SYS_ftruncate, file, size);
}

int fdatasync(int file) { return fails("fdatasync", file) ? -1 : (int)syscall(SYS_fdatasync, file); }

int fsync(int file) { return fails("fsync", file) ? -1 : (int)syscall(SYS_fsync, file); }

int unlinkat(int folder, const char* name, int flags) {
    return fails("unlinkat", folder) ? -1 : (int)syscall(SYS_unlinkat, folder, name, flags);
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
    if (fails("renameat", from_folder)) return -1;
    return (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
}
