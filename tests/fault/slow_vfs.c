// SPDX-License-Identifier: AGPL-3.0-or-later
/* slow_vfs - a disk that takes its time: with LD_PRELOAD every fsync and fdatasync (SQLite's xSync is one of them)
 * first sleeps SLOW_FSYNC_MS milliseconds. */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void take_time(void)
{
    const char *text = getenv("SLOW_FSYNC_MS");
    long ms = text ? strtol(text, NULL, 10) : 0;
    struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    while (ms > 0 && nanosleep(&left, &left) != 0) // a signal cut it short
        continue;
}

static int real_sync(const char *name, int fd)
{
    int (*sync)(int);
    *(void **)&sync = dlsym(RTLD_NEXT, name); // POSIX's own way around ISO C, see dlsym(3p)
    take_time();
    return sync(fd);
}

int fsync(int fd)
{
    return real_sync("fsync", fd);
}

int fdatasync(int fd)
{
    return real_sync("fdatasync", fd);
}
