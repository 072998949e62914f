// SPDX-License-Identifier: AGPL-3.0-or-later
/* consent - the consent ledger: listed, a row shown with all that stands beside it, and proved to be as it was written
 * (with the audit trail). */
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "cli/prove.h"

#include "base/err.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PROVE_ANSWER_MAX = 1024 * 1024 };

/* ---- proving ---- */

struct step {
    struct ledger *ledger;
    int rc;
};

static int step_run(void *step, struct store *s)
{
    struct step *st = step;
    st->rc = ledger_step(st->ledger, s);
    return 0;
}

static int walk(const struct prove *p, struct ledger *l)
{
    struct step st = {.ledger = l, .rc = 1};
    while (st.rc == 1) {
        int rc = p->call(p->door, step_run, &st);
        if (rc < 0)
            return rc;
    }
    return st.rc;
}

static void tell_chain(const struct ledger_proof *proof, enum chain which, const char *name, struct str *out)
{
    str_addf(out, "%s: %" PRId64 " rows looked at", name, proof->rows[which]);
    if (proof->ends[which][0])
        str_addf(out, ", the end is %s", proof->ends[which]);
    str_addc(out, '\n');
}

static void tell_faults(const struct ledger_proof *proof, struct str *out)
{
    for (size_t i = 0; i < proof->fault_count && i < LEDGER_FAULTS_MAX; i++) {
        ledger_tell(&proof->faults[i], out);
        str_addc(out, '\n');
    }
    if (proof->fault_count > LEDGER_FAULTS_MAX)
        str_addf(out, "and %zu more\n", proof->fault_count - LEDGER_FAULTS_MAX);
}

int prove_run(const struct prove *p, struct str *out)
{
    struct ledger l;
    ledger_start(&l, p->vault);
    l.known[CHAIN_CONSENT] = p->consents;
    l.known[CHAIN_AUDIT] = p->audit;
    int rc = walk(p, &l);
    if (rc < 0) {
        str_addz(out, err_text(rc));
        return rc;
    }
    tell_chain(&l.proof, CHAIN_CONSENT, "consents", out);
    tell_chain(&l.proof, CHAIN_AUDIT, "audit", out);
    tell_faults(&l.proof, out);
    str_addz(out, l.proof.fault_count ? "This is not as it was written."
                                      : "All of it is as it was written. Note the ends somewhere else: --consents END "
                                        "--audit END tell later whether they are still there.");
    return l.proof.fault_count ? ERR_REFUSED : 0;
}

int show_all(const struct prove *p, int64_t id, struct str *out)
{
    struct show show = {.vault = p->vault, .id = id, .more = true, .out = out};
    int rc = 0;
    while (rc == 0 && show.more)
        rc = p->call(p->door, show_run, &show);
    if (rc == ERR_MISSING)
        str_addz(out, "no such row");
    else if (rc < 0)
        str_addz(out, err_text(rc));
    return rc;
}

/* ---- the command ---- */

/* What was asked on the command line. */
struct wanted {
    const char *config, *data, *consents, *audit;
    int64_t id;
    bool verify; /* else shows */
};

static int do_wanted(const struct wanted *w, const struct prove *p, struct str *out)
{
    return w->verify ? prove_run(p, out) : show_all(p, w->id, out);
}

static int call_alone(void *store, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    int rc = store_begin(store);
    if (rc == 0)
        rc = fn(ctx, store);
    store_rollback(store);
    return rc;
}

static bool there_is_one(struct app *app, const char *data)
{
    struct span file = arena_printf(app->arena, "%s/waymark.db", app_data_folder(app, data));
    return file.p && access(file.p, R_OK) == 0;
}

/* No service runs: the lock is taken here. */
static int alone(struct app *app, const struct wanted *w, struct str *out)
{
    if (!there_is_one(app, w->data)) {
        str_addf(out, "no database in %s", app->data);
        return ERR_MISSING;
    }
    int rc = app_open_store(app, w->data);
    const struct prove p = {.vault = app->vault,
                            .consents = span_of(w->consents),
                            .audit = span_of(w->audit),
                            .call = call_alone,
                            .door = app->store};
    return rc < 0 ? rc : do_wanted(w, &p, out);
}

static int ask(struct app *app, const struct wanted *w)
{
    struct str answer = STR_INIT(PROVE_ANSWER_MAX);
    struct span request = w->verify ? arena_printf(app->arena, "verify\n%s\n%s\n", w->consents, w->audit)
                                    : arena_printf(app->arena, "consent\n%" PRId64 "\n", w->id);
    int rc = request.p ? control_ask(app_data_folder(app, w->data), request, &answer) : ERR_NOMEM;
    if (rc == ERR_MISSING)
        rc = alone(app, w, &answer);
    if (answer.len)
        fprintf(rc == 0 ? stdout : stderr, "%s\n", str_z(&answer));
    str_release(&answer);
    return rc;
}

static int usage(void)
{
    fputs("waymark consent: list, show ROW, or verify; waymark consent --help\n", stderr);
    return CLI_USAGE;
}

/* The row that `show` names; 0 for the others. False: neither. */
static bool read_words(int argc, char **argv, struct wanted *w)
{
    bool list = argc == 1 && strcmp(argv[0], "list") == 0;
    w->verify = argc == 1 && strcmp(argv[0], "verify") == 0;
    if (argc == 2 && strcmp(argv[0], "show") == 0)
        return span_int(span_of(argv[1]), &w->id) == 0 && w->id > 0;
    return list || w->verify;
}

int cmd_consent(int argc, char **argv)
{
    struct wanted w = {.consents = "", .audit = ""};
    const struct cli_option options[] = {
        {"--config", "FILE", "the configuration (config/waymark.conf)", &w.config},
        {"--data", "DIR", "folder of the database", &w.data},
        {"--consents", "END", "verify: an end of the consent ledger that was noted before", &w.consents},
        {"--audit", "END", "verify: an end of the audit trail that was noted before", &w.audit},
        {0},
    };
    int words = 0, helped;
    while (words < argc && argv[words][0] != '-')
        words++;
    int used = cli_options("consent", "list | show ROW | verify", options, argc - words, argv + words, &helped);
    if (used < 0)
        return helped ? CLI_DONE : CLI_USAGE;
    bool first = words > 0; // the words may stand before the options or behind them
    if ((first && used != argc - words) || !read_words(first ? words : argc - used, first ? argv : argv + used, &w))
        return usage();
    struct app app;
    bool fine = app_load(&app, w.config, 0, false, 0) && ask(&app, &w) == 0;
    app_close(&app);
    return fine ? CLI_DONE : CLI_REFUSED;
}
