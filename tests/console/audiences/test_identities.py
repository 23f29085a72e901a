"""What webhooks say of people becomes identities, profiles, merges and doubts, in any order and however often."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from console.audiences import actions, tasks
from console.audiences.identities import Address, Sighting, is_bsuid
from console.audiences.models import (
    ConsentEntry,
    IdentityChange,
    PossibleDuplicate,
    Profile,
    ProfileIdentity,
    ProfileMerge,
)
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_import, make_profile
from tests.factories.workspaces import make_workspace

START = datetime(2026, 11, 1, tzinfo=UTC)
ACTOR = Actor.system("test")
PHONE, OTHER_PHONE = "+447400111222", "+447400333444"
ID, OTHER_ID = "GB.41", "GB.42"


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def seen(minutes: int = 0, *, phone: str = "", bsuid: str = "", wa_id: str | None = None, **facts: Any) -> Sighting:
    digits = phone[1:] if wa_id is None else wa_id
    facts.setdefault("creates", True)
    return Sighting(at(minutes), Address(phone, digits, bsuid), **facts)


def moved(minutes: int, old: Address, new: Address, **facts: Any) -> Sighting:
    return Sighting(at(minutes), old, moved_to=new, **facts)


def address(phone: str = "", bsuid: str = "") -> Address:
    return Address(phone, phone[1:], bsuid)


def learn(workspace: Workspace, *sightings: Sighting) -> list[tuple[int, ...]]:
    return actions.learn_identities(actor=ACTOR, workspace=workspace, sightings=sightings)


def facts(workspace: Workspace) -> tuple[Any, ...]:
    """The whole address book, but for numbers of rows and times of writing."""
    names = ("phone", "bsuid", "bsuid_portfolio_id", "parent_bsuid", "username", "wa_id", "name", "country")
    people = Profile.objects.filter(workspace=workspace)
    return (
        sorted(map(str, people.values_list(*names))),
        sorted(map(str, ProfileIdentity.objects.values_list("profile", "kind", "value", "until_at"))),
        sorted(map(str, IdentityChange.objects.values_list("profile", "kind", "before", "after", "at"))),
        PossibleDuplicate.objects.count(),
        ProfileMerge.objects.count(),
    )


def test_known_by_phone_learns_the_rest(workspace: Workspace) -> None:
    ada = make_profile(workspace, phone=PHONE)
    told = learn(workspace, seen(phone=PHONE, bsuid=ID, username="ada_demo", name="Ada", portfolio_id="P1"))
    ada.refresh_from_db()
    assert told == [(ada.pk,)]
    assert (ada.bsuid, ada.bsuid_portfolio_id, ada.username, ada.name) == (ID, "P1", "ada_demo", "Ada")
    assert ada.wa_id is None
    assert set(IdentityChange.objects.values_list("kind", "before", "after")) == {
        ("bsuid", "", ID),
        ("username", "", "ada_demo"),
    }


def test_known_by_bsuid_learns_the_phone(workspace: Workspace) -> None:
    ada = make_profile(workspace, phone=None, bsuid=ID, name="Ada")
    learn(workspace, seen(phone=PHONE, bsuid=ID, name="Someone"))
    ada.refresh_from_db()
    assert (ada.phone, ada.name) == (PHONE, "Ada")


def test_nobody_becomes_a_profile_without_consent(workspace: Workspace) -> None:
    told = learn(workspace, seen(bsuid="US.7", name="Ada"), seen(phone=PHONE), seen(1, bsuid="US.7", username="ada"))
    first, second = Profile.objects.get(bsuid="US.7"), Profile.objects.get(phone=PHONE)
    assert told == [(first.pk,), (second.pk,), (first.pk,)]
    assert (first.phone, first.country, first.time_zone, first.name) == (None, "US", "America/New_York", "Ada")
    assert (first.source, first.marketing_consent, first.attributes, first.username) == ("whatsapp", "", {}, "ada")
    assert (second.phone, second.country, second.time_zone) == (PHONE, "GB", "Europe/London")


def test_a_status_makes_nobody(workspace: Workspace) -> None:
    assert learn(workspace, seen(phone=PHONE, bsuid=ID, creates=False)) == [()]
    assert not Profile.objects.exists()


def test_metas_own_form_of_a_number(workspace: Workspace) -> None:
    ada = make_profile(workspace, phone="+5511981234567")
    learn(workspace, seen(phone="+5511981234567", wa_id="551181234567", bsuid="BR.1"))
    ada.refresh_from_db()
    assert ada.wa_id == "551181234567"
    odd = Sighting(at(1), Address("+551181234567", "551181234567"), creates=True)
    assert learn(workspace, odd) == [(ada.pk,)]


def test_one_event_proves_that_two_are_one(workspace: Workspace) -> None:
    by_phone = make_profile(workspace, phone=PHONE, external_id="A-1")
    by_id = make_profile(workspace, phone=None, bsuid=ID, name="Ada")
    assert learn(workspace, seen(phone=PHONE, bsuid=ID)) == [(by_phone.pk,)]
    by_phone.refresh_from_db()
    assert (by_phone.phone, by_phone.bsuid, by_phone.name) == (PHONE, ID, "Ada")
    merge = ProfileMerge.objects.get()
    assert (merge.kept_id, merge.absorbed_id, merge.reason) == (by_phone.pk, by_id.pk, "same_person")


def test_a_merge_that_was_undone_is_not_made_again(workspace: Workspace) -> None:
    make_profile(workspace, phone=PHONE)
    make_profile(workspace, phone=None, bsuid=ID)
    event = seen(phone=PHONE, bsuid=ID)
    learn(workspace, event)
    actions.undo_merge(actor=ACTOR, workspace=workspace, merge=ProfileMerge.objects.get())
    assert len(learn(workspace, event)[0]) == 2
    assert Profile.objects.count() == 2
    assert Profile.objects.filter(phone=PHONE, bsuid=None).exists()


def test_two_external_ids_are_for_a_person_to_decide(workspace: Workspace) -> None:
    one = make_profile(workspace, phone=PHONE, external_id="A")
    two = make_profile(workspace, phone=None, bsuid=ID, external_id="B")
    event = seen(phone=PHONE, bsuid=ID)
    assert set(learn(workspace, event)[0]) == {one.pk, two.pk}
    learn(workspace, event)
    pair = PossibleDuplicate.objects.get()
    assert (pair.first_id, pair.second_id, pair.apart_at) == (one.pk, two.pk, None)
    assert Profile.objects.count() == 2


def test_number_change(workspace: Workspace) -> None:
    ada = make_profile(workspace, phone=PHONE, bsuid=ID, marketing_consent="granted", is_test=True)
    event = moved(10, address(PHONE, ID), address(OTHER_PHONE, OTHER_ID))
    assert learn(workspace, event) == [(ada.pk,)]
    ada.refresh_from_db()
    assert (ada.phone, ada.bsuid, ada.marketing_consent, ada.is_test) == (OTHER_PHONE, OTHER_ID, "granted", True)
    assert learn(workspace, seen(5, phone=PHONE, bsuid=ID)) == [(ada.pk,)]  # late: of before the change
    before = facts(workspace)
    learn(workspace, event)
    assert facts(workspace) == before
    (stranger,) = learn(workspace, seen(20, phone=PHONE, bsuid="GB.99"))[0]  # the number was given to somebody else
    assert stranger != ada.pk
    assert learn(workspace, seen(5, phone=PHONE)) == [(ada.pk,)]
    assert learn(workspace, seen(30, phone=PHONE)) == [(stranger,)]


def test_the_first_message_from_the_new_number_came_earlier(workspace: Workspace) -> None:
    ada = make_profile(workspace, phone=PHONE, bsuid=ID, external_id="A-1")
    learn(workspace, seen(11, phone=OTHER_PHONE, bsuid=OTHER_ID, name="Ada"))
    assert Profile.objects.count() == 2
    learn(workspace, moved(10, address(PHONE, ID), address(OTHER_PHONE, OTHER_ID)))
    ada.refresh_from_db()
    assert Profile.objects.count() == 1
    assert (ada.phone, ada.bsuid, ada.name) == (OTHER_PHONE, OTHER_ID, "Ada")
    former = set(ProfileIdentity.objects.filter(until_at=at(10)).values_list("kind", "value"))
    assert former == {("phone", PHONE), ("bsuid", ID)}


def test_a_number_that_another_customer_has_is_for_a_person_to_decide(workspace: Workspace) -> None:
    ada = make_profile(workspace, phone=PHONE, bsuid=ID, external_id="A-1")
    holder = make_profile(workspace, phone=OTHER_PHONE, external_id="B-2")
    event = moved(10, address(PHONE, ID), address(OTHER_PHONE, OTHER_ID))
    learn(workspace, event)
    learn(workspace, event)
    ada.refresh_from_db()
    assert ada.phone is None  # a stranger's soon
    assert PossibleDuplicate.objects.get().second_id == holder.pk
    assert Profile.objects.count() == 2


def test_older_news_changes_nothing(workspace: Workspace) -> None:
    learn(workspace, seen(10, phone=PHONE, bsuid=ID, username="new"))
    learn(workspace, seen(5, phone=PHONE, bsuid=ID, username="old"))
    learn(workspace, moved(4, address(PHONE), address(OTHER_PHONE)))
    ada = Profile.objects.get()
    assert (ada.username, ada.phone) == ("new", PHONE)


def test_a_username_is_one_persons_at_a_time(workspace: Workspace) -> None:
    learn(workspace, seen(1, bsuid=ID, username="ada"))
    learn(workspace, seen(2, bsuid=OTHER_ID, username="ada"))
    assert dict(Profile.objects.values_list("bsuid", "username")) == {ID: None, OTHER_ID: "ada"}
    learn(workspace, seen(1, bsuid=ID, username="ada"))
    assert Profile.objects.get(bsuid=ID).username is None


def test_a_username_that_goes_round_costs_no_more_than_any_other(workspace: Workspace) -> None:
    """Whoever signs bodies could else keep a worker for hours with one of them."""
    events = [seen(phone=f"+4474001{n:05}", bsuid=f"GB.{n}", creates=True) for n in range(100)]
    learn(workspace, *events)
    round_trip = [seen(n + 1, phone=f"+4474001{n % 100:05}", username="ada_demo") for n in range(150)]
    made = statements(lambda: learn(workspace, *round_trip))
    assert len(made) < 25, len(made)
    assert Profile.objects.get(username="ada_demo").phone == "+447400100049"


def test_numbers_handed_on_in_one_batch_make_nobody_one(workspace: Workspace) -> None:
    """Each gives theirs up before the next one has it; that the first of them must be written first changes nothing."""
    phones = [f"+44740055500{n}" for n in range(4)]
    people = [make_profile(workspace, phone=phone) for phone in phones[:3]]
    events = [moved(1, address(phones[0]), address(phones[3]))]
    events += [moved(n + 1, address(phones[n]), address(phones[n - 1])) for n in (1, 2)]
    learn(workspace, *events)
    now = [Profile.objects.filter(pk=person.pk).values_list("phone", flat=True).first() for person in people]
    assert now == [phones[3], phones[0], phones[1]]
    assert not ProfileMerge.objects.exists() and not PossibleDuplicate.objects.exists()


def test_each_portfolio_has_its_own_id_for_a_person(workspace: Workspace) -> None:
    learn(
        workspace,
        seen(1, phone=PHONE, bsuid=ID, portfolio_id="P1"),
        seen(2, phone=PHONE, bsuid=OTHER_ID, portfolio_id="P2"),
        seen(3, bsuid=OTHER_ID, portfolio_id="P2"),
    )
    ada = Profile.objects.get()
    assert (ada.bsuid, ada.bsuid_portfolio_id) == (ID, "P1")
    alias = ProfileIdentity.objects.get()
    assert (alias.kind, alias.value, alias.portfolio_id, alias.until_at) == ("bsuid", OTHER_ID, "P2", None)


def test_a_parent_id_joins_what_two_portfolios_see(workspace: Workspace) -> None:
    learn(workspace, seen(1, bsuid=ID, portfolio_id="P1", parent_bsuid="GB.ENT.1"))
    learn(workspace, seen(2, bsuid=OTHER_ID, portfolio_id="P2", parent_bsuid="GB.ENT.1"))
    assert Profile.objects.count() == 1


def test_what_a_person_or_a_file_changes_is_in_the_history_too(actor: Actor, workspace: Workspace) -> None:
    ada = make_profile(workspace, phone=PHONE, external_id="A-1", wa_id="447400111")
    values = {"phone": OTHER_PHONE, "name": "Ada"}
    actions.save_profile(actor=actor, workspace=workspace, profile=ada, values=values)
    assert ada.wa_id is None
    Profile.objects.filter(pk=ada.pk).update(wa_id="447400111")
    text = f"external_id,phone\nA-1,{PHONE}\nA-2,+447400555666\n"
    batch = make_import(workspace, text, actor=actor)
    actions.configure_import(
        actor=actor, workspace=workspace, batch=batch, columns_to=batch.mapping, options={"existing": "update"}
    )
    tasks.preview_import(batch.pk)
    batch.refresh_from_db()
    actions.start_import(actor=actor, workspace=workspace, batch=batch)
    tasks.run_import(batch.pk)
    told = IdentityChange.objects.order_by("pk").values_list("profile", "source", "before", "after")
    assert list(told) == [(ada.pk, "page", PHONE, OTHER_PHONE), (ada.pk, "import", OTHER_PHONE, PHONE)]
    ada.refresh_from_db()
    assert (ada.phone, ada.wa_id) == (PHONE, None)
    assert Profile.objects.get(external_id="A-2").source == "import"


def test_another_workspaces_person_is_untouched(workspace: Workspace) -> None:
    stranger = make_profile(make_workspace(), phone=PHONE)
    learn(workspace, seen(phone=PHONE, bsuid=ID, name="Ada"))
    stranger.refresh_from_db()
    assert (stranger.bsuid, stranger.name) == (None, "")
    assert Profile.objects.filter(workspace=workspace).count() == 1


def statements(function: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        function()
    sql = [query["sql"] for query in captured.captured_queries]
    return [line for line in sql if not line.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK"))]


def test_a_thousand_events_cost_a_handful_of_statements(workspace: Workspace) -> None:
    people = [make_profile(workspace, phone=f"+4474{number:08}") for number in range(300)]
    known = [seen(1, phone=one.phone, bsuid=f"GB.{one.pk}", username=f"u{one.pk}") for one in people]  # type: ignore[arg-type]
    new = [seen(1, bsuid=f"US.{number}", name="Somebody") for number in range(700)]
    first = statements(lambda: learn(workspace, *known, *new))
    # known ids, ids, rows, since when, aliases, UPDATE, INSERT, history, audit
    assert len(first) == 9, "\n".join(line[:150] for line in first)
    again = statements(lambda: learn(workspace, *known, *new))
    assert len(again) == 1, "\n".join(line[:150] for line in again)
    assert Profile.objects.count() == 1000


@pytest.mark.parametrize(
    ("text", "expected"),
    [("US.4", True), ("GB.ENT.a1", True), ("15550002222", False), ("us.4", False), ("US.", False), (None, False)],
)
def test_is_bsuid(text: Any, expected: bool) -> None:
    assert is_bsuid(text) is expected


PHONES = ["", "+447400000001", "+447400000002", "+447400000003"]
IDS = ["", "GB.1", "GB.2", "GB.3"]
addresses = st.builds(address, st.sampled_from(PHONES), st.sampled_from(IDS))
events = st.builds(
    lambda minutes, where, target, portfolio, username: Sighting(
        at(minutes), where, username=username, portfolio_id=portfolio, creates=target is None, moved_to=target
    ),
    st.integers(0, 30),
    addresses.filter(lambda one: one.phone or one.bsuid),
    st.none() | addresses.filter(lambda one: one.phone or one.bsuid),
    st.sampled_from(["P1", "P1", "P2", ""]),
    st.sampled_from(["", "", "ada", "bob"]),
)
steps = st.lists(events | st.just("undo") | st.just("again") | st.just("consent"), max_size=14)


@given(steps, st.integers(0, 2))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_everybody_is_one_person(db: None, told: list[Any], batch: int) -> None:
    workspace = make_workspace()
    make_profile(workspace, phone=PHONES[1], external_id="A")
    done: list[Sighting] = []
    waiting: list[Sighting] = []
    receipts = 0
    for step in told:
        if isinstance(step, Sighting):
            waiting.append(step)
            if len(waiting) > batch:
                learn(workspace, *waiting)
                done, waiting = done + waiting, []
        elif step == "again" and done:
            learn(workspace, *done[-2:])
        elif step == "consent":
            profile = Profile.objects.filter(workspace=workspace).order_by("-pk").first()
            assert profile is not None
            actions.record_consent(
                actor=ACTOR, workspace=workspace, profile_ids=[profile.pk], purpose="marketing",
                value="withdrawn", source="page", evidence={},
            )  # fmt: skip
            receipts += 1
        elif step == "undo":
            _undo_last(workspace)
        _check(workspace, receipts)


def _undo_last(workspace: Workspace) -> None:
    merge = ProfileMerge.objects.filter(workspace=workspace, undone_at=None).order_by("-pk").first()
    if merge is None:
        return
    try:
        lost = actions.undo_merge(actor=ACTOR, workspace=workspace, merge=merge)
    except Refused as refused:
        assert refused.code in ("merge.taken", "merge.no_identity")
    else:
        for name in ("phone", "bsuid", "external_id", "username"):
            assert getattr(lost, name) == merge.absorbed[name]


def _check(workspace: Workspace, receipts: int) -> None:
    people = Profile.objects.filter(workspace=workspace)
    owners: Counter[tuple[str, str]] = Counter()
    for person in people:
        owners.update({("phone", person.phone), ("phone", f"+{person.wa_id}"), ("bsuid", person.bsuid)})
    living = ProfileIdentity.objects.filter(workspace=workspace, until_at=None)
    owners.update(living.filter(kind__in=("phone", "bsuid")).values_list("kind", "value"))
    double = {key for key, count in owners.items() if count > 1 and key[1] not in (None, "+None")}
    assert not double
    entries = ConsentEntry.objects.filter(workspace=workspace).exclude(source="merge")
    assert entries.count() == receipts
    assert set(ProfileIdentity.objects.filter(workspace=workspace).values_list("profile__workspace", flat=True)) <= {
        workspace.pk
    }


@given(st.lists(events, max_size=8))
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_batch_applied_again_changes_nothing(db: None, told: list[Sighting]) -> None:
    workspace = make_workspace()
    for _ in range(len(told) + 1):  # what came out of order, about people nobody knew yet, has found its place by then
        learn(workspace, *told)
    before = facts(workspace)
    learn(workspace, *told)
    assert facts(workspace) == before
