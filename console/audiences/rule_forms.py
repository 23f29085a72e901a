"""The rule builder: rows of plain form fields <-> a rule. Rows are added and removed by submit buttons."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict

from console.audiences import rules

NEW_CONDITION = {"field": "attribute", "key": "", "operator": "text_is", "value": ""}
PARTS = ("field", "key", "operator", "value", "list")


class RuleRows:
    """What the builder shows: groups of conditions with typed values kept, and the mistake beside its row."""

    def __init__(self, match: str, groups: list[dict[str, Any]]) -> None:
        self.match = match
        self.groups = groups or [{"match": "all", "conditions": [dict(NEW_CONDITION)]}]
        self.error: rules.RuleError | None = None

    @classmethod
    def of_rule(cls, rule: Mapping[str, Any]) -> "RuleRows":
        groups = [
            {"match": group["match"], "conditions": [_as_row(item) for item in group["conditions"]]}
            for group in rule.get("groups", [])
        ]
        return cls(rule.get("match", "all"), groups)

    @classmethod
    def of_post(cls, data: QueryDict) -> "RuleRows":
        """Reads fields such as g0_match, g0_field (one per row), and applies the pressed add or remove button."""
        groups = []
        for index in range(rules.MAX_GROUPS):
            if f"g{index}_field" not in data and f"g{index}_match" not in data:
                continue
            columns = [data.getlist(f"g{index}_{part}") for part in PARTS]
            rows = [dict(zip(PARTS, row, strict=True)) for row in zip(*columns, strict=False)]
            groups.append({"match": data.get(f"g{index}_match", "all"), "conditions": rows[: rules.MAX_CONDITIONS]})
        rows_of = cls(data.get("match", "all"), groups)
        rows_of._press(data.get("do", ""))
        return rows_of

    def _press(self, button: str) -> None:
        verb, _sep, place = button.partition(":")
        numbers = [int(part) for part in place.split(".") if part.isdecimal() and len(part) < 4]
        if verb == "add-group" and len(self.groups) < rules.MAX_GROUPS:
            self.groups.append({"match": "all", "conditions": [dict(NEW_CONDITION)]})
        elif verb == "add-condition" and numbers and numbers[0] < len(self.groups):
            conditions = self.groups[numbers[0]]["conditions"]
            if len(conditions) < rules.MAX_CONDITIONS:
                conditions.append(dict(NEW_CONDITION))
        elif verb == "remove" and len(numbers) == 2 and numbers[0] < len(self.groups):
            conditions = self.groups[numbers[0]]["conditions"]
            del conditions[numbers[1] : numbers[1] + 1]
            if not conditions and len(self.groups) > 1:
                del self.groups[numbers[0]]

    def rule(self) -> dict[str, Any]:
        """The checked rule; raises RuleError and keeps it for the page."""
        groups = [
            {"match": group["match"], "conditions": [_as_condition(row) for row in group["conditions"]]}
            for group in self.groups
        ]
        try:
            return rules.check({"match": self.match, "groups": groups})
        except rules.RuleError as error:
            self.error = error
            if error.group >= 0 and error.condition >= 0:
                self.groups[error.group]["conditions"][error.condition]["error"] = error.sentence
            raise

    @property
    def choices(self) -> dict[str, Any]:
        """Fields and operators for the selects: operators grouped by what they fit."""
        return {
            "fields": [
                *((f"consent.{purpose}", label) for purpose, label in rules.PURPOSES.items()),
                *((field, label) for field, label in rules.FIELDS.items() if field != "consent"),
            ],
            "operators": [
                (label, [(name, op.label) for name, op in rules.OPERATORS.items() if op.fields[0] == field])
                for field, label in rules.FIELDS.items()
                if any(op.fields[0] == field for op in rules.OPERATORS.values())
            ],
        }


def _as_row(item: Mapping[str, Any]) -> dict[str, Any]:
    value = item.get("value", "")
    is_list = item["field"] == "audience"
    return {
        "field": f"consent.{item['key']}" if item["field"] == "consent" else item["field"],
        "key": item.get("key", "") if item["field"] == "attribute" else "",
        "operator": item["operator"],
        "value": "" if is_list else ", ".join(value) if isinstance(value, list) else value,
        "list": str(value) if is_list else "",
    }


def _as_condition(row: Mapping[str, str]) -> dict[str, Any]:
    field, _sep, purpose = row["field"].partition(".")
    value = row["list"] if field == "audience" else row["value"]
    return {"field": field, "key": purpose or row["key"], "operator": row["operator"], "value": value}
