// SPDX-License-Identifier: AGPL-3.0-or-later
/* account - one's own passphrase and second factor: before the first look at anything, and later.
 *
 * A second factor that is being set up lies in the session until a code of it was typed; only then is it in force. Its
 * QR code is a picture of its own, which only this session can ask for.
 */
#include "console/internal.h"
#include "console/pages.h"
#include "console/wording.h"

#include "base/err.h"

#include <qrencode.h>

enum { QUIET = 4 /* modules around the code (ISO/IEC 18004) */, PICTURE_MAX = 256 * 1024, VISITS_MOST = 32 };

static const struct office *office(const struct page *p)
{
    return p->console->parts.office;
}

static struct signin self(const struct page *p)
{
    return (struct signin){.member = {.id = p->session->member, .name = span_of(p->session->name)},
                           .identity = p->session->identity};
}

/* ---- passphrase ---- */

static const char *passphrase_wrong(int rc)
{
    if (rc == ERR_RANGE)
        return "Choose a passphrase of 12 characters or more";
    return rc == ERR_REFUSED
               ? "Choose a passphrase that does not hold your name, is less regular, and that few others would choose"
               : NULL;
}

/* False: told on the page, or failed. */
static bool passphrase_change(struct page *p)
{
    struct span new = page_form(p, "new"), again = page_form(p, "again");
    struct signin me = self(p);
    int rc = passphrase_check(new, me.member.name);
    if (passphrase_wrong(rc))
        page_error(p, "new", passphrase_wrong(rc));
    if (!span_eq(new, again))
        page_error(p, "again", "The two passphrases are not the same");
    if (p->errors)
        return false;
    rc = office_passphrase(office(p), &me, new);
    if (rc < 0)
        page_failed(p, rc);
    return rc == 0;
}

/* ---- second factor ---- */

static int factor_begin(struct session *s, const struct office *o)
{
    if (s->factor)
        return 0;
    struct session_factor *f = vault_locked_new(sizeof *f);
    struct str box = STR_INIT(TOTP_BOX_MAX), uri = STR_INIT(TOTP_URI_MAX);
    int rc = f ? totp_new(o->vault, span_of(s->name), o->service, &box, &uri) : ERR_NOMEM;
    if (rc == 0) {
        memcpy(f->uri, uri.p, uri.len);
        memcpy(f->box, box.p, box.len);
        f->box_len = box.len;
        s->factor = f;
    } else {
        vault_locked_free(f);
    }
    vault_forget(&uri);
    str_release(&box);
    return rc;
}

/* The secret in groups of four, for who cannot take a picture. */
static void factor_fill(struct page *p)
{
    struct span uri = span_of(p->session->factor->uri), at = SPAN("secret=");
    size_t i = 0;
    while (i + at.len < uri.len && !span_starts(span_from(uri, i), at))
        i++;
    struct span secret = span_from(uri, i + at.len);
    secret = span_first(secret, span_find(secret, '&'));
    struct str groups = STR_INIT(256);
    for (size_t k = 0; k < secret.len; k++) {
        if (k && k % 4 == 0)
            str_addc(&groups, ' ');
        str_addc(&groups, secret.p[k]);
    }
    view_set(p->view, "secret", arena_copy(p->arena, str_span(&groups)));
    vault_forget(&groups);
}

static bool factor_confirm(struct page *p)
{
    struct session_factor *f = p->session->factor;
    if (!f)
        return false;
    int rc = office_factor_confirm(office(p), span_of(p->session->name), (struct span){f->box, f->box_len},
                                   page_form(p, "code"));
    if (rc == ERR_AUTH)
        page_error(p, "code", "This is not the code that the app shows now. Wait for the next one and type it");
    else if (rc < 0)
        page_failed(p, rc);
    if (rc < 0)
        return false;
    vault_locked_free(f);
    p->session->factor = NULL;
    return true;
}

void factor_picture(struct page *p)
{
    QRcode *code = p->session->factor ? QRcode_encodeString8bit(p->session->factor->uri, 0, QR_ECLEVEL_M) : NULL;
    if (!code) {
        page_missing(p);
        return;
    }
    struct str svg = STR_INIT(PICTURE_MAX);
    int side = code->width + 2 * QUIET;
    str_addf(&svg,
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
             "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
             side, side, side, side);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if (code->data[y * code->width + x] & 1)
                str_addf(&svg, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
    str_addz(&svg, "\"/></svg>\n");
    size_t modules = (size_t)code->width * (size_t)code->width;
    vault_wipe(code->data, modules);
    QRcode_free(code);
    p->response->status = 200;
    p->response->content_type = SPAN("image/svg+xml");
    p->response->body = arena_copy(p->arena, str_span(&svg));
    vault_forget(&svg);
}

/* ---- before anything else ---- */

void welcome_show(struct page *p)
{
    bool factor = p->session->due == DUE_FACTOR;
    int rc = factor ? factor_begin(p->session, office(p)) : 0;
    if (rc < 0) {
        page_failed(p, rc);
        return;
    }
    if (factor)
        factor_fill(p);
    page_show(p, factor ? "welcome_factor" : "welcome_passphrase");
}

void welcome_passphrase(struct page *p)
{
    if (p->session->due != DUE_PASSPHRASE) {
        page_go(p, "/");
    } else if (passphrase_change(p)) {
        p->session->due = p->session->factor_lacks ? DUE_FACTOR : DUE_NOTHING;
        page_go(p, "/");
    } else if (p->errors) {
        page_show(p, "welcome_passphrase");
    }
}

void welcome_factor(struct page *p)
{
    if (p->session->due != DUE_FACTOR) {
        page_go(p, "/");
    } else if (factor_confirm(p)) {
        p->session->due = DUE_NOTHING;
        page_go(p, "/");
    } else if (p->errors || !p->response->status) {
        welcome_show(p);
    }
}

/* ---- later ---- */

static void visits_fill(struct page *p)
{
    struct session_row rows[VISITS_MOST];
    size_t count = session_list(p->console->sessions, p->session, rows, VISITS_MOST);
    int64_t now_ms = clock_monotonic_ms();
    for (size_t i = 0; i < count; i++) {
        struct view *row = view_add(p->view, rows[i].mine ? "this_visit" : "visits");
        int64_t minutes = (now_ms - rows[i].seen_ms) / 60000;
        view_setn(row, "serial", rows[i].serial);
        view_set(row, "began", wording_time(p->arena, (p->now_ms - (now_ms - rows[i].began_ms)) / 1000));
        view_setf(row, "used", minutes == 1 ? "%lld minute ago" : "%lld minutes ago", (long long)minutes);
        view_flag(row, "chosen", page_form_number(p, "visit", -1) == rows[i].serial);
    }
}

static void account_page(struct page *p)
{
    view_flag(p->view, "factor_begun", p->session->factor != NULL);
    if (p->session->factor)
        factor_fill(p);
    visits_fill(p);
    page_show(p, "account");
}

void account_show(struct page *p)
{
    static const struct {
        const char *word, *text;
    } DONE[] = {{"passphrase", "Your passphrase was changed, and your other visits have ended."},
                {"factor", "The new authenticator app is in force, and your other visits have ended."},
                {"visits", "That visit has ended."}};
    for (size_t i = 0; i < sizeof DONE / sizeof *DONE; i++)
        if (span_is(page_query(p, "done"), DONE[i].word))
            view_setz(p->view, "notice", DONE[i].text);
    account_page(p);
}

/* serial 0: all of them. */
static void others_end(struct page *p, int64_t serial)
{
    size_t count = session_end_others(p->console->sessions, p->session, serial);
    if (count)
        visit_note(p, "end visit", arena_printf(p->arena, "console: %zu elsewhere", count));
}

/* Whoever changes how one comes in shows first that it is them. */
static bool present_proved(struct page *p, const char *passphrase, const char *code)
{
    struct signin me;
    const struct signin_words words = {.name = span_of(p->session->name),
                                       .passphrase = page_form(p, passphrase),
                                       .code = page_form(p, code),
                                       .place = "console, again",
                                       .first = true};
    int rc = office_sign_in(office(p), &words, p->arena, &me);
    if (rc == 0)
        signin_end(&me);
    if (rc == ERR_AUTH)
        page_error(p, passphrase, "The passphrase or the code is not right");
    else if (rc < 0)
        page_failed(p, rc);
    return rc == 0;
}

void account_passphrase(struct page *p)
{
    bool done = present_proved(p, "present", "present_code") && passphrase_change(p);
    if (done)
        others_end(p, 0); // somebody else may be in with the old one
    if (done)
        page_go(p, "/account?done=passphrase");
    else if (p->errors)
        account_page(p);
}

void account_factor(struct page *p)
{
    if (present_proved(p, "app_present", "app_code")) {
        int rc = factor_begin(p->session, office(p));
        if (rc < 0)
            page_failed(p, rc);
        else
            page_go(p, "/account#factor");
    } else if (p->errors) {
        account_page(p);
    }
}

void account_factor_confirm(struct page *p)
{
    if (factor_confirm(p)) {
        others_end(p, 0);
        page_go(p, "/account?done=factor");
    } else if (p->errors || !p->response->status) {
        account_page(p);
    }
}

/* ---- one's own visits ---- */

void account_visits(struct page *p)
{
    int64_t serial = page_form_number(p, "visit", -1);
    if (serial < 0)
        page_error(p, "visit", "Choose which visit is to end");
    if (!p->errors && present_proved(p, "visits_present", "visits_code")) {
        others_end(p, serial);
        page_go(p, "/account?done=visits");
    } else if (p->errors) {
        account_page(p);
    }
}
