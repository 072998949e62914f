// SPDX-License-Identifier: AGPL-3.0-or-later
/* page - one request being answered, and what pages share.
 *
 * A handler reads page_form and page_query, fills p->view and ends with page_show, page_go or page_missing. What was
 * typed wrong is told with page_error, field by field, and the same page is shown again.
 */
#ifndef WAYMARK_CONSOLE_PAGE_H
#define WAYMARK_CONSOLE_PAGE_H

#include "console/console.h"
#include "console/html.h"
#include "console/session.h"
#include "console/site.h"

enum { PAGE_HEADERS = 12, PAGE_MAX = 4 * 1024 * 1024 };

struct page {
    struct console *console;
    const struct wire_request *request;
    struct arena *arena;
    const struct site_row *row;
    struct span part[2];       /* where the route has a "*" */
    struct session *session;   /* NULL: not signed in */
    unsigned roles;            /* of the member; ROLE_NOBODY, ROLE_GUEST */
    char token[SESSION_TOKEN]; /* of this visit, in hexadecimal */
    char csrf[SESSION_TOKEN];
    bool secure;      /* the browser came by https */
    bool fresh_token; /* the visit's cookie is to be set */
    const struct wire_field *form, *query;
    size_t form_count, query_count;
    struct view *view;
    size_t errors;
    int64_t now_ms;

    struct page_kept *kept; /* closed and wiped when the answer is ready */

    struct wire_response *response;
    struct wire_field headers[PAGE_HEADERS];
};

/** Keeps a key open until the answer is ready. False: out of memory, and it was closed at once. */
bool page_hold(struct page *p, struct opener *key);

/** A string for what people told: wiped when the answer is ready. NULL: out of memory. */
struct str *page_secret(struct page *p, size_t ceiling);

/** The answer is ready. */
void page_end(struct page *p);

/** A field of the form, or of the query; empty where there is none. */
struct span page_form(const struct page *p, const char *name);
struct span page_query(const struct page *p, const char *name);

/** The words of a form's field as they are kept: trimmed, clean (utf8_scrub), and each line ended as it was typed, by
 * \n alone; a browser sends \r\n. */
struct span page_words(const struct page *p, const char *field);

/** A whole number of the form, or `otherwise`. */
int64_t page_form_number(const struct page *p, const char *name, int64_t otherwise);

/** Tells what is wrong with a field: the summary links to it, and FIELD_error stands beside it. `message` is static. */
void page_error(struct page *p, const char *field, const char *message);

/** Answers with a page of ours. */
void page_show(struct page *p, const char *name);

/** The same with another status. */
void page_show_as(struct page *p, int status, const char *name);

/** Goes to another page (303). `path` is one of ours. */
void page_go(struct page *p, const char *path);
void page_gof(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** There is no such page, or none that this person may know of. Of a form of a case it says that the case may have
 * changed hands meanwhile. */
void page_missing(struct page *p);

/** A form of a case or a call was not taken: part_written shows what was written in it once more, to be copied, and
 * where the case is. */
void page_written(struct page *p);

/** Something failed: says so politely, logs the code. */
void page_failed(struct page *p, int rc);

/** Answers with a file to keep. `name` is ASCII. */
void page_file(struct page *p, struct span type, const char *name, struct span bytes);

/** Writes into the audit log what the member did, on its own. 0, or it is not written. */
int page_note(struct page *p, const char *action, struct span object);

void page_header(struct page *p, struct span name, struct span value);

#endif
