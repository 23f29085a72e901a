"""A checked rule -> Django's Q, with the same meaning on SQLite's JSON text and PostgreSQL's jsonb.

Values and keys travel as parameters only; every comparison first asks for the JSON type, because the two databases
order and cast mixed types differently.
"""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, CharField, Exists, Expression, F, FloatField, Func, OuterRef, Q, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Left, StrIndex

from console.audiences import rules
from console.audiences.models import AudienceMember

TEXT, NUMBER = ("text", "string"), ("integer", "real", "number")


class JsonKind(Func):
    """The JSON type of one key: SQLite says text, integer, real, true, false, null; PostgreSQL string, number, boolean, null."""

    function = "jsonb_typeof"
    output_field = CharField()

    def __init__(self, key: str) -> None:
        super().__init__(KeyTransform(key, "attributes"))
        self.key = key

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, tuple[str | int, ...]]:
        column, params = compiler.compile(F("attributes").resolve_expression(compiler.query))
        return f"JSON_TYPE({column}, %s)", (*params, f"$.{json.dumps(self.key)}")  # escaped as the stored keys are


def rule_q(rule: Mapping[str, Any], *, today: date) -> Q:
    """The condition of a checked rule over Profile."""
    groups = []
    for group in rule.get("groups", []):
        groups.append(_join([_condition(item, today) for item in group["conditions"]], group["match"]))
    return _join(groups, rule.get("match", "all"))


def _join(parts: list[Q], match: str) -> Q:
    joined = Q()
    for part in parts:
        joined = joined & part if match == "all" else joined | part
    return joined


def _condition(item: Mapping[str, Any], today: date) -> Q:
    operator, field, value = item["operator"], item["field"], item.get("value")
    match field:
        case "attribute":
            return _attribute(operator, value, item["key"], today)
        case "consent":
            column = f"{item['key']}_consent"
            return ~Q(**{column: "granted"}) if operator == "not_granted" else Q(**{column: operator})
        case "audience":
            member = Q(Exists(AudienceMember.objects.filter(audience_id=int(value or 0), profile=OuterRef("pk"))))
            return member if operator == "in_list" else ~member
        case "is_test":
            return Q(is_test=operator == "is_yes")
    known = ~Q(**{field: ""})
    answers = {"is_set": known, "is_not_set": ~known, "one_of": Q(**{f"{field}__in": value or []})}
    return answers.get(operator, ~Q(**{f"{field}__in": value or []}))


def _attribute(operator: str, value: Any, key: str, today: date) -> Q:
    kind, text = JsonKind(key), KeyTextTransform(key, "attributes")
    if operator in ("is_set", "is_not_set"):
        is_set = _true(Case(When(_in(kind, TEXT), then=_flag(~_equal(text, ""))), default=_flag(_in(kind, SET_KINDS))))
        return is_set if operator == "is_set" else ~is_set
    if operator in ("is_yes", "is_no"):
        word = "true" if operator == "is_yes" else "false"
        return _when(kind, ("boolean", word), _equal(kind, word) | _equal(Cast(text, CharField()), word))
    if operator == "text_is_not":
        return ~_when(kind, TEXT, _equal(text, value))
    if operator.startswith("number_"):
        lookup = {"is": "exact", "over": "gt", "from": "gte", "under": "lt", "to": "lte"}[operator[7:]]
        number = Case(When(_in(kind, NUMBER), then=Cast(text, FloatField())), output_field=FloatField())
        return _true(Case(When(_compare(number, lookup, float(value)), then=Value(1)), default=Value(0)))
    if operator.startswith("date_"):
        return _when(kind, TEXT, _compare(text, "regex", rules.ISO_DATE) & _date(operator, value, text, today))
    if operator == "text_contains":
        return _when(kind, TEXT, _compare(StrIndex(text, Value(value)), "gt", 0))
    if operator == "text_starts":
        return _when(kind, TEXT, _equal(Left(text, len(value)), value))
    return _when(kind, TEXT, _compare(text, "in", value) if operator == "text_one_of" else _equal(text, value))


SET_KINDS = (*NUMBER, "boolean", "true", "false", "array", "object")


def _date(operator: str, value: Any, text: Expression, today: date) -> Q:
    if operator == "date_within":
        first = (today - timedelta(days=value)).isoformat()
        return _compare(text, "gte", first) & _compare(text, "lte", today.isoformat())
    if operator == "date_older":
        return _compare(text, "lt", (today - timedelta(days=value)).isoformat())
    return _compare(text, {"date_on": "exact", "date_before": "lt"}.get(operator, "gt"), value)


def _when(kind: Expression, kinds: tuple[str, ...], test: Q) -> Q:
    """The test where the type fits, false (never NULL) elsewhere, so that NOT means what it says."""
    return _true(Case(When(_in(kind, kinds), then=_flag(test)), default=Value(0)))


def _flag(test: Q) -> Case:
    return Case(When(test, then=Value(1)), default=Value(0))


def _true(case: Case) -> Q:
    return _equal(case, 1)


def _in(expression: Expression, values: tuple[str, ...]) -> Q:
    return _compare(expression, "in", values)


def _equal(expression: Expression, value: Any) -> Q:
    return _compare(expression, "exact", value)


def _compare(expression: Any, lookup: str, value: Any) -> Q:
    """expression <lookup> value as a condition, without an annotation."""
    field = expression.output_field if not isinstance(expression, KeyTextTransform) else CharField()
    compared = field.get_lookup(lookup)
    assert compared is not None  # only lookups that every field has
    return Q(compared(expression, value))
