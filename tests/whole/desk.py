# SPDX-License-Identifier: AGPL-3.0-or-later
"""A visitor of the console without a browser: keeps cookies, reads forms, and sends what a browser would not."""
import html
import http.client
import re
import urllib.parse
from html.parser import HTMLParser

import harness


class Form(HTMLParser):
    """The fields of each form of a page, as a browser would send them untouched."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.select = [], None
        self.feed(page)

    def handle_starttag(self, tag, pairs):
        at = dict(pairs)
        if tag == "form":
            self.forms.append({"action": at.get("action"), "method": at.get("method", "get"), "fields": {}})
        if not self.forms:
            return
        fields = self.forms[-1]["fields"]
        if tag == "input" and at.get("name") and at.get("type") not in ("checkbox", "radio"):
            fields[at["name"]] = at.get("value", "")
        elif tag == "input" and at.get("name") and "checked" in at:
            fields[at["name"]] = at.get("value", "on")
        elif tag in ("select", "textarea") and at.get("name"):
            self.select = at["name"]
            fields[self.select], self.first = "", True
        elif tag == "option" and self.select and ("selected" in at or self.first):
            fields[self.select], self.first = at.get("value", ""), False

    def handle_endtag(self, tag):
        if tag in ("select", "textarea"):
            self.select = None

    def handle_data(self, data):
        if self.select and self.forms and self.lasttag == "textarea":
            self.forms[-1]["fields"][self.select] += data


class Page:
    def __init__(self, status, headers, body, url):
        self.status, self.headers, self.body, self.url = status, headers, body, url

    @property
    def text(self):
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.body)))

    @property
    def main(self):
        return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", self.body.split("<main", 1)[-1].split("</main>")[0])))

    def form(self, action):
        for form in Form(self.body).forms:
            if form["action"] == action or form["action"].endswith(action):
                return form
        raise AssertionError("no form for %s on %s: %s" % (action, self.url, [f["action"] for f in Form(self.body).forms]))

    def links(self):
        return [html.unescape(u) for u in re.findall(r'href="([^"]+)"', self.body)]


class Visitor:
    def __init__(self, service, cookies=None):
        self.address = service.console
        self.cookies = dict(cookies or {})
        self.page = None

    @property
    def host(self):
        return "%s:%d" % self.address

    def ask(self, method, path, body=None, headers=None):
        """One request, no redirect followed."""
        c = http.client.HTTPConnection(*self.address, timeout=harness.PATIENCE_S)
        send = {"Host": self.host, "Cookie": "; ".join("%s=%s" % kv for kv in self.cookies.items())}
        if body is not None:
            send["Content-Type"] = "application/x-www-form-urlencoded"
            send["Sec-Fetch-Site"] = "same-origin"
        send.update(headers or {})
        c.request(method, path.split("#")[0], body, {k: v for k, v in send.items() if v is not None})
        r = c.getresponse()
        endless = r.headers.get_content_type() == "text/event-stream" and "Content-Length" not in r.headers
        raw = b"" if endless else r.read()
        for value in r.headers.get_all("Set-Cookie") or []:
            name, rest = value.split("=", 1)
            self.cookies[name] = rest.split(";")[0]
            if "Max-Age=0" in value:
                del self.cookies[name]
        c.close()
        return Page(r.status, r.headers, raw.decode(), path)

    def get(self, path):
        """As a browser: follows redirects, keeps the page."""
        self.page = self.ask("GET", path)
        for _ in range(5):
            if self.page.status != 303:
                break
            self.page = self.ask("GET", self.page.headers["Location"])
        return self.page

    def submit(self, action, **fields):
        """Sends the form of the present page as it is, with these fields changed; follows the redirect."""
        form = self.page.form(action)
        values = {**form["fields"], **fields}
        page = self.ask("POST", form["action"], urllib.parse.urlencode({k: v for k, v in values.items() if v is not None}))
        if page.status == 303:
            return self.get(page.headers["Location"])
        self.page = page
        return page

    def post(self, path, headers=None, **fields):
        """A bare POST with whatever token is given; nothing is followed."""
        return self.ask("POST", path, urllib.parse.urlencode(fields), headers)
