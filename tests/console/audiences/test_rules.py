"""Rules: one meaning in SQL and in Python, clear mistakes, readable sentences, nothing that injects."""

from datetime import date
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.audiences import queries, rules
from console.audiences.models import Profile
from console.workspaces.models import Workspace
from tests.factories.audiences import make_list, make_profile

KEYS = ["plan", "points", "등급"]
TEXTS = ["", "gold", "Gold", "go", "5", "2026-11-20", "2026-11-23", "true", "a'b\"c%_", "서울"]
VALUES = st.one_of(
    st.sampled_from(TEXTS),
    st.integers(-5, 5),
    st.sampled_from([0.5, 2.25, -1.5]),
    st.booleans(),
    st.none(),
    st.just([1]),
    st.just({"a": 1}),
)
PROFILE = st.fixed_dictionaries(
    {
        "attributes": st.dictionaries(st.sampled_from(KEYS), VALUES),
        "language": st.sampled_from(["", "en", "ko", "pt_BR"]),
        "country": st.sampled_from(["", "KR", "DE"]),
        "is_test": st.booleans(),
        "marketing_consent": st.sampled_from(["", "granted", "withdrawn"]),
    }
)


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    name = draw(st.sampled_from(sorted(rules.OPERATORS)))
    operator = rules.OPERATORS[name]
    field = draw(st.sampled_from(operator.fields))
    item: dict[str, Any] = {"field": field, "operator": name}
    if field == "attribute":
        item["key"] = draw(st.sampled_from(KEYS))
    if field == "consent":
        item["key"] = "marketing"
    words = {"language": ["en", "ko", "pt_BR"], "country": ["KR", "DE"]}.get(field, [t for t in TEXTS if t])
    item["value"] = draw(
        {
            "text": st.sampled_from([t for t in TEXTS if t]),
            "words": st.lists(st.sampled_from(words), min_size=1, max_size=3),
            "number": st.one_of(st.integers(-5, 5), st.sampled_from([0.5, 2.25])),
            "date": st.sampled_from(["2026-11-20", "2026-11-23"]),
            "days": st.integers(0, 5),
            "choice": st.sampled_from([1, 2]),
            "nothing": st.none(),
        }[operator.wants]
    )
    return item


MATCH = st.sampled_from(["all", "any"])
GROUP = st.fixed_dictionaries({"match": MATCH, "conditions": st.lists(conditions(), min_size=1, max_size=3)})
RULE = st.fixed_dictionaries({"match": MATCH, "groups": st.lists(GROUP, max_size=3)})


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people=st.lists(st.tuples(PROFILE, st.sets(st.sampled_from([1, 2]))), min_size=1, max_size=5), rule=RULE)
def test_sql_and_python_agree_on_who_fits(workspace: Workspace, people: list[Any], rule: dict[str, Any]) -> None:
    Profile.objects.filter(workspace=workspace).delete()
    workspace.audiences.all().delete()
    made = [(make_profile(workspace, **columns), columns, lists) for columns, lists in people]
    ids = {n: make_list(workspace, [p for p, _c, lists in made if n in lists]).pk for n in (1, 2)}
    for group in rule["groups"]:
        for item in group["conditions"]:
            if item["field"] == "audience":
                item["value"] = ids.get(item["value"], item["value"])
    checked = rules.check(rule)
    with time_machine.travel("2026-11-23T12:00:00Z", tick=False):
        found = set(queries.rule_queryset(workspace, rule).values_list("pk", flat=True))
    expected = {
        profile.pk
        for profile, columns, lists in made
        if rules.fits(checked, columns, today=date(2026, 11, 23), lists={ids[n] for n in lists})
    }
    assert found == expected, rules.text_form(checked)


def one(**condition: Any) -> dict[str, Any]:
    return {"match": "all", "groups": [{"match": "all", "conditions": [condition]}]}


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ({"field": "password", "operator": "text_is"}, "field"),
        ({"field": "attribute", "key": "plan", "operator": "granted"}, "operator"),
        ({"field": "attribute", "key": "x') OR 1=1 --", "operator": "is_set"}, "key"),
        ({"field": "attribute", "key": "0", "operator": "is_set"}, "key"),
        ({"field": "attribute", "key": "plan", "operator": "text_is", "value": ""}, "value_text"),
        ({"field": "attribute", "key": "plan", "operator": "number_is", "value": "many"}, "value_number"),
        ({"field": "attribute", "key": "plan", "operator": "date_on", "value": "yesterday"}, "value_date"),
        ({"field": "attribute", "key": "plan", "operator": "date_within", "value": "-1"}, "value_days"),
        ({"field": "country", "operator": "one_of", "value": "Korea"}, "value_words"),
        ({"field": "consent", "key": "spam", "operator": "granted"}, "key"),
    ],
)
def test_a_wrong_condition_is_named_with_its_place(condition: dict[str, Any], code: str) -> None:
    with pytest.raises(rules.RuleError) as caught:
        rules.check(one(**condition))
    assert (caught.value.code, caught.value.group, caught.value.condition) == (code, 0, 0)
    assert str(caught.value.sentence)


def test_a_rule_reads_as_a_sentence() -> None:
    rule = rules.check(
        {
            "match": "any",
            "groups": [
                {
                    "match": "all",
                    "conditions": [
                        {"field": "attribute", "key": "plan", "operator": "text_is", "value": "gold"},
                        {"field": "consent", "key": "marketing", "operator": "granted"},
                    ],
                },
                {"match": "all", "conditions": [{"field": "country", "operator": "one_of", "value": "kr, jp"}]},
            ],
        }
    )
    assert rules.sentence(rule) == "(plan is “gold” and Consent to marketing is given) or (Country is one of KR, JP)"
    assert rules.sentence(rules.check({})) == "Everybody in the workspace"


def test_a_value_cannot_inject(workspace: Workspace) -> None:
    make_profile(workspace, attributes={"plan": "gold"})
    rule = one(field="attribute", key="plan", operator="text_is", value="' OR 1=1 --")
    assert not queries.rule_queryset(workspace, rule).exists()


def test_a_rule_never_reaches_another_workspace(workspace: Workspace) -> None:
    from_elsewhere = make_profile(workspace)
    other = Workspace.objects.create(name="Other", slug="other")
    assert from_elsewhere not in queries.rule_queryset(other, {})
