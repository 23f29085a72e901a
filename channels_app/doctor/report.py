"""Results as text for a terminal or for support, and as JSON. Secrets were masked when the results were made."""

import textwrap
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from channels_app.doctor import presenting
from channels_app.doctor.presenting import Result
from channels_app.doctor.states import FAILED, PASSED, SKIPPED, WARNING

WIDTH = 80
INDENT = " " * 8
MARKS = {FAILED: "FAILED", WARNING: "warn", SKIPPED: "-", PASSED: "ok"}
COLORS = {FAILED: "\x1b[31m", WARNING: "\x1b[33m", SKIPPED: "\x1b[90m", PASSED: "\x1b[32m"}
Paint = Callable[[str, str], str]


def plain(text: str, status: str) -> str:
    return text


def colored(text: str, status: str) -> str:
    return f"{COLORS[status]}{text}\x1b[0m"


def printable(text: str) -> str:
    """Names come from customers, and a terminal obeys control characters."""
    return "".join(char if char.isprintable() else " " for char in text)


def text(
    heading: str, at: datetime, results: Sequence[Result], *, is_verbose: bool = False, paint: Paint = plain
) -> str:
    """A report of 80 columns; `is_verbose` adds codes, facts and calls: the evidence."""
    verdict = presenting.verdict(results)
    lines = [printable(heading), f"{at:%Y-%m-%d %H:%M:%S} UTC", ", ".join([verdict["title"], *verdict["turns"]]), ""]
    for group in presenting.groups(presenting.rows(results)):
        lines.append(f"{group['label']} ({group['note']})")
        for row in [*group["trouble"], *group["quiet"]]:
            lines += _row(row, paint)
            lines += _evidence(row) if is_verbose else []
        lines.append("")
    return "\n".join(line.rstrip() for line in lines)


def _row(row: Any, paint: Paint) -> list[str]:
    status = row["status"]
    title = f"{row['title']} · {row['label']}" if row["label"] else row["title"]
    first, *rest = textwrap.wrap(printable(title), WIDTH - len(INDENT)) or [""]
    lines = [f"{paint(f'{MARKS[status]:>6}', status)}  {first}", *(INDENT + line for line in rest)]
    if status == PASSED:
        return lines
    lines += _wrapped(row["text"])
    if row["turn_label"]:
        lines += _wrapped(_("Whose turn: %(who)s") % {"who": row["turn_label"]})
    if row["fix_now"] and row["fix_now"]["command"]:
        lines.append(f"{INDENT}$ {row['fix_now']['command']}")
    return lines


def _evidence(row: Any) -> list[str]:
    lines = _wrapped(f"{row['code']}, {row['at'][:19]}Z, {row['took_ms']} ms")
    lines += _wrapped(row["facts_text"])
    for call in row["calls"]:
        lines += _wrapped(f"{call['asked']}: {call['answered']}, {call['at'][11:19]}Z, {call['took_ms']} ms")
    return lines


def _wrapped(sentence: str) -> list[str]:
    return textwrap.wrap(
        printable(sentence),
        WIDTH,
        initial_indent=INDENT,
        subsequent_indent=INDENT,
        break_long_words=True,
        break_on_hyphens=False,
    )


def as_json(results: Sequence[Result]) -> dict[str, Any]:
    """For machines: the verdict and every result with its words."""
    verdict = presenting.verdict(results)
    kept = ("code", "group", "status", "subject", "label", "variant", "turn", "facts", "calls", "at", "took_ms")
    return {
        "verdict": verdict["title"],
        "failed": sum(result["status"] == FAILED for result in results),
        "warnings": sum(result["status"] == WARNING for result in results),
        "results": [
            {**{name: row[name] for name in kept}, "title": row["title"], "text": row["text"]}
            for row in presenting.rows(results)
        ],
    }
