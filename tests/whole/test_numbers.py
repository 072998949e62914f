# SPDX-License-Identifier: AGPL-3.0-or-later
"""A phone number has no print path: the compiler refuses to put one into the log, an error or a formatted string. That
nothing of one comes out of the running program is test_privacy.py."""
import os
import pathlib
import re
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
COMPILER = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
FLAGS = ("-std=gnu17", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-Wformat=2", "-fsyntax-only", "-D_GNU_SOURCE",
         "-include", str(TOP / "src/base/banned.h"), "-I", str(TOP / "src"))  # as in CMakeLists.txt

PROGRAM = """
#include "base/arena.h"
#include "base/err.h"
#include "base/log.h"
#include "base/msisdn.h"
#include "base/str.h"
#include <stdio.h>

void tell(struct msisdn number, const struct msisdn *there, struct str *out, struct arena *a);
void tell(struct msisdn number, const struct msisdn *there, struct str *out, struct arena *a)
{
    (void)number, (void)there, (void)out, (void)a;
    %s;
}
"""

WAYS = (
    'log_event(LOG_INFO, "came", LOG_INT("from", number))', 'log_event(LOG_INFO, "came", LOG_NAME("from", number))',
    'log_event(LOG_INFO, "came", LOG_SPAN("from", number))', 'log_event(LOG_INFO, "came", LOG_ERR(number))',
    'log_event(LOG_INFO, number, LOG_INT("n", 1))', 'log_event(LOG_INFO, "came", LOG_NAME("from", there))',
    'log_event(LOG_INFO, "came", LOG_SPAN("from", there))', 'printf("%s", number)', 'printf("%s", there)',
    'fprintf(stderr, "%.*s", 15, there)', 'fputs(number, stderr)', 'fputs(there, stderr)', 'puts(there)', 'perror(there)',
    'str_addf(out, "%s", number)', 'str_addf(out, "%s", there)', 'str_addz(out, there)', 'str_add(out, number)',
    'str_add(out, *there)', 'str_addf(out, "%d", number)', '(void)arena_printf(a, "%s", there)',
    '(void)arena_printf(a, "%s", number)', '(void)span_of(there)', '(void)span_of(number)')


def compiled(statement):
    done = subprocess.run([COMPILER, *FLAGS, "-x", "c", "-"], input=PROGRAM % statement, capture_output=True, text=True)
    return done.returncode == 0, done.stderr


@pytest.mark.parametrize("statement", WAYS)
def test_the_compiler_refuses(statement):
    fine, said = compiled(statement)
    assert not fine and "error" in said
    # and for the number's sake: a name in its place is taken
    harmless = re.sub(r"\*?\b(number|there)\b", '"harmless"', statement, count=1)
    for name, type in (("LOG_INT", "1"), ("LOG_SPAN", 'SPAN("x")'), ("LOG_ERR", "ERR_IO"), ("%d", "1"), ("str_add(", 'SPAN("x")')):
        if name in harmless:
            harmless = harmless.replace('"harmless"', type)
            break
    if "log_event(LOG_INFO, number" in statement:
        harmless = 'log_event(LOG_INFO, "harmless", LOG_INT("n", 1))'
    fine, said = compiled(harmless)
    assert fine, (harmless, said)


# Who reads the digits has to be sending, sealing, indexing, or showing them to somebody who may see them.
READERS = {"channel", "console", "dialogue", "gateway", "staff", "text", "vault"}
PRINTS = re.compile(r"\b(log_event|log_write|LOG_\w+|f?printf|fputs|puts|perror|diag_\w+|syslog)\s*\([^;]*(\.|->)digits\b")


def test_the_digits_are_read_by_few_and_printed_by_none():
    readers = set()
    for path in sorted((TOP / "src").rglob("*.[ch]")):
        source = path.read_text()
        if re.search(r"(\.|->)digits\b", source):
            readers.add(path.parent.name)
        assert not PRINTS.search(source), path
    assert readers == READERS
