// SPDX-License-Identifier: AGPL-3.0-or-later
/* app - what every command loads: configuration, channels, menus; and for those that touch data, keys and the store.
 *
 * app_load, then app_open_data where needed, then app_close. Problems of the operator's files are printed to standard
 * error.
 */
#ifndef WAYMARK_CLI_APP_H
#define WAYMARK_CLI_APP_H

#include "base/arena.h"
#include "base/clock.h"
#include "channel/set.h"
#include "menu/menu.h"
#include "record/settings.h"
#include "script/diag.h"
#include "store/store.h"
#include "vault/vault.h"

struct app {
    struct arena *arena;
    struct diags *diags;
    struct settings settings;
    struct channel_set *channels;
    struct program *program;
    const struct program *previous; /* as app_load_after was given it */
    struct vault *vault;
    struct store *store;
    const char *data;      /* folder */
    int64_t stops_applied; /* records that the database lacked, by app_open_stops */
};

enum app_parts { APP_CHANNELS = 1, APP_MENUS = 2, APP_SAME_ZONE = 4 /* leave the time zone as it is */ };

/** Loads the configuration and the parts asked for; prints what is wrong. False when something was refused. `dated`: an
 * expired fact is refused too. `day`: the day (UTC) that counts as today. */
bool app_load(struct app *app, const char *config, unsigned parts, bool dated, int64_t day);

/** The same, sharing with an earlier program the catalogues that did not change. */
bool app_load_after(struct app *app, const struct program *previous, const char *config, unsigned parts, bool dated,
                    int64_t day);

/** The same for a reload, with other menus and translations than the configuration names: an earlier version, whose
 * facts may be past their date. */
bool app_load_version(struct app *app, const struct program *previous, const char *config, const char *start,
                      const char *locales, int64_t day);

/** Prints all problems found so far and says whether there was an error among them. */
bool app_report(const struct app *app);

/** Opens keys and store in `data` (NULL: the environment's WAYMARK_DATA, then the configuration's), which is made where
 * it is missing, and applies the stops that the store lacks. Prints what is wrong. */
int app_open_data(struct app *app, const char *data);

/** Its two halves: keys and store, then the journal of stops; nothing may be sent before the second. */
int app_open_store(struct app *app, const char *data);
int app_open_stops(struct app *app);

/** Where the master key is, unless a credential is: `key-file`, else master.key in the data folder. */
const char *app_key_file(struct app *app);

/** The master key alone; app->data is known. It is made where there is neither key nor database nor `key-file`. */
int app_open_keys(struct app *app);

/** Tells why the master key could not be opened, by the name of the file or of the credential that it is in. */
void app_tell_key(struct app *app, int rc);

/** Lets the vault take the store's claim; refused, and told, where the database is under another master key. */
int app_adopt(struct app *app);

/** Runs `fn` in a transaction of the command's own, committed where it gives 0. */
int app_write(struct app *app, int (*fn)(void *ctx, struct store *s), void *ctx);

/** The data folder alone, without opening anything. */
const char *app_data_folder(struct app *app, const char *data);

/** The same, made where it is not there. ERR_IO, ERR_REFUSED (others may write to it): told. */
int app_make_folder(struct app *app, const char *data);

/** Frees all of it; what root made in a data folder of somebody else's becomes theirs (owner.h). */
void app_close(struct app *app);

#endif
