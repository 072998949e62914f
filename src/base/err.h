// SPDX-License-Identifier: AGPL-3.0-or-later
/* err - the one set of failure codes.
 *
 * Every function that can fail returns 0 or one of these negative codes; results come last, through a pointer.
 * The lowest level says the cause, callers add only which operation failed. To add a code: a row in ERR_CODES.
 */
#ifndef WAYMARK_BASE_ERR_H
#define WAYMARK_BASE_ERR_H

#define ERR_CODES(X)                                                                                                   \
    X(ERR_NOMEM, -1, "out of memory")                                                                                  \
    X(ERR_LIMIT, -2, "larger than the limit set for it")                                                               \
    X(ERR_SYNTAX, -3, "not of the expected form")                                                                      \
    X(ERR_RANGE, -4, "outside the allowed range")                                                                      \
    X(ERR_MISSING, -5, "not there")                                                                                    \
    X(ERR_EXISTS, -6, "already there")                                                                                 \
    X(ERR_IO, -7, "the system could not read or write")                                                                \
    X(ERR_FULL, -8, "no space left on the disk")                                                                       \
    X(ERR_BUSY, -9, "too much is waiting")                                                                             \
    X(ERR_AUTH, -10, "authenticity not proved")                                                                        \
    X(ERR_CRYPTO, -11, "a seal did not open")                                                                          \
    X(ERR_NOT_NOW, -12, "not allowed in this state")                                                                   \
    X(ERR_CORRUPT, -13, "stored data is damaged")                                                                      \
    X(ERR_REFUSED, -14, "refused by a check")                                                                          \
    X(ERR_TIMEOUT, -15, "took too long")

enum err {
    ERR_OK = 0,
#define X(name, value, text) name = value,
    ERR_CODES(X)
#undef X
};

/** The code's meaning in a few words; never NULL, static storage. 0 gives "ok". */
const char *err_text(int code);

#endif
