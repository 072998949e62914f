// SPDX-License-Identifier: AGPL-3.0-or-later
/* dialogue - one step of a conversation: (program, session, input, now) -> (session', screen, effects).
 *
 * Pure: no disk, no network, no real clock, no globals, no logging. The same arguments give the same result, so every
 * complaint can be replayed. `serve`, the terminal phone, transcripts, random walks and fuzzers all call dialogue_step.
 *
 * A session is a plain struct whose spans live in an arena; dialogue_encode and dialogue_decode turn it into bytes for
 * the store. For somebody who dials or writes for the first time it is zeroed, with their last language where one is
 * known; INPUT_BEGIN shows the first screen, then each INPUT_TEXT is what they type.
 *
 * Order in which an input is read (menu-language, section 5): words that stop or erase; keys on the page; options on
 * the page (also those of the engine's own questions: resume, held); the question; other keywords; options again,
 * looser
 * ("two", "yes" for "Yes, call me"); the screen's error. A whole sentence that fits nothing goes to the team of an open
 * case of the person's, and the page says so.
 *
 * Files: step.c is one step from end to end; trigger.c finds keywords, accept.c reads an answer and answer.c cleans it,
 * kindly.c reads it once more,
 * run.c walks a screen's lines, content.c says what a screen says to anybody, guard.c says whether a case may be
 * registered, condition.c and render.c evaluate what the menus say, show.c gathers a screen and layout.c cuts it into
 * pages, state.c is the session as bytes.
 */
#ifndef WAYMARK_DIALOGUE_DIALOGUE_H
#define WAYMARK_DIALOGUE_DIALOGUE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/str.h"
#include "menu/program.h"
#include "record/effect.h"
#include "record/person.h"
#include "record/profile.h"
#include "record/screen.h"

enum {
    DIALOGUE_HISTORY_MAX = 16, /* screens that `back` can go through; older ones are forgotten */
    DIALOGUE_PARTS_MAX = 8,    /* parts within parts */
    DIALOGUE_LANGUAGE_MAX = 12,
    DIALOGUE_ANSWER_MAX = 1024, /* bytes of an answer that are looked at; a longer one is wrong */
    DIALOGUE_OPTIONS_MAX = 64,  /* options on one page */
    DIALOGUE_STEPS_MAX = 64,    /* screens that one input may run through (a bound, proved not to be met by E13) */
};

enum dialogue_asking {
    ASKING_SCREEN,  /* the screen's own question */
    ASKING_RESUME,  /* "Go on where you stopped?" */
    ASKING_HELD,    /* "We stopped all contact. Is that what you want?" */
    ASKING_NOTHING, /* a final text; the session ends once its last page was shown */
};

struct dialogue_value {
    uint16_t slot, screen; /* screen: where it was answered, for `back` */
    struct span text;
};

struct dialogue_return { /* where a part goes back to */
    enum place_kind kind;
    uint16_t screen;
};

struct dialogue_past { /* a screen to go back to, and the parts that were open there */
    uint16_t screen;
    int return_count;
    struct dialogue_return returns[DIALOGUE_PARTS_MAX];
};

/** A session. Zeroed = nobody has spoken yet. */
struct dialogue {
    char language[DIALOGUE_LANGUAGE_MAX]; /* code, empty: not chosen */
    bool ended;                           /* the last screen was final */
    bool left;                            /* ended by exit or a withdrawal: never resumed */
    enum dialogue_asking asking;
    uint16_t screen, page; /* where we are; PROGRAM_NONE before the first screen */
    int tries;             /* wrong answers to this question so far */
    struct dialogue_past history[DIALOGUE_HISTORY_MAX];
    int history_count;
    struct dialogue_return returns[DIALOGUE_PARTS_MAX];
    int return_count;
    struct dialogue_value *values; /* in order of slots; room grows in the arena */
    size_t value_count;
    uint16_t found_case;      /* of the last `find`, or PROGRAM_NONE */
    struct span found_status; /* status word */
    uint16_t found_table;     /* its index and 1, where the last `find` looked in a table; 0: it did not */
    struct span found_key;    /* the folded key of its rows */
    bool found;
    uint64_t shown, offered; /* masks by menu_screen.watch */
    uint64_t pending;        /* watched screens whose text is in `body`: shown once its last page is */
    uint16_t held;           /* ASKING_HELD: the screen that stops for good */
    unsigned hidden;         /* keys hidden on this screen, 1 << settings_key_id */
    struct span body;        /* text of the present screen, all pages, without options and keys */
    struct span error;       /* said in front of it after a wrong answer, or empty */
    size_t ask_at;           /* where in `body` the question begins */
    size_t from;             /* after a wrong answer: only what stands from here in `body` is shown again ... */
    uint16_t skip;           /* ... and only the options after so many */

    /* What the page last shown held; nothing else acts. */
    size_t page_at;                         /* where in `body` the page began */
    unsigned keys;                          /* 1 << settings_key_id */
    uint16_t first_option;                  /* how many options came before those of the page */
    uint16_t options[DIALOGUE_OPTIONS_MAX]; /* see option.h */
    int option_count;
};

enum dialogue_input_kind {
    INPUT_BEGIN, /* dialled, or a first SMS: `text` is what was written (SMS) or empty (USSD) */
    INPUT_TEXT,  /* an answer */
};

struct local_time { /* in the operator's zone */
    int weekday;    /* Monday = 0 */
    int minute;     /* of the day */
    int64_t day;    /* since 1970-01-01, local */
};

struct dialogue_watch { /* is told of each `when` that a step looks at, and whether it held */
    void (*decided)(void *ctx, const struct condition *when, bool held);
    void *ctx;
};

struct dialogue_input {
    enum dialogue_input_kind kind;
    struct span text; /* valid UTF-8 (callers scrub), any length */
    struct profile profile;
    struct local_time local;
    int64_t today;                /* UTC day, for facts */
    const struct person *person;  /* never NULL; zeroed for a stranger */
    struct entropy entropy;       /* for references */
    bool drafts;                  /* draft languages are offered */
    bool adrift;                  /* nothing can be stored now: each page on USSD says so */
    const struct program *newest; /* whose facts and values are said by sessions on older menus; NULL: the program's */
    const struct dialogue_watch *watch; /* NULL: nobody watches */
    const struct dialogue
        *previous; /* INPUT_BEGIN: an interrupted session of the same person that may be resumed, or NULL */
};

struct dialogue_result {
    struct screen screen;         /* text in the arena */
    const struct effect *effects; /* in order */
    size_t effect_count;
    struct span screen_name; /* where the person now is; empty at the engine's own questions */
    int page, pages;         /* from 0; pages of this screen */
    bool wrong;              /* the answer was not accepted */
    bool gsm;                /* the screen is counted in septets */
    int used;                /* septets or units of this page */
};

/** One step. `s` is changed; spans in it and in `out` live in `a`, the program or the input. ERR_NOMEM (s is then
 * unusable). */
int dialogue_step(const struct program *p, struct dialogue *s, const struct dialogue_input *in, struct arena *a,
                  struct dialogue_result *out);

/** Appends the session as bytes. */
int dialogue_encode(const struct dialogue *s, struct str *out);

/** Reads them back, spans pointing into `bytes`. ERR_CORRUPT (any bytes are safe), ERR_NOMEM. */
int dialogue_decode(struct span bytes, struct arena *a, struct dialogue *s);

/** Where the person is: the name of the screen, empty at the engine's own questions and before the first screen. */
struct span dialogue_screen_name(const struct program *p, const struct dialogue *s);

/** Whether somebody who redials may be asked to go on: in the middle of a form, not left, not `no-resume`. */
bool dialogue_resumable(const struct program *p, const struct dialogue *s);

/** Whether `text` alone is a word that withdraws or erases, in any language. Cheap; used before the queue, so that a
 * STOP is never shed. */
bool dialogue_is_stop(const struct program *p, struct span text);

/** What `text` alone asks for, where nothing of the session is known: a few words that begin with one that stops do
 * stop
 * ("stop please"). */
enum dialogue_stop { DIALOGUE_GOES_ON, DIALOGUE_STOPS, DIALOGUE_ERASES };
enum dialogue_stop dialogue_stop_of(const struct program *p, struct span text);

/** What everybody is told while nothing can be done: to come later, and the value `hotline` where there is one. */
struct span dialogue_locked(const struct program *p, struct span language, struct arena *a);

/** What is said instead of doing what cannot be stored: that it was not done, and the value `hotline` where there is
 * one. */
struct span dialogue_not_done(const struct program *p, struct span language, struct arena *a);

/** What a screen says in a language (code; unknown or empty: the first) on the input's medium, in `a`: all that it
 * could say, facts and values as they are said today, without anybody's answers. Of `in`: profile, today, newest.
 * ERR_NOMEM.
 */
int dialogue_content(const struct program *p, uint16_t screen, struct span language, const struct dialogue_input *in,
                     struct arena *a, struct span *text);

/** One of the engine's own words in a language (code; unknown or empty: the first language), within the profile's
 * limit. */
struct span dialogue_system(const struct program *p, enum system_text which, struct span language, struct arena *a);

#endif
