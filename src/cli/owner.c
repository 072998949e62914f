// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/owner.h"

#include "base/err.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FOLDERS_DEEP = 4 };

static int settle_folder(int folder, const struct stat *owner, int deep);

/* By its descriptor, so that whoever owns the folder cannot put another file in its place meanwhile; one with a second
 * name may be somebody else's file. */
static int settle_one(int folder, const char *name, const struct stat *owner, int deep)
{
    struct stat st;
    int fd = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), rc = 0;
    if (fd < 0)
        return 0; // it went meanwhile
    bool is_folder = fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
    if (st.st_uid == 0 && (is_folder || st.st_nlink == 1) &&
        fchownat(fd, "", owner->st_uid, owner->st_gid, AT_EMPTY_PATH) < 0)
        rc = ERR_IO;
    if (is_folder && deep > 0)
        rc = settle_folder(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), owner, deep - 1) < 0 ? ERR_IO : rc;
    close(fd);
    return rc;
}

/* Closes `folder`. */
static int settle_folder(int folder, const struct stat *owner, int deep)
{
    DIR *all = folder < 0 ? NULL : fdopendir(folder);
    int rc = all ? 0 : ERR_IO;
    if (!all && folder >= 0)
        close(folder);
    for (const struct dirent *one = NULL; all && (one = readdir(all));)
        if (strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0)
            rc = settle_one(folder, one->d_name, owner, deep) < 0 ? ERR_IO : rc;
    if (all)
        closedir(all);
    return rc;
}

/* Whether it is a data folder: whoever mistypes one must not give away what root has in another. */
static bool is_data(int folder)
{
    static const char *const marks[] = {"waymark.db", "waymark.lock", "master.key"};
    struct stat st;
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (fstatat(folder, marks[i], &st, AT_SYMLINK_NOFOLLOW) == 0)
            return true;
    return false;
}

int owner_settle(const char *folder)
{
    struct stat st;
    if (geteuid() != 0)
        return 0;
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return 0; // there is none
    if (fstat(fd, &st) == 0 && st.st_uid != 0 && is_data(fd))
        return settle_folder(fd, &st, FOLDERS_DEEP);
    close(fd);
    return 0;
}
