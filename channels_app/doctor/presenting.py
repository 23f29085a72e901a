"""What the doctor's page and its reports show of stored results: words, order, verdict. No queries."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from channels_app.doctor import fixes, words
from channels_app.doctor.registry import Group, Turn
from channels_app.doctor.states import FAILED, PASSED, RESULTS, SKIPPED, WARNING

Result = dict[str, Any]
GROUPS = {
    Group.INSTALLATION: gettext_lazy("Installation"),
    Group.ACCESS: gettext_lazy("Access"),
    Group.SENDERS: gettext_lazy("Accounts and numbers"),
    Group.WEBHOOK: gettext_lazy("Webhook"),
    Group.CONTENT: gettext_lazy("Templates and channels"),
}
TURNS = {
    Turn.YOU: gettext_lazy("Your turn"),
    Turn.META: gettext_lazy("Meta's turn"),
    Turn.OPERATOR: gettext_lazy("Whoever runs this installation"),
}
ORDER = list(RESULTS)  # failed first
Can = Callable[[str], bool]


def rows(
    results: Iterable[Result], *, slug: str = "", can: Can | None = None, known: Sequence[Result] = ()
) -> list[Any]:
    """Results in words, trouble first; `known` are an earlier examination's: what failed there too is not new."""
    before = {_key(result) for result in known if result["status"] == FAILED}
    found = []
    for result in results:
        title, text = words.describe(result)
        found.append(
            {
                **result,
                "state": RESULTS[result["status"]],
                "title": title,
                "text": text,
                "turn_label": TURNS.get(result["turn"], ""),
                "is_new": bool(known) and result["status"] == FAILED and _key(result) not in before,
                "fix_now": _fix(result, slug, can),
                "facts_text": facts_text(result),
            }
        )
    return sorted(found, key=lambda row: ORDER.index(row["status"]))


def _key(result: Result) -> tuple[str, str, str]:
    return result["code"], result["subject"], result["variant"]


def _fix(result: Result, slug: str, can: Can | None) -> dict[str, Any] | None:
    """What to press: only what this person may open."""
    fix = fixes.FIXES.get(result["fix"])
    if fix is None or (fix.capability and can is not None and not can(fix.capability)):
        return None
    url = fixes.url_of(result, slug)
    return {"label": fix.label, "url": url, "command": fix.command} if url or fix.command else None


def facts_text(result: Result) -> str:
    """The facts as data: "status = PENDING, name = Lumen"."""
    shown = {
        name: value for name, value in result["facts"].items() if name not in ("why", "because", "is_unused", "kept")
    }
    return ", ".join(f"{name} = {_plain(value)}" for name, value in shown.items() if value not in (None, "", [], {}))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(item)}" for name, item in value.items())
    return str(value)


def groups(shown: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows by group, each with how many passed; groups in which something failed first."""
    found = []
    for group, label in GROUPS.items():
        mine = [row for row in shown if row["group"] == group]
        if mine:
            counts = Counter(row["status"] for row in mine)
            note = _("%(passed)s of %(all)s passed") % {"passed": counts[PASSED], "all": len(mine)}
            trouble = [row for row in mine if row["status"] in (FAILED, WARNING)]
            quiet = [row for row in mine if row["status"] in (PASSED, SKIPPED)]
            found.append({"code": str(group), "label": label, "note": note, "trouble": trouble, "quiet": quiet})
    return sorted(found, key=lambda group: not any(row["status"] == FAILED for row in group["trouble"]))


def verdict(results: Sequence[Result]) -> dict[str, Any]:
    """{tone, title, turns}: what is to be done, and by whom."""
    failed = [result for result in results if result["status"] == FAILED]
    warned = sum(result["status"] == WARNING for result in results)
    if failed:
        count = len(failed)
        title = ngettext("%(count)d thing does not work", "%(count)d things do not work", count) % {"count": count}
        return {"tone": "bad", "title": title, "turns": turns(failed)}
    if warned:
        title = ngettext(
            "Everything works, with %(count)d warning", "Everything works, with %(count)d warnings", warned
        )
        return {"tone": "warn", "title": title % {"count": warned}, "turns": []}
    return {"tone": "ok", "title": _("Everything works"), "turns": []}


def turns(failed: Iterable[Result]) -> list[str]:
    """Whose turn it is, each as a phrase of its own: "2 need you"."""
    counts = Counter(result["turn"] for result in failed)
    phrases = {
        Turn.YOU: ngettext("%(count)d needs you", "%(count)d need you", counts[Turn.YOU]),
        Turn.META: ngettext("%(count)d needs Meta", "%(count)d need Meta", counts[Turn.META]),
        Turn.OPERATOR: ngettext(
            "%(count)d needs whoever runs this installation",
            "%(count)d need whoever runs this installation",
            counts[Turn.OPERATOR],
        ),
    }
    return [phrase % {"count": counts[turn]} for turn, phrase in phrases.items() if counts[turn]]
