// SPDX-License-Identifier: AGPL-3.0-or-later
/* pages - the handlers that site.c names, by file. */
#ifndef WAYMARK_CONSOLE_PAGES_H
#define WAYMARK_CONSOLE_PAGES_H

struct page;

/* shell.c */
void home_show(struct page *p);
void asset_show(struct page *p);

/* phone.c */
void phone_show(struct page *p);
void phone_use(struct page *p);
void phone_save(struct page *p);

#endif
