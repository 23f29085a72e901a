"""The table of words: what each check is called, what it says when it passed, and per reason what is wrong and what to do."""

from channels_app.doctor.sentences import events, here, meta
from channels_app.doctor.sentences.entry import Text, Words

WORDS: dict[str, Words] = {**here.WORDS, **meta.WORDS, **events.WORDS}
__all__ = ["WORDS", "Text", "Words"]
