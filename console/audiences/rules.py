"""Rules of audiences: what they look like, what is wrong with one, how one reads, and who fits one. Pure.

A rule is {"match": "all" | "any", "groups": [{"match": "all" | "any", "conditions": [condition, ...]}, ...]}. A condition is
{"field": "attribute", "key": "plan", "operator": "text_is", "value": "gold"}, or one over language, country, is_test,
consent (key = purpose) or audience. A rule without conditions fits everybody.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from console.audiences import attributes
from console.audiences.import_rows import read_country, read_language

Text = str | Promise
MAX_GROUPS, MAX_CONDITIONS, MAX_WORDS = 10, 20, 500
ISO_DATE = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}\Z"


@dataclass(frozen=True)
class Operator:
    """One comparison: the fields it fits, its label, what it wants as a value and how a sentence says it."""

    fields: tuple[str, ...]
    label: Text
    wants: str  # text | words | number | date | days | choice | nothing
    sentence: Text


ATTRIBUTE = ("attribute",)
OPERATORS: dict[str, Operator] = {
    "text_is": Operator(ATTRIBUTE, _("is"), "text", _("%(field)s is “%(value)s”")),
    "text_is_not": Operator(ATTRIBUTE, _("is not"), "text", _("%(field)s is not “%(value)s”")),
    "text_one_of": Operator(ATTRIBUTE, _("is one of"), "words", _("%(field)s is one of %(value)s")),
    "text_contains": Operator(ATTRIBUTE, _("contains"), "text", _("%(field)s contains “%(value)s”")),
    "text_starts": Operator(ATTRIBUTE, _("begins with"), "text", _("%(field)s begins with “%(value)s”")),
    "number_is": Operator(ATTRIBUTE, _("= (number)"), "number", _("%(field)s is %(value)s")),
    "number_over": Operator(ATTRIBUTE, _("> (number)"), "number", _("%(field)s is more than %(value)s")),
    "number_from": Operator(ATTRIBUTE, _("≥ (number)"), "number", _("%(field)s is at least %(value)s")),
    "number_under": Operator(ATTRIBUTE, _("< (number)"), "number", _("%(field)s is less than %(value)s")),
    "number_to": Operator(ATTRIBUTE, _("≤ (number)"), "number", _("%(field)s is at most %(value)s")),
    "date_on": Operator(ATTRIBUTE, _("is on (date)"), "date", _("%(field)s is on %(value)s")),
    "date_before": Operator(ATTRIBUTE, _("is before (date)"), "date", _("%(field)s is before %(value)s")),
    "date_after": Operator(ATTRIBUTE, _("is after (date)"), "date", _("%(field)s is after %(value)s")),
    "date_within": Operator(ATTRIBUTE, _("is in the last days"), "days", _("%(field)s is in the last %(value)s days")),
    "date_older": Operator(
        ATTRIBUTE, _("is longer ago than days"), "days", _("%(field)s is more than %(value)s days ago")
    ),
    "is_yes": Operator(("attribute", "is_test"), _("is yes"), "nothing", _("%(field)s is yes")),
    "is_no": Operator(("attribute", "is_test"), _("is no"), "nothing", _("%(field)s is no")),
    "is_set": Operator(("attribute", "language", "country"), _("is known"), "nothing", _("%(field)s is known")),
    "is_not_set": Operator(
        ("attribute", "language", "country"), _("is not known"), "nothing", _("%(field)s is not known")
    ),
    "one_of": Operator(("language", "country"), _("is one of (codes)"), "words", _("%(field)s is one of %(value)s")),
    "none_of": Operator(("language", "country"), _("is none of (codes)"), "words", _("%(field)s is none of %(value)s")),
    "granted": Operator(("consent",), _("is given"), "nothing", _("%(field)s is given")),
    "not_granted": Operator(("consent",), _("is not given"), "nothing", _("%(field)s is not given")),
    "withdrawn": Operator(("consent",), _("is withdrawn"), "nothing", _("%(field)s is withdrawn")),
    "in_list": Operator(("audience",), _("contains the profile"), "choice", _("is in %(field)s")),
    "not_in_list": Operator(("audience",), _("does not contain the profile"), "choice", _("is not in %(field)s")),
}
FIELDS: dict[str, Text] = {
    "attribute": _("Attribute"),
    "language": _("Language"),
    "country": _("Country"),
    "is_test": _("Test profile"),
    "consent": _("Consent"),
    "audience": _("Audience"),
}
PURPOSES: dict[str, Text] = {
    "marketing": _("Consent to marketing"),
    "utility": _("Consent to utility"),
    "authentication": _("Consent to authentication"),
}


class RuleError(ValueError):
    """A rule that can't be used; group and condition say where (-1: the rule itself)."""

    def __init__(self, code: str, sentence: Text, group: int = -1, condition: int = -1) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.group = group
        self.condition = condition


def check(rule: Any) -> dict[str, Any]:
    """The rule in its one form: values parsed, nothing unknown left. Raises RuleError at the first mistake."""
    if not isinstance(rule, Mapping) or not isinstance(rule.get("groups", []), list):
        raise RuleError("shape", _("A rule is a list of groups of conditions."))
    if len(rule.get("groups", [])) > MAX_GROUPS:
        raise RuleError("too_many_groups", _("A rule has ten groups at most."))
    groups = []
    for index, group in enumerate(rule.get("groups", [])):
        if not isinstance(group, Mapping) or not isinstance(group.get("conditions"), list):
            raise RuleError("shape", _("A group is a list of conditions."), index)
        if len(group["conditions"]) > MAX_CONDITIONS:
            raise RuleError("too_many_conditions", _("A group has twenty conditions at most."), index)
        conditions = [_check_condition(item, index, place) for place, item in enumerate(group["conditions"])]
        if conditions:
            groups.append({"match": _match(group, index), "conditions": conditions})
    return {"match": _match(rule, -1), "groups": groups}


def _match(part: Mapping[str, Any], group: int) -> str:
    match = part.get("match", "all")
    if match not in ("all", "any"):
        raise RuleError("match", _("Choose whether all or any of them must fit."), group)
    return str(match)


def _check_condition(item: Any, group: int, place: int) -> dict[str, Any]:
    def wrong(code: str, sentence: Text) -> RuleError:
        return RuleError(code, sentence, group, place)

    if not isinstance(item, Mapping) or item.get("field") not in FIELDS:
        raise wrong("field", _("Choose what this condition is about."))
    field, operator = item["field"], OPERATORS.get(str(item.get("operator")))
    if operator is None or field not in operator.fields:
        raise wrong("operator", _("Choose a comparison that fits this field."))
    checked: dict[str, Any] = {"field": field, "operator": item["operator"]}
    if field == "attribute":
        checked["key"] = str(item.get("key", "")).strip()
        if not attributes.KEY.fullmatch(checked["key"]):
            raise wrong("key", _("Name the attribute: letters, digits and _ only, a letter first."))
    if field == "consent":
        checked["key"] = item.get("key") or "marketing"
        if checked["key"] not in PURPOSES:
            raise wrong("key", _("Choose the purpose of the consent."))
    if operator.wants != "nothing":
        try:
            checked["value"] = _check_value(item.get("value"), operator.wants, field)
        except (ValueError, TypeError) as error:
            raise wrong(f"value_{operator.wants}", WANTED[operator.wants]) from error
    return checked


WANTED: dict[str, Text] = {
    "text": _("Fill in the text to compare with."),
    "words": _("Fill in one or more valid values, separated by commas."),
    "number": _("Fill in a number."),
    "date": _("Fill in a date such as 2026-11-23."),
    "days": _("Fill in a number of days from 0 to 36,500."),
    "choice": _("Choose an audience."),
}


def _check_value(value: Any, wants: str, field: str) -> Any:
    if wants == "words":
        words = value if isinstance(value, list) else str(value or "").split(",")
        readers: dict[str, Callable[[str], str]] = {"language": read_language, "country": read_country}
        read = readers.get(field, str.strip)
        words = [read(str(word)) for word in words if str(word).strip()]
        if not words or not all(words) or len(words) > MAX_WORDS or any("\x00" in word for word in words):
            raise ValueError(value)
        return list(dict.fromkeys(words))
    if wants == "choice":
        audience_id = int(value)
        if not 0 < audience_id < 2**63:
            raise ValueError(value)
        return audience_id
    if wants == "number":
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        return attributes.parse_value(str(value or ""), "number")
    if wants == "days":
        days = int(value)
        if not 0 <= days <= 36_500:
            raise ValueError(value)
        return days
    if wants == "date":
        return attributes.parse_value(str(value or ""), "date")
    text = str(value if value is not None else "").strip()
    if not text or len(text) > attributes.MAX_TEXT or "\x00" in text:
        raise ValueError(value)
    return text


def audience_ids(rule: Mapping[str, Any]) -> set[int]:
    """The lists that a checked rule asks for."""
    return {
        condition["value"]
        for group in rule.get("groups", [])
        for condition in group["conditions"]
        if condition["field"] == "audience"
    }


def sentence(rule: Mapping[str, Any], audience_names: Mapping[int, str] | None = None) -> str:
    """A checked rule in words, in the active language: "plan is “gold” and (country is one of KR, JP)"."""
    names = audience_names or {}
    groups = []
    for group in rule.get("groups", []):
        groups.append(_join([_phrase(item, names) for item in group["conditions"]], group["match"]))
    if not groups:
        return now_("Everybody in the workspace")
    if len(groups) == 1:
        return groups[0]
    return _join([f"({group})" for group in groups], rule["match"])


def _phrase(condition: Mapping[str, Any], names: Mapping[int, str]) -> str:
    value = condition.get("value")
    if condition["field"] == "attribute":
        field = condition["key"]
    elif condition["field"] == "consent":
        field = str(PURPOSES[condition["key"]])
    elif condition["field"] == "audience":
        field = f"“{names.get(int(value or 0), f'#{value}')}”"
    else:
        field = str(FIELDS[condition["field"]])
    shown = ", ".join(value) if isinstance(value, list) else value
    return str(OPERATORS[condition["operator"]].sentence) % {"field": field, "value": shown}


def _join(parts: list[str], match: str) -> str:
    text = parts[0]
    for part in parts[1:]:
        both = now_("%(first)s and %(second)s") if match == "all" else now_("%(first)s or %(second)s")
        text = both % {"first": text, "second": part}
    return text


def text_form(rule: Mapping[str, Any]) -> str:
    """A checked rule as lines of text, for comparing two versions: the same in every language."""
    lines = [f"match {rule['match']}"]
    for group in rule["groups"]:
        lines.append(f"  group {group['match']}")
        for item in group["conditions"]:
            name = f"{item['field']}.{item['key']}" if "key" in item else item["field"]
            value = f" {item['value']!r}" if "value" in item else ""
            lines.append(f"    {name} {item['operator']}{value}")
    return "\n".join(lines)


def fits(rule: Mapping[str, Any], profile: Mapping[str, Any], *, today: date, lists: Collection[int] = ()) -> bool:
    """Whether a profile (as a dict of its columns) fits a checked rule: the same answer as queries.rule_queryset."""
    groups = rule.get("groups", [])
    if not groups:
        return True
    answers = (
        (all if group["match"] == "all" else any)(_fits(item, profile, today, lists) for item in group["conditions"])
        for group in groups
    )
    return (all if rule["match"] == "all" else any)(answers)


def _fits(item: Mapping[str, Any], profile: Mapping[str, Any], today: date, lists: Collection[int]) -> bool:
    operator, value = item["operator"], item.get("value")
    match item["field"]:
        case "attribute":
            return _fits_attribute(operator, value, profile["attributes"].get(item["key"]), today)
        case "consent":
            consent = profile[f"{item['key']}_consent"]
            return consent != "granted" if operator == "not_granted" else consent == operator
        case "audience":
            return (value in lists) is (operator == "in_list")
        case "is_test":
            return profile["is_test"] is (operator == "is_yes")
    stored = profile[item["field"]]
    if operator in ("is_set", "is_not_set"):
        return bool(stored) is (operator == "is_set")
    return (stored in (value or ())) is (operator == "one_of")


def _fits_attribute(operator: str, value: Any, stored: Any, today: date) -> bool:
    if operator in ("is_set", "is_not_set"):
        return (stored is not None and stored != "") is (operator == "is_set")
    if operator in ("is_yes", "is_no"):
        return stored is (operator == "is_yes")
    if operator == "text_is_not":
        return stored != value
    if operator.startswith("number_"):
        if isinstance(stored, bool) or not isinstance(stored, int | float):
            return False
        compare = {"is": stored == value, "over": stored > value, "from": stored >= value, "under": stored < value}
        return bool(compare.get(operator.removeprefix("number_"), stored <= value))
    if not isinstance(stored, str):
        return False
    if operator.startswith("date_"):
        return bool(re.match(ISO_DATE, stored)) and fits_date(operator, value, stored, today)
    tests = {
        "text_is": stored == value,
        "text_contains": str(value) in stored,
        "text_starts": stored.startswith(str(value)),
    }
    return tests.get(operator, stored in value)


def fits_date(operator: str, value: Any, stored: str, today: date) -> bool:
    """Compares ISO date texts; "in the last 7 days" includes today and excludes the future."""
    if operator == "date_within":
        return (today - timedelta(days=value)).isoformat() <= stored <= today.isoformat()
    if operator == "date_older":
        return stored < (today - timedelta(days=value)).isoformat()
    return {"date_on": stored == value, "date_before": stored < value}.get(operator, stored > value)
