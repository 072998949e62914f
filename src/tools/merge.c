// SPDX-License-Identifier: AGPL-3.0-or-later
/* merge - gettext's msgmerge over a PO file and the template.
 *
 * --no-wrap and --add-location=file keep changes small: no text reflows, and a line put into a menu does not change the
 * place of every text below it.
 */
#include "tools/messages.h"

#include "tools/child.h"

/** Ends lines with a newline alone: of a file with CRLF msgmerge leaves the CR of translators' comments. */
static void plain_lines(struct str *out)
{
    size_t len = 0;
    for (size_t i = 0; i < out->len; i++)
        if (out->p[i] != '\r' || i + 1 == out->len || out->p[i + 1] != '\n')
            out->p[len++] = out->p[i];
    str_cut(out, len);
}

int messages_merge(const char *po, const char *pot, struct str *out)
{
    const char *const args[] = {"msgmerge",        "--quiet", "--previous", "--no-wrap", "--add-location=file",
                                "--output-file=-", "--",      po,           pot,         NULL};
    int rc = child_run(args, (struct span){0}, out);
    plain_lines(out);
    return rc;
}
