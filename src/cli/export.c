// SPDX-License-Identifier: AGPL-3.0-or-later
/* export, view - all that is stored about one person into a file that an offline key alone opens (staff/export.h), and
 * that file read on another machine: no private key needs to be on the server. */
#include "cli/app.h"
#include "cli/ask.h"
#include "cli/backup.h"
#include "cli/cli.h"
#include "cli/staffroom.h"

#include "base/err.h"
#include "base/file.h"
#include "staff/export.h"
#include "vault/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, HEX_MAX = 1024 * 1024 - 1024 };

/* ---- export ---- */

static int hex_value(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

static int from_hex(struct span hex, struct str *bytes)
{
    for (size_t i = 0; i + 1 < hex.len; i += 2) {
        int high = hex_value(hex.p[i]), low = hex_value(hex.p[i + 1]);
        if (high < 0 || low < 0)
            return ERR_SYNTAX;
        str_addc(bytes, (char)(high * 16 + low));
    }
    return str_err(bytes);
}

/* The parcel as the service told it: hexadecimal. Nothing is written over. */
static int write_parcel(const char *file, struct span hex)
{
    struct str bytes = STR_INIT(hex.len / 2);
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_error();
    int rc = from_hex(hex, &bytes);
    if (rc == 0)
        rc = file_put(fd, str_span(&bytes));
    if (rc == 0 && fsync(fd) < 0)
        rc = file_error();
    close(fd);
    str_release(&bytes);
    if (rc < 0)
        unlink(file);
    return rc;
}

static int add_secret(struct str *request, const char *prompt, bool may_miss)
{
    struct str secret;
    int rc = ask_secret(prompt, &secret);
    str_addc(request, '\n');
    str_add(request, str_span(&secret));
    vault_forget(&secret);
    return rc == ERR_MISSING && may_miss ? 0 : rc;
}

struct exporting {
    const char *data, *by, *to, *reference, *file;
};

static int build(const struct app *app, const struct exporting *x, struct str *request)
{
    unsigned char key[VAULT_PUBLIC_BYTES];
    struct span to = x->to ? span_of(x->to) : app->settings.backup_key;
    if (offline_public(to, key) < 0) {
        fputs("waymark export: for whom? --to wmpublic1-... (waymark key offline makes the pair)\n", stderr);
        return ERR_REFUSED;
    }
    if (!str_extend(request, REQUEST_MAX)) // at once: a string that grows leaves copies behind
        return ERR_NOMEM;
    str_clear(request);
    str_addf(request, "export\n%s", x->by);
    int rc = add_secret(request, "Passphrase", false);
    if (rc == 0)
        rc = add_secret(request, "Code of the second factor (empty: none)", true);
    str_addf(request, "\n%s\n%.*s", x->reference, SPAN_ARG(to));
    return rc < 0 ? rc : str_err(request);
}

static int export(struct app *app, const struct exporting *x)
{
    struct str request = STR_INIT(REQUEST_MAX), answer = STR_INIT(1024 * 1024);
    int rc = access(x->file, F_OK) == 0 ? ERR_EXISTS : build(app, x, &request);
    bool told = rc == ERR_REFUSED;
    if (rc == 0) {
        rc = staffroom_request(app, x->data, str_span(&request), &answer);
        told = rc < 0 && answer.len;
        if (told)
            fprintf(stderr, "%s\n", str_z(&answer));
    }
    if (rc == 0)
        rc = write_parcel(x->file, span_trim(str_span(&answer)));
    vault_forget(&request);
    str_release(&answer);
    if (rc < 0 && !told)
        fprintf(stderr, "waymark export: %s: %s\n", x->file,
                rc == ERR_EXISTS ? "there is a file of that name already; nothing is written over"
                : rc == ERR_IO   ? strerror(errno)
                                 : err_text(rc));
    return rc;
}

int cmd_export(int argc, char **argv)
{
    const char *config = NULL, *arguments[2];
    struct exporting x = {0};
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &config},
        {"--data", "DIR", "folder of the database", &x.data},
        {"--by", "NAME", "the member who signs in for this", &x.by},
        {"--to", "KEY", "public half of an offline key (backup-key)", &x.to},
        {0},
    };
    int helped = 0;
    if (!cli_arguments("export", "REFERENCE FILE < PASSPHRASE, CODE", options, argc, argv, arguments, 2, &helped))
        return helped ? CLI_DONE : CLI_USAGE;
    if (!x.by) {
        fputs("waymark export: who signs in for this? --by NAME\n", stderr);
        return CLI_USAGE;
    }
    x.reference = arguments[0];
    x.file = arguments[1];
    struct app app;
    bool fine = app_load(&app, config, 0, false, 0) && export(&app, &x) == 0;
    if (fine)
        printf("%s: all that is stored about the person of case %s; waymark view opens it where the offline key is\n",
               x.file, x.reference);
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}

/* ---- the verb ---- */

static int to_hex(void *answer, struct span bytes)
{
    static const char digits[] = "0123456789abcdef";
    struct str *out = answer;
    char *room = out->len + bytes.len * 2 <= HEX_MAX ? str_extend(out, bytes.len * 2) : NULL;
    if (!room)
        return ERR_LIMIT;
    for (size_t i = 0; i < bytes.len; i++) {
        room[2 * i] = digits[(unsigned char)bytes.p[i] >> 4];
        room[2 * i + 1] = digits[bytes.p[i] & 15];
    }
    return 0;
}

int export_verb(const struct office *o, const struct signin *in, struct span reference, struct span to,
                struct str *answer)
{
    unsigned char key[VAULT_PUBLIC_BYTES];
    int rc = offline_public(to, key);
    if (rc == 0)
        rc = office_export(o, in, reference, key, to_hex, answer);
    if (rc < 0)
        str_clear(answer);
    return rc;
}

/* ---- view ---- */

static int take(void *out, struct span bytes)
{
    str_add(out, bytes);
    return str_err(out);
}

static const struct {
    int rc;
    const char *why;
} troubles[] = {
    {ERR_MISSING, "no such file"},
    {ERR_SYNTAX, "it is no export of Waymark"},
    {ERR_NOT_NOW, "it was made by a newer Waymark than this one"},
    {ERR_CORRUPT, "it is damaged"},
    {ERR_RANGE, "it is cut off: its end is missing"},
    {ERR_AUTH, "it is for another key"},
};

/* Nothing of it is shown before all of it was found whole. */
static int view(const char *file, const struct opener *key)
{
    struct str text = STR_INIT(EXPORT_MAX);
    unsigned char to[VAULT_PUBLIC_BYTES];
    int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc = fd < 0 ? (errno == ENOENT ? ERR_MISSING : ERR_IO) : parcel_read(PARCEL_EXPORT, key, fd, take, &text, to);
    if (fd >= 0)
        close(fd);
    if (rc == 0 && fwrite(text.p, 1, text.len, stdout) != text.len)
        rc = ERR_IO;
    vault_forget(&text);
    const char *why = rc == ERR_IO ? strerror(errno) : err_text(rc);
    for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
        if (troubles[i].rc == rc)
            why = troubles[i].why;
    if (rc < 0)
        fprintf(stderr, "waymark view: %s: %s\n", file, why);
    return rc;
}

int cmd_view(int argc, char **argv)
{
    const char *path = NULL, *file;
    const struct cli_option options[] = {
        {"--key", "FILE", "the secret half of the offline key", &path},
        {0},
    };
    int helped = 0;
    if (!cli_arguments("view", "FILE", options, argc, argv, &file, 1, &helped))
        return helped ? CLI_DONE : CLI_USAGE;
    if (!path) {
        fputs("usage: waymark view --key FILE FILE\n", stderr);
        return CLI_USAGE;
    }
    struct opener *key;
    vault_harden();
    if (offline_told("view", path, &key) < 0)
        return CLI_REFUSED;
    int rc = view(file, key);
    opener_close(key);
    return rc == 0 ? CLI_DONE : CLI_REFUSED;
}
