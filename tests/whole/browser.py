# SPDX-License-Identifier: AGPL-3.0-or-later
"""A headless Chromium for the console's tests, with and without scripts, wide and as narrow as a phone."""
import base64
import json
import os
import pathlib
import shutil
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.by import By

import harness

FLAGS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --force-device-scale-factor=1").split()

AXE = pathlib.Path(__file__).resolve().parents[1] / "npm/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


class Browser:
    def __init__(self, scripts=True, width=1280, height=1000):
        self.folder = tempfile.mkdtemp(prefix="waymark-browser-")
        options = Options()
        for flag in FLAGS + ["--user-data-dir=" + self.folder, "--window-size=%d,%d" % (width, height)]:
            options.add_argument(flag)
        if not scripts:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def cookie(self, url, name, value):
        """Before any page: one that is opened only to take cookies has complaints of its own, which may come later."""
        self.driver.execute_cdp_cmd("Network.setCookie", {"url": url, "name": name, "value": value})

    def open(self, url):
        self.driver.get(url)
        return self

    def wait(self, condition, patience_s=harness.PATIENCE_S):
        """Asks again and again: what a script changes has no other end to wait for."""
        end = time.monotonic() + patience_s
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except (NoSuchElementException, StaleElementReferenceException):  # between two pages
                pass
            except WebDriverException as error:  # the same, as chromedriver tells it where the page goes while it looks
                if "does not belong to the document" not in str(error):
                    raise
            time.sleep(0.05)
        raise AssertionError("waited in vain; the page says: " + self.text("body"))

    def one(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def button(self, text, within="main"):
        """The button with this text."""
        for b in self.all(within + " button, " + within + " a.button"):
            if b.text.strip() == text:
                return b
        raise AssertionError("no button %r among %s" % (text, [b.text for b in self.all(within + " button")]))

    def type(self, name, text):
        field = self.one("[name=%s]" % name)
        field.clear()
        field.send_keys(text)
        return field

    def sign_in(self, base, name, passphrase):
        """Signs in and is there only when the page behind it is: what is opened too early would be asked without the cookie."""
        self.open(base + "/sign-in")
        self.type("name", name)
        self.type("passphrase", passphrase)
        self.button("Sign in").click()
        self.wait(lambda: self.all("#hide") and "/sign-in" not in self.driver.current_url)

    def text(self, css="main"):
        return self.one(css).text

    def picture(self, path):
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))

    def violations(self):
        """What axe-core finds on the present page, as lines; nothing where it is not installed (npm ci in tests/npm)."""
        if not AXE.exists():
            return []
        self.driver.set_script_timeout(60)
        self.driver.execute_script(AXE.read_text())
        result = self.driver.execute_async_script(
            "const done = arguments[1]; axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}})"
            ".then((r) => done(JSON.stringify(r.violations)), (e) => done(JSON.stringify([{id: String(e), nodes: []}])));", RULES)
        return ["%s: %s" % (v["id"], n["html"][:200]) for v in json.loads(result) for n in v["nodes"] or [{"html": "?"}]]

    def complaints(self):
        """What the browser's console says went wrong (a refused inline script, for one). The blank page that hides the screen
        has no icon, on purpose, and the browser asks for one when it likes."""
        return [e["message"] for e in self.driver.get_log("browser")
                if e["level"] in ("SEVERE", "WARNING") and "/favicon.ico" not in e["message"]]


def shoot(b, name):
    """A picture for people to look at, in the folder that WAYMARK_PICTURES names."""
    if os.environ.get("WAYMARK_PICTURES"):
        b.picture("%s/%s.png" % (os.environ["WAYMARK_PICTURES"], name))
