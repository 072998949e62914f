// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/page.h"

#include "base/err.h"
#include "base/log.h"
#include "base/utf8.h"
#include "console/internal.h"
#include "staff/audit.h"

struct page_kept {
    struct page_kept *next;
    struct opener *key;
    struct str *plain;
};

static bool kept_add(struct page *p, struct opener *key, struct str *plain)
{
    struct page_kept *k = arena_alloc(p->arena, sizeof *k);
    if (!k) {
        opener_close(key);
        return false;
    }
    *k = (struct page_kept){p->kept, key, plain};
    p->kept = k;
    return true;
}

bool page_hold(struct page *p, struct opener *key)
{
    return kept_add(p, key, NULL);
}

struct str *page_secret(struct page *p, size_t ceiling)
{
    struct str *plain = arena_alloc(p->arena, sizeof *plain);
    if (!plain)
        return NULL;
    str_init(plain, ceiling);
    return kept_add(p, NULL, plain) ? plain : NULL;
}

void page_end(struct page *p)
{
    for (struct page_kept *k = p->kept; k; k = k->next) {
        opener_close(k->key);
        if (k->plain)
            vault_forget(k->plain);
    }
    p->kept = NULL;
}

struct span page_form(const struct page *p, const char *name)
{
    return wire_field_get(p->form, p->form_count, span_of(name));
}

struct span page_query(const struct page *p, const char *name)
{
    return wire_field_get(p->query, p->query_count, span_of(name));
}

struct span page_words(const struct page *p, const char *field)
{
    struct str lines = STR_INIT(64 * 1024), clean = STR_INIT(64 * 1024);
    struct span typed = page_form(p, field);
    for (size_t i = 0; i < typed.len; i++)
        if (typed.p[i] != '\r' || i + 1 == typed.len || typed.p[i + 1] != '\n')
            str_addc(&lines, typed.p[i]);
    utf8_scrub(&clean, str_span(&lines));
    struct span words = span_trim(arena_copy(p->arena, str_span(&clean)));
    str_release(&lines);
    str_release(&clean);
    return words;
}

int64_t page_form_number(const struct page *p, const char *name, int64_t otherwise)
{
    int64_t n;
    return span_int(page_form(p, name), &n) ? otherwise : n;
}

void page_error(struct page *p, const char *field, const char *message)
{
    struct view *row = view_add(p->view, "errors");
    view_setz(row, "error_field", field);
    view_setz(row, "error_message", message);
    struct span name = arena_printf(p->arena, "%s_error", field);
    if (name.p)
        view_setz(p->view, name.p, message);
    p->errors++;
}

void page_header(struct page *p, struct span name, struct span value)
{
    if (p->response->header_count == PAGE_HEADERS)
        return;
    p->headers[p->response->header_count++] = (struct wire_field){name, value};
    p->response->headers = p->headers;
}

static void out_of_memory(struct page *p)
{
    p->response->status = 503;
    p->response->content_type = SPAN("text/plain; charset=utf-8");
    p->response->body = SPAN("Something went wrong here. Nothing was changed. Please try again.\n");
}

void page_show_as(struct page *p, int status, const char *name)
{
    struct str html = STR_INIT(PAGE_MAX);
    shell_fill(p);
    int rc = html_render(name, p->view, &html);
    struct span body = rc == 0 ? arena_copy(p->arena, str_span(&html)) : (struct span){0};
    str_release(&html);
    if (!body.p) {
        log_event(LOG_ERROR, "page could not be drawn", LOG_NAME("page", name), LOG_ERR(rc ? rc : ERR_NOMEM));
        out_of_memory(p);
        return;
    }
    p->response->status = status;
    p->response->content_type = SPAN("text/html; charset=utf-8");
    p->response->body = body;
}

void page_show(struct page *p, const char *name)
{
    // what was typed wrong is shown again with a status that says so, and is never taken for done
    page_show_as(p, p->errors ? 422 : 200, name);
}

void page_go(struct page *p, const char *path)
{
    p->response->status = 303;
    p->response->body = (struct span){0};
    page_header(p, SPAN("Location"), span_of(path));
}

void page_gof(struct page *p, const char *format, ...)
{
    struct str path = STR_INIT(1024);
    va_list args;
    va_start(args, format);
    str_vaddf(&path, format, args);
    va_end(args);
    char *kept = str_err(&path) ? NULL : arena_strdup(p->arena, str_span(&path));
    str_release(&path);
    if (kept)
        page_go(p, kept);
    else
        out_of_memory(p);
}

void page_written(struct page *p)
{
    static const char *const WRITTEN[] = {"text", "words", "reason", "override"}; // what is told in words of one's own
    struct span path = p->row ? span_of(p->row->path) : (struct span){0};
    bool of_case = span_starts(path, SPAN("/case/*"));
    for (size_t i = 0; i < sizeof WRITTEN / sizeof *WRITTEN; i++) {
        struct span words = page_form(p, WRITTEN[i]);
        if (!words.len || (!of_case && !span_starts(path, SPAN("/callback/*"))))
            continue;
        struct view *row = view_add(p->view, "written");
        view_setz(row, "written_name", WRITTEN[i]);
        view_set(row, "written_words", words);
    }
    if (of_case)
        view_set(p->view, "case_of_form", p->part[0]);
}

void page_missing(struct page *p)
{
    if (span_is(p->request->method, "POST"))
        page_written(p);
    bool gone = view_get(p->view, SPAN("case_of_form")).len > 0;
    view_setz(p->view, "title", gone ? "Not done" : "Page not found");
    page_show_as(p, 404, "missing");
}

void page_failed(struct page *p, int rc)
{
    log_event(LOG_ERROR, "page failed", LOG_NAME("path", p->row ? p->row->path : "?"), LOG_ERR(rc));
    view_setz(p->view, "title", "Something went wrong");
    view_flag(p->view, "full", rc == ERR_FULL);
    if (span_is(p->request->method, "POST"))
        page_written(p);
    page_show_as(p, 503, "failed");
}

void page_file(struct page *p, struct span type, const char *name, struct span bytes)
{
    struct span attachment = arena_printf(p->arena, "attachment; filename=\"%s\"", name);
    if (!attachment.p) {
        out_of_memory(p);
        return;
    }
    p->response->status = 200;
    p->response->content_type = type;
    p->response->body = bytes;
    page_header(p, SPAN("Content-Disposition"), attachment);
}

/* ---- the audit log ---- */

struct noted {
    const struct page *page;
    const char *action;
    struct span object;
};

static int note_fn(void *ctx, struct store *s)
{
    const struct noted *n = ctx;
    const struct page *p = n->page;
    return audit_note(p->console->parts.vault, s,
                      &(struct audit){p->now_ms / 1000, span_of(p->session->name), span_of(n->action), n->object});
}

int page_note(struct page *p, const char *action, struct span object)
{
    const struct console_port *port = p->console->parts.port;
    return port->call(port->ctx, note_fn, &(struct noted){p, action, object});
}
