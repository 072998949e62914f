// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/trouble.h"

#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define OURS "it has to belong to the user that runs waymark"

static const struct {
    const char *before, *behind; // the name
} heads[] = {
    [TROUBLE_FOLDER] = {"the data folder ", ""},   [TROUBLE_KEY] = {"the master key in ", ""},
    [TROUBLE_DATABASE] = {"", "/waymark.db"},      [TROUBLE_STOPS] = {"", "/stops.journal"},
    [TROUBLE_ADDRESS] = {"cannot listen on ", ""},
};

/* The first row that fits is the one. */
static const struct {
    enum trouble what;
    int rc, number;  // number: errno, 0: any
    const char *why; // NULL: what the system calls it
    const char *hint;
} rows[] = {
    {TROUBLE_FOLDER, ERR_IO, ENOENT, NULL, "make the folder above it first, or name another with --data"},
    {TROUBLE_FOLDER, ERR_IO, 0, NULL, OURS ", who has to be able to write there; or name another with --data"},
    {TROUBLE_FOLDER, ERR_REFUSED, 0, "others may write to it", "chmod 700 it, or name a folder in it with --data"},

    {TROUBLE_KEY, ERR_MISSING, 0, "it is not there, and no other opens what is stored",
     "put it back from where it is kept, or say in waymark.conf where it is: key-file PATH"},
    {TROUBLE_KEY, ERR_REFUSED, 0, "others may read it", "chmod 600 it; " OURS},
    {TROUBLE_KEY, ERR_SYNTAX, 0, "it is no key, which is 64 hexadecimal digits", "put back the file that was made"},
    {TROUBLE_KEY, ERR_IO, 0, NULL, OURS},

    {TROUBLE_DATABASE, ERR_IO, 0, NULL, OURS ", on a disk that can be written"},
    {TROUBLE_DATABASE, ERR_FULL, 0, NULL, "make room there, or name a folder on another disk with --data"},
    {TROUBLE_DATABASE, ERR_CORRUPT, 0, "it is damaged", "keep it, and put a backup back: waymark restore"},
    {TROUBLE_DATABASE, ERR_NOT_NOW, 0, "a newer waymark wrote it", "install that one"},

    {TROUBLE_STOPS, ERR_MISSING, 0, "it is not there, though the database knows of one",
     "put it back from where it is kept; where it is lost, \"waymark stops --renew\" makes one of what the database "
     "knows"},
    {TROUBLE_STOPS, ERR_REFUSED, 0, "it was written by another service or under another master key",
     "put back the one that belongs to this data"},
    {TROUBLE_STOPS, ERR_CORRUPT, 0, "it is damaged, or older than the database",
     "put the newest copy back; people who stopped must not be forgotten"},

    {TROUBLE_ADDRESS, ERR_SYNTAX, 0, "that is no address", "write it as 127.0.0.1:8080 or [::1]:8080"},
    {TROUBLE_ADDRESS, ERR_IO, EADDRINUSE, NULL,
     "another program listens there, perhaps another waymark; say another port with --listen or --console"},
    {TROUBLE_ADDRESS, ERR_IO, EADDRNOTAVAIL, NULL, "this machine has no such address; 0.0.0.0 stands for all it has"},
    {TROUBLE_ADDRESS, ERR_IO, EACCES, NULL, "ports below 1024 are for root; take a higher one, behind a proxy"},
};

void trouble_tell(enum trouble what, const char *name, int rc)
{
    const int number = errno;
    const char *why = rc == ERR_IO && number ? strerror(number) : err_text(rc), *hint = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows && !hint; i++)
        if (rows[i].what == what && rows[i].rc == rc && (!rows[i].number || rows[i].number == number)) {
            why = rows[i].why ? rows[i].why : why;
            hint = rows[i].hint;
        }
    fprintf(stderr, "waymark: %s%s%s: %s\n", heads[what].before, name, heads[what].behind, why);
    if (hint)
        fprintf(stderr, "  hint: %s\n", hint);
}
