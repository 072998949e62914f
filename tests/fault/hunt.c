// SPDX-License-Identifier: AGPL-3.0-or-later
/* hunt - searches files, or the writable memory of a process, for many byte strings at once.
 *
 *     hunt NEEDLES FILE...        hunt NEEDLES --pid PID
 *
 * NEEDLES: a file of hexadecimal lines, each of six bytes at least. For each hit a line: number of the needle (from 0),
 * place, where, and what stands around it in hexadecimal. The last line tells how many bytes were read. A needle is
 * found by its first three bytes in a table of bits, then by its first six in a table of chains. */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 6, LONGEST = 256, SLOTS = 1 << 22, AROUND = 48, CHUNK = 1 << 20 };

struct needle {
    uint32_t next, number;
    uint8_t len, bytes[LONGEST];
};

static uint8_t firsts[1 << 21];
static uint32_t slots[SLOTS];
static struct needle *needles;
static size_t count, room;

static uint32_t slot_of(const uint8_t *p)
{
    uint64_t h = 0;
    for (int i = 0; i < HEAD; i++)
        h = h << 8 | p[i];
    h *= 0x9E3779B97F4A7C15u;
    return (uint32_t)(h >> 42);
}

static uint32_t first_of(const uint8_t *p)
{
    return (uint32_t)(p[0] | p[1] << 8 | p[2] << 16);
}

static void add(const char *line, uint32_t number)
{
    if (count + 1 >= room)
        needles = realloc(needles, (room = room ? room * 2 : 4096) * sizeof *needles);
    struct needle *n = &needles[++count]; // 0 ends a chain
    n->number = number;
    n->len = 0;
    for (unsigned byte; sscanf(line, "%2x", &byte) == 1 && n->len < LONGEST - 1; line += 2)
        n->bytes[n->len++] = (uint8_t)byte;
    if (n->len < HEAD) {
        fprintf(stderr, "hunt: needle %u is too short\n", number);
        exit(2);
    }
    uint32_t *slot = &slots[slot_of(n->bytes)], first = first_of(n->bytes);
    n->next = *slot;
    *slot = (uint32_t)count;
    firsts[first >> 3] |= (uint8_t)(1 << (first & 7));
}

static void tell(const struct needle *n, const uint8_t *all, size_t len, size_t at, uint64_t base, const char *where)
{
    size_t from = at < AROUND ? 0 : at - AROUND, to = at + n->len + AROUND < len ? at + n->len + AROUND : len;
    printf("%u %llx %s ", n->number, (unsigned long long)(base + at), where);
    for (size_t i = from; i < to; i++)
        printf("%02x", all[i]);
    putchar('\n');
}

/* Tells what begins before `own`; what lies behind belongs to the next piece as well. */
static void search(const uint8_t *all, size_t len, size_t own, uint64_t base, const char *where)
{
    for (size_t at = 0; at < own && at + HEAD <= len; at++) {
        uint32_t first = first_of(all + at);
        if (!(firsts[first >> 3] >> (first & 7) & 1))
            continue;
        for (uint32_t i = slots[slot_of(all + at)]; i; i = needles[i].next)
            if (at + needles[i].len <= len && memcmp(all + at, needles[i].bytes, needles[i].len) == 0)
                tell(&needles[i], all, len, at, base, where);
    }
}

/* [from, to) of a descriptor, or to its end. What cannot be read (a guard page) is passed over. */
static uint64_t search_fd(int fd, uint64_t from, uint64_t to, const char *where)
{
    static uint8_t piece[CHUNK + LONGEST];
    uint64_t read = 0;
    for (uint64_t at = from; at < to; at += CHUNK) {
        size_t want = to - at < sizeof piece ? (size_t)(to - at) : sizeof piece;
        ssize_t n = pread(fd, piece, want, (off_t)at);
        if (n <= 0)
            break;
        size_t own = (size_t)n < CHUNK ? (size_t)n : CHUNK;
        search(piece, (size_t)n, own, at, where);
        read += own;
    }
    return read;
}

static uint64_t search_memory(const char *pid)
{
    char path[64], line[1024], mode[8], name[512];
    unsigned long long low, high;
    uint64_t read = 0;
    snprintf(path, sizeof path, "/proc/%s/maps", pid);
    FILE *maps = fopen(path, "r");
    snprintf(path, sizeof path, "/proc/%s/mem", pid);
    int fd = open(path, O_RDONLY);
    if (!maps || fd < 0) {
        perror("hunt");
        exit(2);
    }
    while (fgets(line, sizeof line, maps)) {
        name[0] = '\0';
        if (sscanf(line, "%llx-%llx %7s %*s %*s %*s %500[^\n]", &low, &high, mode, name) < 3 ||
            strncmp(mode, "rw", 2) != 0)
            continue;
        for (char *c = name; *c; c++)
            if (*c == ' ')
                *c = '_';
        read += search_fd(fd, low, high, name[0] ? name : "anonymous");
    }
    fclose(maps);
    close(fd);
    return read;
}

int main(int argc, char **argv)
{
    char line[2 * LONGEST + 2];
    FILE *file = argc > 2 ? fopen(argv[1], "r") : NULL;
    if (!file) {
        fputs("usage: hunt NEEDLES FILE... | hunt NEEDLES --pid PID\n", stderr);
        return 2;
    }
    for (uint32_t number = 0; fgets(line, sizeof line, file); number++)
        add(line, number);
    fclose(file);
    uint64_t read = 0;
    if (strcmp(argv[2], "--pid") == 0 && argc == 4)
        read = search_memory(argv[3]);
    else
        for (int i = 2; i < argc; i++) {
            int fd = open(argv[i], O_RDONLY);
            if (fd < 0) {
                perror(argv[i]);
                return 2;
            }
            read += search_fd(fd, 0, UINT64_MAX / 2, argv[i]);
            close(fd);
        }
    printf("read %llu\n", (unsigned long long)read);
    return 0;
}
