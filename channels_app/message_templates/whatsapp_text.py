"""WhatsApp's own formatting (*bold*, _italic_, ~strike~, `code`, ```mono```, lists, quotes) as safe HTML.

Source: meta-cloud-api.md 9. The text is escaped before anything else is read, so no input can become markup of its own.
"""

import re
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_BLOCK = re.compile(r"```(.+?)```", re.DOTALL)
_CODE = re.compile(r"`([^`]+)`")
_TAGS = {"*": "strong", "_": "em", "~": "s"}
# A mark opens after a space or punctuation and before a text, and closes the other way round. A zero-width space counts
# as a space: that is how `neutral` keeps data from restyling the text around it.
_MARKED = re.compile(r"(?<![^\W_])([*_~])(?!\1|[\s\u200b])(.*?)(?<![\s\u200b])\1(?![^\W_])")
_MARK = re.compile(r"[*_~]+")
_LIST = {"ul": re.compile(r"[-*] (.+)"), "ol": re.compile(r"(\d{1,3})\. (.+)"), "quote": re.compile(r"&gt; ?(.+)")}
_STARTS_LINE = re.compile(r"[-*>] |>|\d{1,3}\. ")
MAX_DEPTH = 3


def to_html(text: str) -> SafeString:
    """The text as WhatsApp shows it: only <strong> <em> <s> <code> <pre> <ul> <ol> <li> <blockquote> <br>."""
    pieces = _BLOCK.split(escape(text.replace("\r\n", "\n").replace("\r", "\n")))
    last = len(pieces) - 1
    html = [
        f"<pre>{piece}</pre>" if position % 2 else _lines(_beside_blocks(piece, position > 0, position < last))
        for position, piece in enumerate(pieces)
    ]
    return mark_safe("".join(html))  # noqa: S308 - every piece was escaped above, the tags are ours


def neutral(value: str) -> str:
    """The value with zero-width spaces beside those marks that would restyle the text it is put into; else unchanged.

    Backticks become apostrophes: code reaches from one to the next, whatever stands beside them.
    """
    value = value.replace("`", "'")
    if _STARTS_LINE.match(value):
        value = f"\u200b{value}"
    if not _MARK.search(value):
        return value
    return _MARK.sub(_defuse, value)


def _defuse(match: re.Match[str]) -> str:
    text, start, end = match.string, match.start(), match.end()
    before, after = text[start - 1 : start], text[end : end + 1]
    if len(match[0]) == 1 and before.isalnum() and after.isalnum():
        return match[0]
    return "\u200b" + "\u200b".join(match[0]) + "\u200b"


def _beside_blocks(text: str, is_after: bool, is_before: bool) -> str:
    """A block begins and ends a line by itself: the line break beside it is not a second one."""
    text = text.removeprefix("\n") if is_after else text
    return text.removesuffix("\n") if is_before else text


def _lines(escaped: str) -> str:
    groups: list[str] = []
    is_after_text = False
    for kind, lines in groupby(escaped.split("\n"), key=_kind_of):
        items = [_item(kind, line) for line in lines]
        if kind in ("ul", "ol"):
            groups.append(f"<{kind}>{''.join(items)}</{kind}>")
        elif kind == "quote":
            groups.append(f"<blockquote>{'<br>'.join(items)}</blockquote>")
        else:
            groups.append(("<br>" if is_after_text else "") + "<br>".join(items))
        is_after_text = kind == "text"
    return "".join(groups)


def _kind_of(line: str) -> str:
    return next((kind for kind, pattern in _LIST.items() if pattern.fullmatch(line)), "text")


def _item(kind: str, line: str) -> str:
    if kind == "text":
        return _marks(line)
    match = _LIST[kind].fullmatch(line)
    assert match is not None
    if kind == "ol":
        return f'<li value="{int(match[1])}">{_marks(match[2])}</li>'
    return f"<li>{_marks(match[1])}</li>" if kind == "ul" else _marks(match[1])


def _marks(line: str) -> str:
    """Inline marks of one line; nothing is read inside code."""
    pieces = _CODE.split(line)
    return "".join(f"<code>{piece}</code>" if position % 2 else _styled(piece) for position, piece in enumerate(pieces))


def _styled(text: str, depth: int = 0) -> str:
    if depth > MAX_DEPTH:
        return text
    return _MARKED.sub(lambda m: f"<{_TAGS[m[1]]}>{_styled(m[2], depth + 1)}</{_TAGS[m[1]]}>", text)
