// Preloaded into the forwarder: what it does to files in the folder $RECORDED_DISK is also told, in the order in which it
// happens, to the journal $DISK_JOURNAL, from which disk_model.py makes the folder that a power cut would have left.
//
// An entry is a line "OPERATION nanoseconds inode number number name", nanoseconds of the monotonic clock, then the bytes:
//   create inode 0 0 name   write inode offset length -   truncate inode size 0 -   sync inode 0 size -
//   unlink 0 0 0 name       rename 0 0 0 from/to          names_synced 0 0 size -   (of the folder)
// The size is the journal's when the call began: what was told later may be lost.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

static int journal(void) {
    static int descriptor = -1;
    if (descriptor < 0)
        descriptor = (int)syscall(
            SYS_openat, AT_FDCWD, getenv("DISK_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor < 0) abort();
    return descriptor;
}

static long long journal_size(void) {
    struct stat status;
    if (fstat(journal(), &status) != 0) abort();
    return status.st_size;
}

static unsigned long inode_of(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 ? (unsigned long)status.st_ino : 0;
}

static void tell(const char* operation, unsigned long inode, long long first, long long second, const char* name,
                 const void* bytes, size_t count) {
    char line[PATH_MAX];
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const int length = snprintf(line, sizeof line, "%s %lld %lu %lld %lld %s\n", operation,
                                now.tv_sec * 1000000000LL + now.tv_nsec, inode, first, second, name);
    const struct iovec parts[] = {{line, (size_t)length}, {(void*)bytes, count}};
    if (syscall(SYS_writev, journal(), parts, 2) != length + (long)count) abort();
}

// 0: not in the folder; 1: a file in it; 2: the folder itself.
static int place(int descriptor) {
    const char* folder = getenv("RECORDED_DISK");
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (folder == NULL || length < 0) return 0;
    path[length] = 0;
    const size_t prefix = strlen(folder);
    if (strncmp(path, folder, prefix) != 0) return 0;
    return path[prefix] == '/' ? 1 : path[prefix] == 0 ? 2 : 0;
}

int openat(int folder, const char* name, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (!(flags & O_CREAT) || place(folder) != 2) return (int)syscall(SYS_openat, folder, name, flags, mode);
    pthread_mutex_lock(&order);
    struct stat status;
    const int existed = fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    const int opened = (int)syscall(SYS_openat, folder, name, flags, mode);
    const int error = errno;
    if (opened >= 0 && !existed)
        tell("create", inode_of(opened), 0, 0, name, "", 0);
    else if (opened >= 0 && flags & O_TRUNC)
        tell("truncate", inode_of(opened), 0, 0, "-", "", 0);
    pthread_mutex_unlock(&order);
    errno = error;
    return opened;
}

ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) {
    if (place(file) != 1) return syscall(SYS_pwrite64, file, bytes, count, offset);
    pthread_mutex_lock(&order);
    const ssize_t written = syscall(SYS_pwrite64, file, bytes, count, offset);
    const int error = errno;
    if (written > 0) tell("write", inode_of(file), offset, written, "-", bytes, (size_t)written);
    pthread_mutex_unlock(&order);
    errno = error;
    return written;
}

int ftruncate(int file, off_t size) {
    pthread_mutex_lock(&order);
    const int result = (int)syscall(SYS_ftruncate, file, size);
    if (result == 0 && place(file) == 1) tell("truncate", inode_of(file), size, 0, "-", "", 0);
    pthread_mutex_unlock(&order);
    return result;
}

// Not under the mutex: it may take long, and what is written meanwhile is not covered by it.
static int synced(long call, int file) {
    const int where = place(file);
    const long long covers = where != 0 ? journal_size() : 0;
    const int result = (int)syscall(call, file);
    pthread_mutex_lock(&order);
    if (result == 0 && where == 1) tell("sync", inode_of(file), 0, covers, "-", "", 0);
    if (result == 0 && where == 2) tell("names_synced", 0, 0, covers, "-", "", 0);
    pthread_mutex_unlock(&order);
    return result;
}

int fdatasync(int file) { return synced(SYS_fdatasync, file); }
int fsync(int file) { return synced(SYS_fsync, file); }

int unlinkat(int folder, const char* name, int flags) {
    pthread_mutex_lock(&order);
    const int result = (int)syscall(SYS_unlinkat, folder, name, flags);
    const int error = errno;
    if (result == 0 && place(folder) == 2) tell("unlink", 0, 0, 0, name, "", 0);
    pthread_mutex_unlock(&order);
    errno = error;
    return result;
}

int renameat(int from_folder, const char* from, int to_folder, const char* to) {
    char names[PATH_MAX];
    snprintf(names, sizeof names, "%s/%s", from, to);
    pthread_mutex_lock(&order);
    const int result = (int)syscall(SYS_renameat2, from_folder, from, to_folder, to, 0);
    const int error = errno;
    if (result == 0 && place(from_folder) == 2) tell("rename", 0, 0, 0, names, "", 0);
    pthread_mutex_unlock(&order);
    errno = error;
    return result;
}
