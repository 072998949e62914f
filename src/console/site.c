// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/site.h"

#include "console/pages.h"

static const struct site_row SITE[] = {
    {"GET", "/", ANYBODY, home_show, "Home", false},
    {"GET", "/sign-in", ANYBODY, sign_in_show, "Sign in", false},
    {"POST", "/sign-in", ANYBODY, sign_in_do, "Sign in", true},
    {"POST", "/sign-out", ANYBODY, sign_out_do, "Sign out", false},
    {"POST", "/hide", ANYBODY, hide_do, "Hide", false},
    {"GET", "/hidden", ANYBODY, hidden_show, NULL, false},
    {"GET", "/idle", SIGNED_IN, idle_show, NULL, false},
    {"GET", "/stay", SIGNED_IN, idle_show, NULL, false},
    {"GET", "/welcome", ROLE_NEWCOMER, welcome_show, "Before you start", true},
    {"POST", "/welcome/passphrase", ROLE_NEWCOMER, welcome_passphrase, "Before you start", true},
    {"POST", "/welcome/factor", ROLE_NEWCOMER, welcome_factor, "Before you start", true},
    {"GET", "/account", STAFF, account_show, "Your account", true},
    {"POST", "/account/passphrase", STAFF, account_passphrase, "Your account", true},
    {"POST", "/account/factor", STAFF, account_factor, "Your account", true},
    {"POST", "/account/factor/confirm", STAFF, account_factor_confirm, "Your account", true},
    {"POST", "/account/visits", STAFF, account_visits, "Your account", true},
    {"GET", "/account/factor.svg", SIGNED_IN, factor_picture, NULL, true},
    {"GET", "/asset/*", ANYBODY, asset_show, NULL, false},
    {"GET", "/inbox", TEAM, inbox_show, "Inbox", false},
    {"GET", "/events", TEAM, events_show, NULL, false},
    {"GET", "/case/*", TEAM, case_show, "Case", false},
    {"GET", "/case/*/print", TEAM, case_print, "Case", false},
    {"POST", "/case/*/print", TEAM, number_print, "Case", false},
    {"POST", "/case/*/claim", TEAM, case_claim, "Case", false},
    {"POST", "/case/*/release", TEAM, case_release, "Case", false},
    {"POST", "/case/*/assign", ROLE_SUPERVISOR, case_assign, "Case", false},
    {"POST", "/case/*/note", TEAM, case_note, "Case", false},
    {"POST", "/case/*/read", TEAM, case_read, "Case", false},
    {"POST", "/case/*/status", TEAM, case_status, "Case", false},
    {"POST", "/case/*/close", TEAM, case_close, "Case", false},
    {"POST", "/case/*/reopen", TEAM, case_reopen, "Case", false},
    {"GET", "/case/*/reply", TEAM, reply_show, "Reply", false},
    {"POST", "/case/*/reply", TEAM, reply_check, "Reply", false},
    {"POST", "/case/*/reply/send", TEAM, reply_send, "Reply", false},
    {"POST", "/case/*/undo", TEAM, reply_undo, "Case", false},
    {"GET", "/case/*/hours", TEAM, hours_show, "When it is safe", false},
    {"POST", "/case/*/hours", TEAM, hours_do, "When it is safe", false},
    {"GET", "/case/*/hand-over", TEAM, hand_over_show, "Hand over", false},
    {"POST", "/case/*/hand-over", TEAM, hand_over_do, "Hand over", false},
    {"POST", "/case/*/override", ROLE_SAFEGUARDING, override_ask, "Case", false},
    {"POST", "/case/*/override/grant", ROLE_SAFEGUARDING, override_grant, "Case", false},
    {"POST", "/case/*/number", TEAM, number_show, "Number", false},
    {"GET", "/case/*/callback", TEAM, call_book_show, "Book a call", false},
    {"POST", "/case/*/callback", TEAM, call_book_do, "Book a call", false},
    {"GET", "/callbacks", TEAM, calls_show, "Callbacks", false},
    {"GET", "/callbacks/sheet", TEAM, calls_sheet, "Call sheet", false},
    {"GET", "/callback/*", TEAM, call_show, "Call", false},
    {"POST", "/callback/*/start", TEAM, call_start, "Call", false},
    {"POST", "/callback/*/outcome", TEAM, call_outcome_do, "Call", false},
    {"POST", "/callback/*/move", TEAM, call_move, "Call", false},
    {"GET", "/search", TEAM, search_show, "Search", false},
    {"POST", "/search", TEAM, search_do, "Search", false},
    {"POST", "/case/*/withdraw", TEAM, case_withdraw, "Case", false},
    {"GET", "/consents", ROLE_DATA_PROTECTION, consents_show, "Consents", false},
    {"POST", "/consents", ROLE_DATA_PROTECTION, consents_find, "Consents", false},
    {"POST", "/consents/verify", ROLE_DATA_PROTECTION, consents_verify, "Consents", true},
    {"GET", "/consents/*", ROLE_DATA_PROTECTION, consent_show, "Consent", false},
    {"GET", "/consents/person/*", ROLE_DATA_PROTECTION, consent_person_show, "Consents", false},
    {"POST", "/consents/person/*/file", ROLE_DATA_PROTECTION, consent_file, "Consents", true},
    {"POST", "/consents/person/*/withdraw", ROLE_DATA_PROTECTION, consent_withdraw_do, "Consents", false},
    {"POST", "/consents/person/*/erase", ROLE_DATA_PROTECTION, consent_erase_do, "Consents", false},
    {"GET", "/statistics", ROLE_SUPERVISOR, statistics_show, "Statistics", false},
    {"GET", "/statistics/file/*", ROLE_SUPERVISOR, statistics_file, NULL, false},
    {"GET", "/phone", ROLE_OPERATOR | ROLE_GUEST, phone_show, "Phone", false},
    {"POST", "/phone", ROLE_OPERATOR | ROLE_GUEST, phone_use, "Phone", false},
    {"POST", "/phone/transcript", ROLE_OPERATOR | ROLE_GUEST, phone_save, NULL, false},
    {"GET", "/menus", ROLE_OPERATOR, menus_show, "Menus and health", false},
    {"POST", "/menus/check", ROLE_OPERATOR, menus_check, "Menus and health", true},
    {"POST", "/menus/reload", ROLE_OPERATOR, menus_reload, "Menus and health", true},
    {"GET", "/menus/facts", ROLE_OPERATOR, facts_show, "Facts", false},
    {"GET", "/menus/map", ROLE_OPERATOR, map_show, "Map of the menus", false},
    {"GET", "/menus/map.svg", ROLE_OPERATOR, map_picture, NULL, false},
    {"GET", "/menus/versions", ROLE_OPERATOR, versions_show, "Versions of the menus", false},
    {"POST", "/menus/versions", ROLE_OPERATOR, versions_go_back, "Versions of the menus", true},
    {"GET", "/staff", ROLE_ADMINISTRATOR, staff_show, "Staff", false},
    {"POST", "/staff", ROLE_ADMINISTRATOR, staff_add, "Staff", true},
    {"GET", "/staff/*", ROLE_ADMINISTRATOR, member_show, "Member", false},
    {"POST", "/staff/*/roles", ROLE_ADMINISTRATOR, member_roles, "Member", false},
    {"POST", "/staff/*/disable", ROLE_ADMINISTRATOR, member_disable, "Member", false},
    {"POST", "/staff/*/enable", ROLE_ADMINISTRATOR, member_enable, "Member", false},
    {"POST", "/staff/*/passphrase", ROLE_ADMINISTRATOR, member_passphrase, "Member", true},
    {"POST", "/staff/*/factor", ROLE_ADMINISTRATOR, member_factor, "Member", false},
    {"GET", "/teams", HOLDERS, teams_show, "Teams", false},
    {"POST", "/teams/admit", HOLDERS, teams_admit, "Teams", false},
    {"POST", "/teams/rotate", KEEPERS, teams_rotate, "Teams", true},
    {"POST", "/teams/reprint", KEEPERS, teams_reprint, "Teams", true},
    {"GET", "/audit", ROLE_DATA_PROTECTION, audit_show, "Audit", false},
    {"POST", "/audit/verify", ROLE_DATA_PROTECTION, audit_verify, "Audit", true},
};

enum { SITE_COUNT = sizeof SITE / sizeof *SITE };

static const struct {
    unsigned role;
    const char *name, *about;
} NAMES[] = {
    {ROLE_CASEWORKER, "Caseworker", "Their own cases, and those that nobody has taken on yet."},
    {ROLE_SAFEGUARDING, "Safeguarding", "Flagged cases: children, people who are forced, complaints."},
    {ROLE_SUPERVISOR, "Supervisor", "All that casework can open; gives cases out; statistics."},
    {ROLE_OPERATOR, "Operator", "Menus, the phone and the service's health. No case."},
    {ROLE_DATA_PROTECTION, "Data protection",
     "Consents, the audit log, a person's data and erasing it. Contacts nobody."},
    {ROLE_ADMINISTRATOR, "Administrator", "Members and their roles. No case."},
};

const char *role_about(unsigned role)
{
    size_t i = 0;
    while (i < sizeof NAMES / sizeof *NAMES && NAMES[i].role != role)
        i++;
    return i < sizeof NAMES / sizeof *NAMES ? NAMES[i].about : NULL;
}

void roles_text(unsigned roles, struct str *out)
{
    const char *between = "";
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (!(roles & NAMES[i].role))
            continue;
        str_addf(out, "%s%s", between, NAMES[i].name);
        between = ", ";
    }
}

static bool path_fits(struct span pattern, struct span path, struct span part[2])
{
    size_t parts = 0;
    struct span want, have;
    for (;;) {
        bool more = span_split(&pattern, '/', &want), got = span_split(&path, '/', &have);
        if (more != got)
            return false;
        if (!more)
            return true;
        if (span_is(want, "*")) {
            if (!have.len || parts == 2)
                return false;
            part[parts++] = have;
        } else if (!span_eq(want, have)) {
            return false;
        }
    }
}

const struct site_row *site_find(struct span method, struct span path, struct span part[2], bool *known)
{
    struct span as = span_is(method, "HEAD") ? SPAN("GET") : method;
    for (size_t i = 0; i < SITE_COUNT; i++) {
        if (!path_fits(span_of(SITE[i].path), path, part))
            continue;
        if (span_is(as, SITE[i].method))
            return &SITE[i];
        *known = true;
    }
    return NULL;
}
