// SPDX-License-Identifier: AGPL-3.0-or-later
/* settings - what the operator wrote in waymark.conf, as plain values.
 *
 * config/ fills it, everyone above reads it. Immutable once filled; all memory belongs to the arena it was filled in.
 */
#ifndef WAYMARK_RECORD_SETTINGS_H
#define WAYMARK_RECORD_SETTINGS_H

#include "base/ip.h"
#include "base/span.h"

/** `key back 0 Back`: a key shown at the foot of a page. */
struct settings_key {
    struct span press; /* what is typed; empty: not configured */
    struct span label; /* English source text, also the PO key under context "system/key" */
};

enum settings_key_id { KEY_BACK, KEY_HOME, KEY_MORE, KEY_EXIT, KEY_COUNT };

/** `value hotline 80 10 10 10`: a name that texts may use as {hotline}. */
struct settings_value {
    struct span name, text;
};

struct settings_language {
    struct span code; /* "en", "es": also the PO file's name; the first is the source language */
    bool draft;       /* offered only where drafts are allowed */
    bool fold;        /* `fold es accents` */
};

/** Minutes of a day, from..to, on weekdays Monday = 0 .. Sunday = 6. */
struct settings_span {
    int first_day, last_day, from_minute, to_minute;
};

/** `hours office` with its `open` and `closed` lines. */
struct settings_hours {
    struct span name;
    const struct settings_span *open;
    size_t open_count;
    const int64_t *closed; /* days since 1970-01-01, local */
    size_t closed_count;
};

/** `restrict minor to safeguarding`: cases with this flag go to that team. */
struct settings_restrict {
    struct span flag, team;
};

/** `avoid en bonus, hurry`: no text in this language may say it. */
struct settings_avoid {
    struct span language, phrase;
};

struct settings_secret {
    struct span name, text; /* `secret at-key ...` or `secret-file at-key PATH`; used by channel files as $at-key */
};

/** Where the operator wrote a word, for messages. file NULL: nowhere. */
struct settings_origin {
    const char *file;
    int line, column;
    struct span source; /* the line */
};

struct settings {
    struct span service; /* name of the service, as {service} */
    const struct settings_language *languages;
    size_t language_count, first_language; /* whoever has not chosen is met in languages[first_language] */
    struct span zone;                      /* IANA name, for example Africa/Tunis */
    int parts_send;                        /* most segments of a `send`, 1..10 */
    int parts_answer;                      /* most segments of an answer by SMS, 1..10 */
    int keep_case_days;         /* a case is erased this long after its last change, 1..3650; {keep_days} in texts */
    int keep_closed_days;       /* a closed case, 1..3650 */
    int keep_assisted_days;     /* a closed one whose status is among `assisted`, 1..366 */
    int keep_safeguarding_days; /* one that safeguarding holds, 1..3650 */
    int keep_complaint_days;    /* an anonymous one, 1..3650 */
    int keep_message_days;      /* what became of a message, 1..30 */
    int keep_consent_days;      /* rows of the consent ledger, 30..3650 */
    int keep_audit_days;        /* rows of the audit log, 90..3650 */
    int resume_minutes;         /* 0: never offered */
    struct settings_key keys[KEY_COUNT];
    const struct settings_value *values;
    size_t value_count;
    const struct span *flags;
    size_t flag_count;
    const struct span *assisted; /* status words of cases that ended with help */
    size_t assisted_count;
    const struct settings_restrict *restricts;
    size_t restrict_count;
    const struct settings_avoid *avoids;
    size_t avoid_count;
    const struct settings_hours *hours;
    size_t hours_count;
    const struct settings_secret *secrets;
    size_t secret_count;
    struct span public_url;         /* https://host, as the aggregator sees us; empty on loopback */
    const struct ip_range *proxies; /* `trusted-proxy`: X-Forwarded-For is believed from these alone */
    size_t proxy_count;
    struct span console_url; /* https://host, as staff's browsers see the console; empty: loopback only */
    const struct span *uses; /* the channels in use */
    size_t use_count;
    const struct settings_origin *use_origins; /* [use_count], or NULL: not from a file */
    struct settings_origin sms_origin;         /* of sms_channel */
    struct span neutral_site;                  /* https://HOST, where a hidden screen goes; empty: it stays blank */
    struct span sms_channel; /* the channel that carries `send` and replies of channels that cannot send themselves */
    struct span default_country;          /* calling code digits for national numbers, empty: none */
    struct span menus, locales, channels; /* folders or files, relative to the configuration file's folder */
    struct span listen, console, data;    /* addresses A:P and the data folder; flags and the environment win */
    struct span key_file;     /* master key: a file; empty: systemd credential "waymark-master", else DIR/master.key */
    struct span backup_key;   /* public half of the offline key for backups; empty: said each time */
    bool demonstration;       /* one member of staff made at the first start, no second factor: loopback only */
    int stream_comment_s;     /* seconds until a quiet stream says that it is still there, 1..60 */
    int passphrase_mib;       /* memory that one try of a passphrase costs, 1..1024 */
    int64_t ussd_session_s;   /* life of an idle USSD session, 60..86400 */
    int64_t sms_session_s;    /* of an SMS dialogue, 60..604800 */
    int quiet_from, quiet_to; /* minutes of the day between which no notice leaves; the same: never quiet */
    int hourly_max;           /* messages to one person in an hour, 1..1000 */
    int alike_max;            /* the same text to one person in half an hour, 1..1000 */
    int expire_hours;         /* a message that could not leave by then is given up, 1..168 */
    int breaker;              /* failures in a row after which a channel pauses, 1..1000 */
    int alert_numbers;        /* shown to one member in a day before it is an alert, 1..10000 */
    int alert_searches;       /* made by one member in a day before it is an alert, 1..10000 */
    int parts_wait_s;         /* for the missing parts of a long message, 1..3600 */
    const struct span *automatic; /* how texts begin that no person wrote */
    size_t automatic_count;
    int queue_max;     /* turns that may wait, 64..1000000 */
    int batch_max;     /* turns in one commit, 1..4096 */
    int in_flight_max; /* connections held at once, 16..100000 */
};

#endif
