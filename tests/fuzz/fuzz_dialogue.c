// SPDX-License-Identifier: AGPL-3.0-or-later
/* Fuzzes a dialogue over small menus: the first byte chooses, then either a stored session of any bytes and one answer,
 * or answers one a line. Whatever comes, each step gives a screen within its limit. */
#include "base/arena.h"
#include "dialogue/dialogue.h"
#include "menu/menu.h"

#include <assert.h>

static const char menu[] =
    "start top\ntrigger top\n  words en HELP, FIND {ref}\ntrigger gone\n  words en STOP\n"
    "screen top\n  when has lang: -> list\n  choose language\n  -> list\n"
    "screen list\n  say {hotline} and a text that is long enough to need a page or two of a small phone, surely.\n"
    "  option 1 Top -> top\n  option 2 Part -> p then list\n  option 3 Agree -> yes\n  option 4 Find -> find\n"
    "screen age\n  ask Age?\n  into age\n  kind number 0..120\n  error No.\n  tries 3 -> list\n"
    "  when age < 18: -> list\n  -> p then done\n"
    "part p\n  ask When?\n  into w\n  clean trim squeeze upper digits\n  kind window\n  error No.\n  tries 2 -> "
    "return\n"
    "  -> return\n"
    "consent yes\n  version 1\n  say We keep it, as long as it takes, and a little longer, and never tell anybody.\n"
    "  agree 1 Yes -> age\n  refuse 2 No -> list\n"
    "screen find\n  ask Number?\n  into ref\n  kind reference\n  error No.\n  tries 3 -> list\n"
    "  find call by ref\n  when found: say {call.status}\n  -> list\n"
    "screen done\n  register call\n  say Thanks {ref}.\n  send Your number: {ref}.\n  -> end\n"
    "screen gone\n  withdraw yes\n  erase\n  say Gone.\n  -> end\n"
    "case call\n  needs yes\n  contact w w\n  fields age, w\n  reference ref\n  status new Soon {w}.\n";

static int read_menu(void *ctx, const char *path, struct str *out)
{
    (void)ctx, (void)path;
    str_addz(out, menu);
    return str_err(out);
}

static void fill(void *ctx, void *bytes, size_t len)
{
    (void)ctx;
    memset(bytes, 7, len);
}

static const struct program *program(void)
{
    static const struct settings_language languages[] = {{.code = {"en", 2}}};
    static const struct settings_value values[] = {{.name = {"hotline", 7}, .text = {"80 10", 5}}};
    static const struct settings settings = {
        .service = {"S", 1},
        .languages = languages,
        .language_count = 1,
        .values = values,
        .value_count = 1,
        .parts_send = 3,
        .keys = {{{"0", 1}, {"Back", 4}}, {{"00", 2}, {"Home", 4}}, {{"98", 2}, {"More", 4}}}};
    static struct program *p;
    if (p)
        return p;
    const struct menu_input in = {.settings = &settings, .start = "main.menu", .read = read_menu};
    struct diags *d = diags_new();
    struct str text = STR_INIT(100000);
    if (menu_load(&in, d, &p) < 0) {
        diags_text(d, &text);
        fputs(str_z(&text), stderr);
        abort();
    }
    str_release(&text);
    diags_free(d);
    return p;
}

static void step(struct dialogue *s, struct dialogue_input in, struct arena *a)
{
    struct dialogue_result out;
    assert(dialogue_step(program(), s, &in, a, &out) == 0);
    assert(out.screen.text.len && out.used <= (out.gsm ? in.profile.septets : in.profile.units));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct person nobody;
    struct dialogue s = {.screen = PROGRAM_NONE, .found_case = PROGRAM_NONE};
    struct dialogue_input in = {.profile = {MEDIUM_USSD, 100, 60}, .person = &nobody, .entropy = {.fill = fill}};
    struct span rest = {.p = (const char *)data, .len = size}, part;
    struct arena *a = arena_new(1 << 24);
    in.kind = size && data[0] & 1 ? INPUT_TEXT : INPUT_BEGIN;
    in.profile.medium = size && data[0] & 2 ? MEDIUM_SMS : MEDIUM_USSD;
    rest = span_from(rest, 1);
    if (in.kind == INPUT_TEXT && (!span_split(&rest, '\n', &part) || dialogue_decode(rest, a, &s) < 0))
        rest = (struct span){0};
    if (in.kind == INPUT_TEXT) { // stored bytes hold line feeds: one answer only
        in.text = rest.p ? part : rest;
        step(&s, in, a);
        rest = (struct span){0};
    }
    for (int i = 0; i < 100 && span_split(&rest, '\n', &in.text); i++, in.kind = INPUT_TEXT)
        step(&s, in, a);
    arena_free(a);
    return 0;
}
