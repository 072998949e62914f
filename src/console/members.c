// SPDX-License-Identifier: AGPL-3.0-or-later
#include "console/members.h"

#include "base/err.h"
#include "console/internal.h"
#include "console/wording.h"

bool members_list(struct page *p, struct office_list *list)
{
    int rc = office_list(p->console->parts.office, p->arena, list);
    if (rc < 0)
        page_failed(p, rc);
    return rc == 0;
}

int64_t members_generation(const struct office_list *l, size_t team, bool *older)
{
    int64_t newest = 0;
    size_t count = 0;
    for (size_t i = 0; i < l->team_count; i++) {
        if (!span_is(l->teams[i].team, team_name(team)))
            continue;
        newest = l->teams[i].generation > newest ? l->teams[i].generation : newest;
        count++;
    }
    if (older)
        *older = count > 1;
    return newest;
}

bool members_hold(const struct office_list *l, int64_t member, size_t team)
{
    int64_t newest = members_generation(l, team, NULL);
    for (size_t i = 0; i < l->seal_count; i++)
        if (l->seals[i].staff_id == member && span_is(l->seals[i].team, team_name(team)) &&
            l->seals[i].generation == newest)
            return true;
    return false;
}

struct span members_team(struct page *p, size_t team)
{
    return wording_name(p->arena, span_of(team_name(team)));
}

struct span members_wait(struct page *p, const struct office_list *l, const struct staff *m)
{
    struct span out = {0};
    for (size_t i = 0; i < TEAM_COUNT; i++) {
        if (m->disabled || !roles_hold(m->roles, span_of(team_name(i))) || !members_generation(l, i, NULL) ||
            members_hold(l, m->id, i))
            continue;
        struct span team = members_team(p, i);
        out = out.len ? arena_printf(p->arena, "%.*s, %.*s", SPAN_ARG(out), SPAN_ARG(team)) : team;
    }
    return out;
}

void members_papers(struct page *p, const struct office_paper *papers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct str *kept = papers[i].text[0] ? page_secret(p, sizeof papers[i].text) : NULL;
        if (!kept)
            continue;
        str_addz(kept, papers[i].text);
        struct view *row = view_add(p->view, "papers");
        view_set(row, "team", members_team(p, papers[i].team));
        view_set(row, "paper", str_span(kept));
    }
}
