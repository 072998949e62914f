# SPDX-License-Identifier: AGPL-3.0-or-later
"""How hard a text is to read, by the formula that each language has.

    English     Flesch-Kincaid grade (1975): school years, lower is easier.
    Spanish     Fernandez Huerta (1959) with the scale of INFLESZ (2008): 0 to 100 and more, higher is easier, over 65 is plain.
    French      Kandel and Moles (1958): as Flesch reading ease.
    Portuguese  Flesch adapted by Martins and others (1996): as Flesch reading ease.

Haitian Creole and Arabic have no formula that fits, so for them only the words a sentence are counted.
Syllables are counted by vowels, which is how these formulas are used in practice; figures are good to about half a grade.
"""
import re
import unicodedata

WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
NAME = re.compile(r"\{[^}]*\}")
VOWELS = {"en": "aeiouy", "es": "aeiou", "fr": "aeiouy", "pt": "aeiou"}


def plain(text):
    """Without the figures and the names that the program puts in: they are read as one short word."""
    return re.sub(r"\b[\d][\d,.:-]*\b", "one", NAME.sub("one", text))


def sentences(text):
    found = re.split(r"[.?!؟]+(?:\s|$)|\n", plain(text))
    return [s for s in found if WORD.search(s)]


def bare(word):
    return "".join(c for c in unicodedata.normalize("NFD", word.lower()) if not unicodedata.combining(c))


def syllables(word, language):
    word = bare(word)
    if language == "en":
        word = re.sub(r"(?<=[^aeiouy])(?:es|ed)$" if not re.search(r"(?:[td]ed|[sxzc]es|[cs]hes|ges)$", word) else r"$^", "", word)
        if len(word) > 3 and re.search(r"[^aeiouyl]e$|[aeiouy]le$", word):
            word = word[:-1]
    if language == "fr":
        word = re.sub(r"(?<=[^aeiouy])(?:es|e|ent)$", "", word) or word
    if language in ("es", "pt"):  # an open vowel beside another is a syllable of its own, a closed one is not
        return max(1, len(re.findall(r"[aeo]|[iu](?![aeo])(?<![aeo][iu])", re.sub(r"qu|gu(?=[ei])", "q", word))))
    return max(1, len(re.findall("[%s]+" % VOWELS.get(language, "aeiouy"), word)))


def count(texts, language):
    lines = [s for t in texts for s in sentences(t)]
    words = [w for s in lines for w in WORD.findall(s)]
    return len(lines), len(words), sum(syllables(w, language) for w in words)


def measure(texts, language):
    """(words a sentence, the formula's figure or None)"""
    lines, words, beats = count(texts, language)
    a, b = words / lines, beats / words
    figure = {"en": 0.39 * a + 11.8 * b - 15.59,
              "es": 206.84 - 60 * b - 1.02 * a,
              "fr": 207 - 1.015 * a - 73.6 * b,
              "pt": 248.835 - 1.015 * a - 84.6 * b}.get(language)
    return a, figure
