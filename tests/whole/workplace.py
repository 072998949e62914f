# SPDX-License-Identifier: AGPL-3.0-or-later
"""A copy of the shipped menus, settings and translations, and the operator's commands in it."""
import os
import shutil
import subprocess

import harness


class Workplace:
    def __init__(self, folder):
        self.folder = folder
        for name in ("config", "menus", "locales"):
            shutil.copytree(harness.TOP / name, folder / name)
        (folder / "lsan").write_text("leak:libgettextpo\n")  # leaks a few bytes of its own (locale/po.h)
        self.env = {"LSAN_OPTIONS": "print_suppressions=0:suppressions=%s/lsan" % folder}

    def waymark(self, *arguments, status=0, env=os.environ):
        """What it prints; `error` is what it says on standard error."""
        done = subprocess.run([harness.binary(), *arguments], cwd=self.folder, capture_output=True, text=True,
                              env={**env, **self.env})
        assert done.returncode == status, done.stdout + done.stderr
        self.error = done.stderr
        return done.stdout
