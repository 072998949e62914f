// SPDX-License-Identifier: AGPL-3.0-or-later
/* pages - the handlers that site.c names, by file. */
#ifndef WAYMARK_CONSOLE_PAGES_H
#define WAYMARK_CONSOLE_PAGES_H

struct page;

/* shell.c */
void home_show(struct page *p);
void asset_show(struct page *p);

/* door.c */
void sign_in_show(struct page *p);
void sign_in_do(struct page *p);
void sign_out_do(struct page *p);
void hide_do(struct page *p);
void hidden_show(struct page *p);
void idle_show(struct page *p);

/* account.c */
void welcome_show(struct page *p);
void welcome_passphrase(struct page *p);
void welcome_factor(struct page *p);
void account_show(struct page *p);
void account_passphrase(struct page *p);
void account_factor(struct page *p);
void account_factor_confirm(struct page *p);
void account_visits(struct page *p);
void factor_picture(struct page *p);

/* inbox.c, events.c */
void events_show(struct page *p);
void inbox_show(struct page *p);

/* casepage.c, caseact.c */
void case_show(struct page *p);
void case_print(struct page *p);
void case_claim(struct page *p);
void case_release(struct page *p);
void case_assign(struct page *p);
void case_note(struct page *p);
void case_read(struct page *p);
void case_status(struct page *p);
void case_close(struct page *p);
void case_reopen(struct page *p);

/* reply.c, safehours.c, handover.c, shownumber.c, override.c */
void reply_show(struct page *p);
void reply_check(struct page *p);
void reply_send(struct page *p);
void reply_undo(struct page *p);
void hours_show(struct page *p);
void hours_do(struct page *p);
void hand_over_show(struct page *p);
void hand_over_do(struct page *p);
void number_show(struct page *p);
void number_print(struct page *p);
void override_ask(struct page *p);
void override_grant(struct page *p);

/* calls.c, callbook.c, callmade.c */
void calls_show(struct page *p);
void calls_sheet(struct page *p);
void call_book_show(struct page *p);
void call_book_do(struct page *p);
void call_move(struct page *p);
void call_show(struct page *p);
void call_start(struct page *p);
void call_outcome_do(struct page *p);

/* search.c */
void search_show(struct page *p);
void search_do(struct page *p);

/* consents.c, consentperson.c */
void consents_show(struct page *p);
void consents_find(struct page *p);
void consents_verify(struct page *p);
void consent_show(struct page *p);
void consent_person_show(struct page *p);
void consent_file(struct page *p);
void consent_withdraw_do(struct page *p);
void consent_erase_do(struct page *p);
void case_withdraw(struct page *p);

/* statistics.c */
void statistics_show(struct page *p);
void statistics_file(struct page *p);

/* phone.c */
void phone_show(struct page *p);
void phone_use(struct page *p);
void phone_save(struct page *p);

/* menus.c */
void menus_show(struct page *p);
void menus_check(struct page *p);
void menus_reload(struct page *p);
void facts_show(struct page *p);
void versions_show(struct page *p);
void versions_go_back(struct page *p);
void map_show(struct page *p);
void map_picture(struct page *p);

/* staffpage.c */
void staff_show(struct page *p);
void staff_add(struct page *p);
void member_show(struct page *p);
void member_roles(struct page *p);
void member_disable(struct page *p);
void member_enable(struct page *p);
void member_passphrase(struct page *p);
void member_factor(struct page *p);

/* teams.c */
void teams_show(struct page *p);
void teams_admit(struct page *p);
void teams_rotate(struct page *p);
void teams_reprint(struct page *p);

/* auditpage.c */
void audit_show(struct page *p);
void audit_verify(struct page *p);

#endif
