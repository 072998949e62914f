// SPDX-License-Identifier: AGPL-3.0-or-later
#include "cli/staffroom.h"

#include "base/err.h"
#include "cli/cli.h"
#include "cli/control.h"
#include "staff/team.h"
#include "vault/totp.h"

#include <stdio.h>
#include <string.h>

#define STAFF_ROLES_HELP "caseworker, safeguarding, supervisor, operator, data-protection, administrator"

enum { REQUEST_ARGS = 6, ANSWER_MAX = 1024 * 1024, ROOM_ARENA = 16 * 1024 * 1024 };

static const struct span by_command = {.p = "command", .len = 7};
static const struct span by_start = {.p = "first start", .len = 11};

int staffroom_open(const struct app *app, int (*call)(void *door, int (*fn)(void *ctx, struct store *s), void *ctx),
                   void *door, struct office *o)
{
    *o = (struct office){.vault = app->vault,
                         .call = call,
                         .door = door,
                         .clock = clock_system(),
                         .service = app->settings.service,
                         .second_factor = !app->settings.demonstration};
    if (!app->settings.demonstration && app->settings.passphrase_mib < GATE_MEMORY_MIB) {
        fprintf(stderr, "waymark: passphrase-memory below %d is for a demonstration only\n", GATE_MEMORY_MIB);
        return ERR_REFUSED;
    }
    return gate_new(app->settings.passphrase_mib, &o->gate);
}

void staffroom_close(struct office *o)
{
    gate_free(o->gate);
    *o = (struct office){0};
}

/* ---- what came of it, in words ---- */

static const char no_member[] = "There is no member of that name; waymark user list shows them.";
static const char passphrase_short[] = "A passphrase has 12 characters at least, and 256 bytes at most.";
static const char passphrase_weak[] = "That passphrase holds the member's name or hardly any different characters, "
                                      "or is one of those that most people choose.";
static const char not_in[] = "The name, the passphrase or the code is not right. After five tries that failed, a name "
                             "has to wait 15 minutes.";
static const char paper_wrong[] = "That is not a recovery key: eight groups of four letters and digits.";
static const char paper_slip[] = "A sign of the recovery key is copied wrong: its checksum does not fit.";

/** A code of one verb, in words of its own. */
struct reason {
    int rc;
    const char *text;
};

static int tell(struct str *answer, int rc, const struct reason *reasons)
{
    for (; reasons->rc; reasons++)
        if (reasons->rc == rc)
            break;
    str_addz(answer, reasons->rc ? reasons->text : err_text(rc));
    return rc;
}

static void tell_papers(struct str *answer, const struct office_paper *papers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (papers[i].text[0])
            str_addf(answer,
                     "\nRecovery key of %s: print it, keep it where nobody else can read it, and nowhere on this "
                     "machine.\nIt opens what the team holds when nobody can sign in any more. It is not shown again.\n"
                     "\n    %s\n",
                     team_name(papers[i].team), papers[i].text);
}

static void tell_teams(struct str *answer, struct span name, const struct office_teams *teams)
{
    tell_papers(answer, teams->papers, teams->paper_count);
    for (size_t i = 0; i < TEAM_COUNT; i++)
        if (teams->waits[i])
            str_addf(answer,
                     "\n%.*s cannot open what %s holds until somebody who can lets them in:\n"
                     "    waymark team admit %.*s --by NAME\n",
                     SPAN_ARG(name), team_name(i), SPAN_ARG(name));
}

/* ---- verbs ---- */

typedef const struct span *args;

static int new_factor(const struct office *o, struct span name, struct str *answer)
{
    struct str uri = STR_INIT(TOTP_URI_MAX);
    int rc = office_second_factor(o, by_command, name, &uri);
    if (rc == 0)
        str_addf(answer, "\nSecond factor of %.*s, for an authenticator app. It is not shown again.\n\n    %s\n",
                 SPAN_ARG(name), str_z(&uri));
    vault_forget(&uri);
    return rc;
}

static int verb_add(const struct office *o, args a, struct str *answer)
{
    static const struct reason reasons[] = {
        {ERR_SYNTAX, "A name is made of letters, digits, dots, dashes and underscores; 64 at most."},
        {ERR_EXISTS, "There is a member of that name already."},
        {ERR_RANGE, passphrase_short},
        {ERR_REFUSED, passphrase_weak},
        {0}};
    struct office_member m = {.name = a[0], .passphrase = a[2], .given = true};
    struct office_teams teams;
    if (staff_roles_read(a[1], &m.roles) < 0)
        return tell(answer, ERR_SYNTAX,
                    (const struct reason[]){{ERR_SYNTAX, "There is no such role. Roles: " STAFF_ROLES_HELP "."}, {0}});
    int rc = office_add(o, by_command, &m, &teams);
    if (rc < 0)
        return tell(answer, rc, reasons);
    str_addf(answer, "Added %.*s.\n", SPAN_ARG(m.name));
    tell_teams(answer, m.name, &teams);
    vault_wipe(&teams, sizeof teams);
    if (o->second_factor)
        str_addf(
            answer,
            "\nThe console has them choose a passphrase of their own and set up a second factor when they first sign "
            "in.\nWhere there is no console: waymark user second-factor %.*s\n",
            SPAN_ARG(m.name));
    return 0;
}

static void add_day(struct str *out, int64_t at_s)
{
    struct date d = date_from_day(day_of_ms(at_s * 1000));
    if (at_s)
        str_addf(out, "%04d-%02d-%02d", d.year, d.month, d.day);
    else
        str_addz(out, "never");
}

static void list_member(struct str *out, const struct office_list *l, const struct staff *m, int64_t now_s)
{
    str_addf(out, "%.*s  ", SPAN_ARG(m->name));
    staff_roles_write(m->roles, out);
    const char *before = "  holds ";
    for (size_t i = 0; i < l->seal_count; i++) {
        if (l->seals[i].staff_id != m->id)
            continue;
        str_addf(out, "%s%.*s/%lld", before, SPAN_ARG(l->seals[i].team), (long long)l->seals[i].generation);
        before = ",";
    }
    str_addz(out, "  last in ");
    add_day(out, m->signed_in_s);
    str_addz(out, m->totp.len ? "" : "  no second factor");
    str_addz(out, m->disabled ? "  disabled" : m->locked_until_s > now_s ? "  locked" : "");
    str_addc(out, '\n');
}

static int verb_users(const struct office *o, args a, struct str *answer)
{
    (void)a;
    struct office_list l;
    struct arena *arena = arena_new(ROOM_ARENA);
    int rc = arena ? office_list(o, arena, &l) : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < l.member_count; i++)
        list_member(answer, &l, &l.members[i], o->clock.now_ms(o->clock.ctx) / 1000);
    if (rc == 0 && !l.member_count)
        str_addz(answer, "There is nobody yet; waymark user add NAME --role ROLES adds the first.\n");
    arena_free(arena);
    return rc;
}

static size_t holders(const struct office_list *l, const struct team_generation *t)
{
    size_t count = 0;
    for (size_t i = 0; i < l->seal_count; i++)
        count += span_eq(l->seals[i].team, t->team) && l->seals[i].generation == t->generation;
    return count;
}

static int verb_teams(const struct office *o, args a, struct str *answer)
{
    (void)a;
    struct office_list l;
    struct arena *arena = arena_new(ROOM_ARENA);
    int rc = arena ? office_list(o, arena, &l) : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < l.team_count; i++)
        str_addf(answer, "%.*s  generation %lld  held by %zu%s\n", SPAN_ARG(l.teams[i].team),
                 (long long)l.teams[i].generation, holders(&l, &l.teams[i]),
                 team_proved(o->vault, &l.teams[i]) == 0 ? "" : "  NOT OURS: put there without the master key");
    if (rc == 0 && !l.team_count)
        str_addz(answer, "No team has a key yet; the first member whose role needs one makes it.\n");
    arena_free(arena);
    return rc;
}

/* Teams whose key nobody holds any more: what is sealed to them from now on only the key on paper opens. */
static int add_abandoned(const struct office *o, struct str *answer)
{
    struct office_list l;
    struct arena *arena = arena_new(ROOM_ARENA);
    int rc = arena ? office_list(o, arena, &l) : ERR_NOMEM;
    for (size_t i = 0; rc == 0 && i < l.team_count; i++)
        if (!holders(&l, &l.teams[i]))
            str_addf(answer,
                     "\nNobody holds the key of %.*s now. The key on paper gives it to somebody: waymark team recover "
                     "%.*s NAME",
                     SPAN_ARG(l.teams[i].team), SPAN_ARG(l.teams[i].team));
    arena_free(arena);
    return rc;
}

static const struct reason member_reasons[] = {{ERR_MISSING, no_member}, {0}};

static int disable(const struct office *o, struct span name, bool disabled, struct str *answer)
{
    int rc = office_disable(o, by_command, name, disabled);
    if (rc < 0)
        return tell(answer, rc, member_reasons);
    str_addf(answer,
             disabled
                 ? "%.*s is out and holds no key any more. Replace the keys they held: waymark team rotate TEAM --by "
                   "NAME"
                 : "%.*s may sign in again; waymark team admit lets them into their teams.",
             SPAN_ARG(name));
    return disabled ? add_abandoned(o, answer) : 0;
}

static int verb_disable(const struct office *o, args a, struct str *answer)
{
    return disable(o, a[0], true, answer);
}

static int verb_enable(const struct office *o, args a, struct str *answer)
{
    return disable(o, a[0], false, answer);
}

static int verb_role(const struct office *o, args a, struct str *answer)
{
    struct office_teams teams;
    unsigned roles;
    if (staff_roles_read(a[1], &roles) < 0)
        return tell(answer, ERR_SYNTAX,
                    (const struct reason[]){{ERR_SYNTAX, "There is no such role. Roles: " STAFF_ROLES_HELP "."}, {0}});
    int rc = office_roles(o, by_command, a[0], roles, &teams);
    if (rc < 0)
        return tell(answer, rc, member_reasons);
    str_addf(answer, "Roles of %.*s changed.\n", SPAN_ARG(a[0]));
    tell_teams(answer, a[0], &teams);
    vault_wipe(&teams, sizeof teams);
    return 0;
}

static int verb_reset(const struct office *o, args a, struct str *answer)
{
    static const struct reason reasons[] = {
        {ERR_MISSING, no_member}, {ERR_RANGE, passphrase_short}, {ERR_REFUSED, passphrase_weak}, {0}};
    struct office_teams teams;
    int rc = office_reset(o, by_command, a[0], a[1], &teams);
    if (rc < 0)
        return tell(answer, rc, reasons);
    str_addf(answer, "%.*s has a new key of their own; the old one opens nothing any more.\n", SPAN_ARG(a[0]));
    tell_teams(answer, a[0], &teams);
    vault_wipe(&teams, sizeof teams);
    return 0;
}

static int verb_factor(const struct office *o, args a, struct str *answer)
{
    int rc = new_factor(o, a[0], answer);
    return rc < 0 ? tell(answer, rc, member_reasons) : 0;
}

/* ---- verbs of somebody who signs in: their name, passphrase and code come first ---- */

/** A verb's work, for a member who is in. */
typedef int (*signed_fn)(const struct office *o, struct signin *in, args a, struct arena *arena, struct str *answer);

static int as_member(const struct office *o, args a, signed_fn fn, struct str *answer)
{
    static const struct reason reasons[] = {
        {ERR_AUTH, not_in}, {ERR_CRYPTO, "The member's row is damaged, or the master key is another one."}, {0}};
    struct arena *arena = arena_new(ROOM_ARENA);
    if (!arena)
        return ERR_NOMEM;
    struct signin in = {0};
    int rc = office_sign_in(
        o, &(struct signin_words){.name = a[0], .passphrase = a[1], .code = a[2], .place = "command"}, arena, &in);
    rc = rc < 0 ? tell(answer, rc, reasons) : fn(o, &in, a + 3, arena, answer);
    signin_end(&in);
    arena_free(arena);
    return rc;
}

static int own_passphrase(const struct office *o, struct signin *in, args a, struct arena *arena, struct str *answer)
{
    static const struct reason reasons[] = {{ERR_RANGE, passphrase_short}, {ERR_REFUSED, passphrase_weak}, {0}};
    (void)arena;
    int rc = office_passphrase(o, in, a[0]);
    if (rc < 0)
        return tell(answer, rc, reasons);
    str_addz(answer, "The passphrase is changed.");
    return 0;
}

static int verb_passphrase(const struct office *o, args a, struct str *answer)
{
    return as_member(o, a, own_passphrase, answer);
}

static int admit(const struct office *o, struct signin *in, args a, struct arena *arena, struct str *answer)
{
    static const struct reason reasons[] = {
        {ERR_MISSING, no_member},
        {ERR_AUTH, "The member who lets in holds no key that this one's roles need."},
        {ERR_CRYPTO, "The member's row was changed by somebody without the master key: nothing is sealed to it."},
        {0}};
    (void)arena;
    size_t teams;
    int rc = office_admit(o, in, a[0], &teams);
    if (rc < 0)
        return tell(answer, rc, reasons);
    str_addf(answer, "%.*s is in.", SPAN_ARG(a[0]));
    return 0;
}

static int verb_admit(const struct office *o, args a, struct str *answer)
{
    return as_member(o, a, admit, answer);
}

static const struct reason team_reasons[] = {
    {ERR_MISSING, "There is no such team, or it has no key yet: casework, safeguarding."},
    {ERR_AUTH, "Whoever does this holds the team's key."},
    {ERR_CRYPTO, "A seal does not open: a row was damaged or moved. Nothing of it was overwritten."},
    {0}};

static int rotate(const struct office *o, struct signin *in, args a, struct arena *arena, struct str *answer)
{
    struct office_paper paper;
    size_t resealed;
    int rc = office_rotate(o, in, a[0], arena, &paper, &resealed);
    if (rc < 0)
        tell(answer, rc, team_reasons);
    else
        str_addf(answer, "%.*s has a new key; %zu secrets were sealed to it, and the old key is forgotten.\n",
                 SPAN_ARG(a[0]), resealed);
    tell_papers(answer, &paper, 1);
    vault_wipe(&paper, sizeof paper);
    return rc;
}

static int verb_rotate(const struct office *o, args a, struct str *answer)
{
    return as_member(o, a, rotate, answer);
}

static int reprint(const struct office *o, struct signin *in, args a, struct arena *arena, struct str *answer)
{
    struct office_paper paper;
    (void)arena;
    int rc = office_reprint(o, in, a[0], &paper);
    if (rc < 0)
        return tell(answer, rc, team_reasons);
    str_addz(answer, "The earlier paper opens nothing any more.\n");
    tell_papers(answer, &paper, 1);
    vault_wipe(&paper, sizeof paper);
    return 0;
}

static int verb_reprint(const struct office *o, args a, struct str *answer)
{
    return as_member(o, a, reprint, answer);
}

static int export(const struct office *o, struct signin *in, args a, struct arena *arena, struct str *answer)
{
    static const struct reason reasons[] = {
        {ERR_MISSING, "There is no such case, or it is nobody's: anonymous, or erased."},
        {ERR_REFUSED, "Exports are made by members with the role data-protection."},
        {ERR_AUTH, "None of the member's teams can open anything of this person."},
        {ERR_SYNTAX, "That is not the public half of an offline key."},
        {ERR_RANGE, "A sign of the public key is wrong: its checksum does not fit."},
        {ERR_LIMIT, "There is more about this person than one export holds."},
        {0}};
    (void)arena;
    int rc = export_verb(o, in, a[0], a[1], answer);
    return rc < 0 ? tell(answer, rc, reasons) : 0;
}

static int verb_export(const struct office *o, args a, struct str *answer)
{
    return as_member(o, a, export, answer);
}

static int verb_recover(const struct office *o, args a, struct str *answer)
{
    static const struct reason reasons[] = {
        {ERR_MISSING, "There is no such team with a key, or no member of that name."},
        {ERR_SYNTAX, paper_wrong},
        {ERR_RANGE, paper_slip},
        {ERR_AUTH, "That is the recovery key of something else, or of a key that was replaced since."},
        {ERR_REFUSED, "The member's roles do not need that team's key; waymark user role changes them."},
        {0}};
    int rc = office_recover(o, by_command, a[0], a[2], a[1]);
    if (rc < 0)
        return tell(answer, rc, reasons);
    str_addf(answer, "%.*s holds the key of %.*s.", SPAN_ARG(a[1]), SPAN_ARG(a[0]));
    return 0;
}

static const struct {
    const char *name;
    size_t arguments;
    int (*run)(const struct office *o, args a, struct str *answer);
} staffroom_verbs[] = {
    {"user add", 3, verb_add},               // name, roles, passphrase
    {"user list", 0, verb_users},            //
    {"user disable", 1, verb_disable},       // name
    {"user enable", 1, verb_enable},         // name
    {"user role", 2, verb_role},             // name, roles
    {"user reset", 2, verb_reset},           // name, passphrase
    {"user second-factor", 1, verb_factor},  // name
    {"user passphrase", 4, verb_passphrase}, // (name, passphrase, code), new passphrase
    {"team list", 0, verb_teams},            //
    {"team admit", 4, verb_admit},           // (holder, passphrase, code), name
    {"team rotate", 4, verb_rotate},         // (holder, passphrase, code), team
    {"export", 5, verb_export},              // (holder, passphrase, code), reference, public key
    {"team recover", 3, verb_recover},       // team, name, recovery key
    {"key recovery", 4, verb_reprint},       // (holder, passphrase, code), team
};

int staffroom_do(const struct office *o, struct span request, struct str *answer)
{
    struct span verb, arguments[REQUEST_ARGS];
    size_t count = 0;
    if (!span_split(&request, '\n', &verb))
        return ERR_SYNTAX;
    while (count < REQUEST_ARGS && span_split(&request, '\n', &arguments[count]))
        count++;
    for (size_t i = 0; i < sizeof staffroom_verbs / sizeof *staffroom_verbs; i++)
        if (span_is(verb, staffroom_verbs[i].name) && count == staffroom_verbs[i].arguments)
            return staffroom_verbs[i].run(o, arguments, answer);
    str_addz(answer, "That is not understood; is the service of another version?");
    return ERR_SYNTAX;
}

/* ---- asking ---- */

/* No service runs: this process is the one writer for a moment. */
static int through_own_store(void *store, int (*fn)(void *ctx, struct store *s), void *ctx)
{
    struct store *s = store;
    int rc = store_begin(s);
    if (rc < 0)
        return rc;
    rc = fn(ctx, s);
    if (rc == 0)
        return store_commit(s);
    store_rollback(s);
    return rc;
}

static int do_alone(struct app *app, const char *data, struct span request, struct str *answer)
{
    struct office o;
    int rc = app_open_data(app, data);
    if (rc == 0)
        rc = staffroom_open(app, through_own_store, app->store, &o);
    if (rc != 0)
        return rc;
    rc = staffroom_do(&o, request, answer);
    staffroom_close(&o);
    store_rest(app->store, false); // what was replaced goes from the log, too
    return rc;
}

int staffroom_request(struct app *app, const char *data, struct span request, struct str *answer)
{
    struct str whole = STR_INIT(ANSWER_MAX);
    if (!str_extend(&whole, request.len + 16))
        return ERR_NOMEM;
    str_clear(&whole);
    str_addz(&whole, "staff\n");
    str_add(&whole, request);
    int rc = control_ask(app_data_folder(app, data), str_span(&whole), answer);
    vault_forget(&whole);
    return rc == ERR_MISSING ? do_alone(app, data, request, answer) : rc;
}

int staffroom_ask(const char *config, const char *data, struct span request)
{
    struct app app;
    struct str answer = STR_INIT(ANSWER_MAX);
    int rc = app_load(&app, config, 0, false, 0) ? staffroom_request(&app, data, request, &answer) : ERR_REFUSED;
    struct span text = span_trim(str_span(&answer));
    if (text.len)
        fprintf(rc == 0 ? stdout : stderr, "%.*s\n", SPAN_ARG(text));
    else if (rc < 0)
        fprintf(stderr, "waymark: %s\n", err_text(rc));
    vault_forget(&answer);
    app_close(&app);
    return rc == 0 ? CLI_DONE : CLI_REFUSED;
}

/* ---- before a service takes turns ---- */

int staffroom_lacking(const struct office *o, const struct settings *settings, bool lacking[TEAM_COUNT])
{
    struct office_list l;
    struct arena *a = arena_new(ROOM_ARENA);
    int rc = a ? office_list(o, a, &l) : ERR_NOMEM;
    for (size_t i = 0; i < TEAM_COUNT; i++) {
        lacking[i] = i == 0; // casework has whatever no flag takes elsewhere
        for (size_t r = 0; r < settings->restrict_count; r++)
            lacking[i] = lacking[i] || span_is(settings->restricts[r].team, team_name(i));
        for (size_t t = 0; rc == 0 && t < l.team_count; t++)
            if (span_is(l.teams[t].team, team_name(i)))
                lacking[i] = false;
    }
    arena_free(a);
    return rc;
}

static int nobody_yet(const struct office *o, bool *nobody)
{
    struct office_list l;
    struct arena *a = arena_new(ROOM_ARENA);
    int rc = a ? office_list(o, a, &l) : ERR_NOMEM;
    *nobody = rc == 0 && !l.member_count;
    arena_free(a);
    return rc;
}

/* The demonstration's one member, who may do everything. Whoever sees the terminal may sign in. */
static int first_member(const struct office *o)
{
    char passphrase[PRINTED_CHARS + 1];
    struct office_teams teams;
    struct str text = STR_INIT(ANSWER_MAX);
    printed_new(passphrase);
    const struct office_member m = {.name = SPAN("demo"), .roles = ROLE_ALL, .passphrase = span_of(passphrase)};
    int rc = office_add(o, by_start, &m, &teams);
    if (rc == 0) {
        str_addf(&text, "The one member of staff of this demonstration: name demo, passphrase %s (not shown again)\n",
                 passphrase);
        tell_papers(&text, teams.papers, teams.paper_count);
        fprintf(stderr, "%s\n", str_z(&text));
    }
    vault_forget(&text);
    vault_wipe(passphrase, sizeof passphrase);
    vault_wipe(&teams, sizeof teams);
    return rc;
}

int staffroom_ready(const struct app *app, const struct office *o, const struct program *p)
{
    bool nobody, lacking[TEAM_COUNT], fine = true;
    int rc = nobody_yet(o, &nobody);
    if (rc == 0 && nobody && app->settings.demonstration)
        rc = first_member(o);
    if (rc == 0)
        rc = staffroom_lacking(o, &app->settings, lacking);
    for (size_t i = 0; rc == 0 && i < TEAM_COUNT && p->case_count; i++) {
        if (!lacking[i])
            continue;
        fine = false;
        fprintf(stderr,
                "waymark: nobody could read what the menus register for %s: add a member who can\n"
                "  hint: waymark user add NAME --role %s\n",
                team_name(i), i == 0 ? "caseworker" : team_name(i));
    }
    return rc < 0 ? rc : fine ? 0 : ERR_REFUSED;
}
