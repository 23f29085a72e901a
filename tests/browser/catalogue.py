"""What must not be left in English on a page in another language: the catalogue's own sentences."""

import re
from functools import cache
from pathlib import Path

import polib
from playwright.sync_api import Page

from console.demo.world import SIGN_INS

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = frozenset(person.name for person in SIGN_INS)  # names of people, whatever the language
SHORTEST = 12  # shorter texts (“OK”, “WhatsApp”, “CSV”) may read the same in both languages


# Visible texts in the page's own language: what a template says in another one is marked with that language.
TEXTS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), texts = [];
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("[lang]") === document.documentElement && parent.checkVisibility()) texts.push(walker.currentNode.data);
  }
  return texts;
}"""


@cache
def english_texts(language: str) -> frozenset[str]:
    """English texts without placeholders that have another text in this language; empty without a catalogue."""
    path = ROOT / "console" / "locale" / language / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return frozenset()
    return frozenset(
        entry.msgid
        for entry in polib.pofile(str(path)).translated_entries()
        if len(entry.msgid) >= SHORTEST and "%" not in entry.msgid and "{" not in entry.msgid
        and entry.msgstr != entry.msgid and not entry.obsolete
    )  # fmt: skip


def assert_language(page: Page, language: str) -> None:
    """The page says its language, and no visible line of it is an English text that the catalogue translates."""
    assert page.locator("html").get_attribute("lang") == language
    if language == "en":
        return
    lines = {re.sub(r"\s+", " ", text).strip() for text in page.evaluate(TEXTS)}
    left = (lines & english_texts(language)) - PEOPLE
    assert not left, f"{page.url} is left in English: {sorted(left)}"
