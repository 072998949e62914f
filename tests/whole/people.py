# SPDX-License-Identifier: AGPL-3.0-or-later
"""People who call the demonstration's menus, as the console's tests need them: each leaves a case with a reference."""
import re

import callers
import harness


def reference(shown):
    return re.search(r"\b[A-Z2-9]{6}\b", shown)[0]


def asks(service, n, language="1", age="1", pressed="2", call=("2", "Monday evening"), area=202):
    """Asks for a call; returns (phone, reference). call: ("1",), ("2", when) or ("3",)."""
    phone = harness.Phone(service, callers.number(n, area))
    phone.dial()
    shown = phone.type(language, "4", "98", "9", "98", "1", age)
    if age == "1":
        shown = phone.type(pressed)
        if pressed == "1":  # past its date the help line's text is shorter, and "1 Go on" stands on its first page
            phone.type(*([] if "\n1 " in shown else ["98"]), "1")
        shown = phone.type("2")
    else:
        shown = phone.type("1")
    shown = phone.type(*call)
    return phone, reference(shown)


def complains(service, n, text="The driver asked me for money"):
    phone = harness.Phone(service, callers.number(n))
    phone.dial()
    phone.type("1", "8", "98", "4", "1", text)
    return phone
