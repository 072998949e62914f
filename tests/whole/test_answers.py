# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people may type or send by mistake, and whether everything they are shown fits a phone."""
import collections
import random
import re

import pytest

from callers import Raw, form, running, turns
from harness import Client, Phone, sent_out, sms

ERRORS = {"1": "A note has 1 to 30 letters.", "2": "Age in numbers please.", "3": "One word please."}
ENOUGH = "END Enough tries."

WRONG = {  # for every question
    "nothing": "",
    "blanks": "    ",
    "other blanks": "\u00a0\u2003\u3000",
    "10 KB": "x" * 10240,
    "10 KB of digits": "9" * 10240,
    "10 KB of other letters": "\u1780" * 1137,
    "emoji": "\U0001f600\U0001f600",
    "a flag and a joiner": "\U0001f1f0\U0001f1ea\u200d\ufe0f",
    "control characters": "\x01\x02\x1b",
    "a control character inside": "1\x002".replace("\0", "\x07"),
    "delete": "a\x7f",
    "C1 control characters": "a\u0085\u009b",
    "the replacement character": "\ufffd",
    "private use": "\ue000\U000f0000",
    "a direction override alone": "\u202e",
    "signs": "?!...",
    "stars": "***",
    "a byte order mark": "\ufeff",
}

NO_NUMBER = ["old", "4", "111", "-5", "1e2", "0x10", "5 5", "5.5", "12345678901234567890", "\u05e9\u05dc\u05d5\u05dd", "\u00bd",
             "\u216b", "\u4e8c\u5341"]

TWENTY_FOUR = ["24", " 24 ", "24.", "+24", "024", "\u0662\u0664", "\u06f2\u06f4", "\u0968\u096a", "\u09e8\u09ea", "\uff12\uff14",
               "\u17e2\u17e4", "\u0e52\u0e54", "\u1042\u1044"]

ODD_NOTES = ["\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627", "caf\u00e9", "a < b & c > d", "{note}",
             "'; DROP TABLE turn; --", "%s%n", "../../etc/passwd", "CON END",
             "\u1275\u130d\u122d\u129b", "ok \U0001f600", "a\u0301", "#31#", "<b>x</b>"]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with running(tmp_path_factory.mktemp("answers")) as made:
        yield made


@pytest.fixture
def phone(service):
    return Phone(service, "+12025550101")


@pytest.mark.parametrize("question", ERRORS)
@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_gets_the_questions_error_and_counts_a_try(phone, service, question, name):
    phone.dial()
    phone.type(question)
    before = turns(service)
    # nothing typed three times: each leaves one more "*" in the path
    assert phone.type(WRONG[name]).startswith("CON %s\n" % ERRORS[question])
    assert phone.type(WRONG[name]).startswith("CON %s\n" % ERRORS[question])
    assert phone.type(WRONG[name]).startswith(ENOUGH)
    assert turns(service) == before + 3


@pytest.mark.parametrize("question", ERRORS)
def test_a_right_answer_after_two_wrong_ones_goes_on_and_tries_begin_anew(phone, question):
    phone.dial()
    phone.type(question, "", "!")
    shown = phone.type("30")
    assert shown.startswith(("CON Noted 30.", "CON You are 30.", "CON Sent 30.")), shown
    back = {"1": ["1"], "2": ["1", "2"], "3": ["1", "3"]}[question]
    assert "?" in phone.type(*back)
    for _ in range(2):
        assert phone.type("!").startswith("CON " + ERRORS[question])
    assert phone.type("!").startswith(ENOUGH)


@pytest.mark.parametrize("typed", NO_NUMBER)
def test_what_is_no_number_in_range_is_wrong(phone, typed):
    phone.dial()
    assert phone.type("2", typed).startswith("CON Age in numbers please.\n")


@pytest.mark.parametrize("typed", TWENTY_FOUR)
def test_digits_of_any_script_are_a_number(phone, typed):
    phone.dial()
    assert phone.type("2", typed).startswith("CON You are 24.\n")


@pytest.mark.parametrize("typed", ODD_NOTES)
def test_odd_words_are_taken_as_they_are(phone, typed):
    phone.dial()
    assert phone.type("1", typed).startswith("CON Noted %s.\n" % typed)
    assert phone.type("2").startswith("CON Main page.\n")


@pytest.mark.parametrize("typed", ["\u0661", "1.", " 1 ", "01", "1)", "note", "NOTE", " Note. "])
def test_a_choice_is_read_kindly(phone, typed):
    phone.dial()
    assert phone.type(typed).startswith("CON Which note?")


@pytest.mark.parametrize("typed", ["7", "11", "-1", "x", "1 2", "\U0001f600", "1" * 10240, "\x07", "no such thing"])
def test_a_choice_that_is_none_shows_the_list_again(phone, typed):
    phone.dial()
    for _ in range(5):
        shown = phone.type(typed)
        assert shown.startswith("CON Please choose a number from the list.\n1 Note\n"), shown


def raw_turn(service, text, session):
    with Raw(service.address) as raw:
        return raw.send(form(b"sessionId=%s&phoneNumber=%%2B12025550101&text=" % session + text)).answer()


@pytest.mark.parametrize("number, text", enumerate([b"1*%ED%A0%80", b"1*%ED%A0%80%ED%B0%80", b"1*\xed\xa0\x80", b"1*%FF", b"1*%00",
                                                    b"1*caf%E9", b"1*%F4%90%80%80", b"1*%C0%80"]))
def test_bytes_that_are_no_text_are_refused_and_count_no_try(service, number, text):
    session = b"ATUid_bytes%d" % number
    assert raw_turn(service, b"", session).status == 200
    assert raw_turn(service, b"1", session).status == 200
    before = turns(service)
    for _ in range(3):
        assert raw_turn(service, text, session).status == 400
    assert turns(service) == before
    assert raw_turn(service, b"1*milk", session).body.startswith(b"CON Noted milk.")


def test_three_long_answers_fill_a_session_and_the_next_still_goes_on(phone):
    phone.dial()
    phone.type("1")
    for _ in range(2):
        phone.type("x" * 10240)
    assert phone.type("milk").startswith("CON Noted milk.")
    phone.type("1")
    assert phone.type("tea").startswith("CON Noted tea.")


def test_a_path_beyond_all_limits_ends_politely(phone):
    phone.dial()
    phone.type("1")
    shown = phone.type("x" * 65300)
    assert shown.startswith(("CON ", "END ")), shown[:60]


# ---- by SMS ----

def test_odd_messages_are_answered_by_one_message_each(folder, aggregator):
    with running(folder, aggregator) as service:
        client = Client(service.address)
        people = {}
        for n, name in enumerate(WRONG):
            people["+1202555%04d" % (100 + n)] = name
            for step, text in enumerate(("HELP", "2", WRONG[name])):
                assert sms(client, "+1202555%04d" % (100 + n), "odd-%d-%d" % (n, step), text) == (200, ""), name
        assert sent_out(service)
        answers = collections.defaultdict(list)
        for message in aggregator.accepted:
            answers[people[message.number]].append(message.text)
        for name in WRONG:
            assert len(answers[name]) == 3, (name, answers[name])
            assert any(text.startswith("Age in numbers please.") for text in answers[name]), (name, answers[name])


# ---- everything fits ----

BASIC = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
            "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENSION = set("\f^{}\\[~]|€")


def size(text):
    """(units, most) of a screen, counted by our own table of GSM 03.38, section 6.2.1."""
    if set(text) <= BASIC | EXTENSION:
        return sum(2 if c in EXTENSION else 1 for c in text), 182
    return len(text.encode("utf-16-be")) // 2, 80


def test_the_counter_knows_the_alphabet():
    assert len(BASIC) == 127 and size("a" * 182) == (182, 182)
    assert size("{\u20ac}") == (6, 182) and size("\u00e9\u00f1\u00c7") == (3, 182)
    assert size("\u00e1") == (1, 80) and size("\U0001f600") == (2, 80) and size("`")[1] == 80


OPTION = re.compile(r"^(\d{1,2}|[*#]{1,2}) \S")
TYPED = ["Mon after 18:00", "New York", "CA", "K7M3QX", "30", "The driver was rude", "x" * 200, "", "\u0634\u0643\u0631\u0627",
         "\u20ac" * 40, "a\u0301" * 40, "\U0001f600", "Yes", "Texas 10", "Los Angeles", "I need help with my papers please"]


class RandomWalk:
    """Dials and types for ever; every screen is measured."""

    def __init__(self, service, seed, language):
        self.service, self.client, self.language = service, Client(service.address), language
        self.rng = random.Random(seed)
        self.largest, self.seen, self.ended = {182: 0, 80: 0}, set(), True

    def dial(self):
        self.phone = Phone(self.service, "+1%d55501%02d" % (self.rng.randint(202, 219), self.rng.randint(0, 99)))
        self.phone.client = self.client
        self.look(self.phone.dial())
        if "Language" in self.body or "Idioma" in self.body:
            self.look(self.phone.type(self.language))

    def look(self, shown):
        kind, self.body = shown[:4], shown[4:]
        assert kind in ("CON ", "END "), shown
        units, most = size(self.body)
        assert units <= most, "%d of %d:\n%s" % (units, most, self.body)
        self.largest[most] = max(self.largest[most], units)
        self.seen.add(self.body)
        self.ended = kind == "END "

    def choose(self):
        choices = [line.split(" ")[0] for line in self.body.split("\n") if OPTION.match(line)]
        answers = [c for c in choices if c not in ("0", "00", "99")]
        if answers and self.rng.random() < 0.85:
            return self.rng.choice(answers)
        if choices and self.rng.random() < 0.3:
            return self.rng.choice(choices)
        return self.rng.choice(TYPED)

    def step(self):
        if self.ended or len(self.phone.path) > 1500:
            self.dial()
        else:
            self.look(self.phone.type(self.choose()))


@pytest.mark.parametrize("seed, language", [(1, "1"), (2, "2")], ids=["en", "es"])
def test_every_screen_of_a_random_walk_over_the_real_menus_fits(folder, aggregator, seed, language):
    with running(folder, aggregator, menus=None) as service:
        walk = RandomWalk(service, seed, language)
        for _ in range(2000):
            walk.step()
        print("%d screens, at most %d septets, %d units" % (len(walk.seen), walk.largest[182], walk.largest[80]))
        assert len(walk.seen) > 60 and walk.largest[182] > 120, "the walk saw too little to mean anything"
