// SPDX-License-Identifier: AGPL-3.0-or-later
/* menu_bench - how long the compiler takes for menus far larger than anybody writes.
 *
 *     bench_menu [screens [parts]]        2000 50
 *
 * Generates the menus in memory and complete PO files in a folder of its own under /tmp: a chain of questions and
 * choices that also lead across, each asking into an answer of its own or setting one, through parts, with a keyword
 * each twenty screens. Prints the milliseconds (the best of several) of a load with English alone, with all languages,
 * and after a change of the menus alone, when the catalogues are shared.
 */
#include "base/err.h"
#include "base/file.h"
#include "menu/menu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 5, LANGUAGES = 6, BYTES_MOST = 64 * 1024 * 1024, A_FILE = 100 /* screens */ };

static const struct settings_language languages[LANGUAGES] = {{.code = SPAN("en")}, {.code = SPAN("fr")},
                                                              {.code = SPAN("es")}, {.code = SPAN("de")},
                                                              {.code = SPAN("it")}, {.code = SPAN("pt")}};
static const struct settings_value values[] = {{SPAN("hotline"), SPAN("80 10 10 10")}};

struct bench {
    unsigned screens, parts;
    struct settings settings;
    char folder[32];
};

/* ---- the menus ---- */

/* Where a part comes between two screens. */
static void add_go(const struct bench *b, struct str *out, unsigned from, unsigned to)
{
    if (b->parts && from % 10 == 0)
        str_addf(out, "  -> p%u then s%u\n", from / 10 % b->parts, to);
    else
        str_addf(out, "  -> s%u\n", to);
}

static void add_question(const struct bench *b, struct str *out, unsigned i)
{
    str_addf(out, "screen s%u\n  ask Question number {hotline} of s%u, please?\n  into a%u\n  kind number 1..9\n", i, i,
             i);
    str_addf(out, "  error That is no answer to s%u.\n  tries 3 -> done\n", i);
    add_go(b, out, i, i + 1);
}

static void add_choice(const struct bench *b, struct str *out, unsigned i)
{
    str_addf(out, "screen s%u\n  say You said {a%u} at s%u.\n  set a%u = yes\n", i, i - 1, i, i);
    str_addf(out, "  option 1 On from s%u -> s%u\n", i, (i + 1) % b->screens);
    str_addf(out, "  option 2 Across from s%u -> s%u\n  option 3 No more of s%u -> done\n", i,
             i * 7 % b->screens / 2 * 2, i);
}

static void add_file(const struct bench *b, struct str *out, unsigned from)
{
    for (unsigned i = from; i < from + A_FILE && i < b->screens; i++) {
        (i % 2 ? add_choice : add_question)(b, out, i);
        if (i % 20 == 0) {
            str_addf(out, "trigger s%u\n", i);
            for (size_t l = 0; l < b->settings.language_count; l++)
                str_addf(out, "  words %.*s KEY%u%.*s\n", SPAN_ARG(languages[l].code), i, SPAN_ARG(languages[l].code));
        }
    }
}

static void add_main(const struct bench *b, struct str *out)
{
    str_addz(out, "start s0\n");
    for (unsigned i = 0; i < b->screens; i += A_FILE)
        str_addf(out, "include %u.menu\n", i);
    for (unsigned i = 0; i < b->parts; i++)
        str_addf(out, "part p%u\n  say A pause, p%u.\n  option 1 Go on from p%u -> return\n", i, i, i);
    str_addz(out, "screen done\n  say That was all.\n  -> end\n");
}

static int read_menu(void *ctx, const char *path, struct str *out)
{
    if (strcmp(path, "main.menu") == 0)
        add_main(ctx, out);
    else if (strstr(path, ".menu"))
        add_file(ctx, out, (unsigned)strtoul(path, NULL, 10));
    else
        return file_read(path, out);
    return str_err(out);
}

/* ---- loading ---- */

static struct program *load(struct bench *b, size_t language_count, const struct program *previous, double *ms)
{
    struct timespec from, to;
    struct program *p = NULL;
    struct diags *d = diags_new();
    b->settings.language_count = language_count;
    const struct menu_input in = {.settings = &b->settings,
                                  .start = "main.menu",
                                  .locales = b->folder,
                                  .read = read_menu,
                                  .ctx = b,
                                  .previous = previous};
    clock_gettime(CLOCK_MONOTONIC, &from);
    int rc = menu_load(&in, d, &p);
    clock_gettime(CLOCK_MONOTONIC, &to);
    *ms = (double)(to.tv_sec - from.tv_sec) * 1e3 + (double)(to.tv_nsec - from.tv_nsec) / 1e6;
    if (rc < 0 || diags_count(d)) {
        struct str text = STR_INIT(1 << 20);
        diags_text(d, &text);
        fprintf(stderr, "%s\n%.2000s", err_text(rc), str_z(&text));
        exit(EXIT_FAILURE);
    }
    diags_free(d);
    return p;
}

static void write_translations(const struct bench *b, const struct program *p)
{
    for (size_t l = 1; l < LANGUAGES; l++) {
        struct str po = STR_INIT(BYTES_MOST);
        char path[64];
        str_addz(&po, "msgid \"\"\nmsgstr \"\"\n\"Content-Type: text/plain; charset=UTF-8\\n\"\n\n");
        for (size_t i = 0; i < p->text_count; i++)
            str_addf(&po, "msgctxt \"%.*s\"\nmsgid \"%.*s\"\nmsgstr \"%.*s %.*s\"\n\n", SPAN_ARG(p->texts[i].context),
                     SPAN_ARG(p->texts[i].source), SPAN_ARG(languages[l].code), SPAN_ARG(p->texts[i].source));
        snprintf(path, sizeof path, "%s/%.*s.po", b->folder, SPAN_ARG(languages[l].code));
        if (file_write(path, str_span(&po), 0600) < 0)
            exit(EXIT_FAILURE);
        str_release(&po);
    }
}

static void time_it(struct bench *b, const char *what, size_t language_count, const struct program *previous)
{
    double best = 0, ms;
    for (int i = 0; i < TIMES; i++) {
        program_free(load(b, language_count, previous, &ms));
        best = !i || ms < best ? ms : best;
    }
    printf("%-40s %8.1f ms\n", what, best);
}

static void clean_up(const struct bench *b)
{
    char path[64];
    for (size_t l = 1; l < LANGUAGES; l++) {
        snprintf(path, sizeof path, "%s/%.*s.po", b->folder, SPAN_ARG(languages[l].code));
        unlink(path);
    }
    rmdir(b->folder);
}

int main(int argc, char **argv)
{
    double ms;
    struct bench b = {
        .screens = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) / 2 * 2 : 2000,
        .parts = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 50,
        .settings = {.service = SPAN("Bench"), .languages = languages, .values = values, .value_count = 1},
        .folder = "/tmp/waymark-bench-XXXXXX"};
    if (!mkdtemp(b.folder))
        return EXIT_FAILURE;
    struct program *p = load(&b, 1, NULL, &ms);
    printf("%zu screens, %zu answers, %zu keywords, %zu texts\n", p->screen_count, p->slot_count, p->trigger_count,
           p->text_count);
    write_translations(&b, p);
    program_free(p);
    time_it(&b, "one language", 1, NULL);
    time_it(&b, "six languages", LANGUAGES, NULL);
    p = load(&b, LANGUAGES, NULL, &ms);
    time_it(&b, "six languages, catalogues shared", LANGUAGES, p);
    program_free(p);
    clean_up(&b);
    return EXIT_SUCCESS;
}
