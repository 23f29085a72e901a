"""Two profiles become one, and one becomes two again exactly as they were."""

from datetime import timedelta
from typing import Any

import pytest

from channels_app.delivery.models import Message
from console.audiences import actions
from console.audiences.models import (
    AudienceMember,
    ConsentEntry,
    IdentityChange,
    PossibleDuplicate,
    Profile,
    ProfileIdentity,
    ProfileMerge,
)
from console.audiences.snapshots import pointers, snapshot
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.audiences import make_list, make_profile
from tests.factories.workspaces import make_workspace

BSUID = "US.40000000000000000005"


def state(workspace: Workspace) -> dict[str, Any]:
    """Everything that a merge may touch, but for the marks of time and the memory of the merge itself."""
    people = {row.pk: snapshot(row) for row in Profile.objects.filter(workspace=workspace)}
    for one in people.values():
        del one["updated_at"]
    tables: list[Any] = [ConsentEntry, ProfileIdentity, IdentityChange, AudienceMember, Message]
    found: dict[str, Any] = {model.__name__: {row.pk: snapshot(row) for row in model.objects.all()} for model in tables}
    lists = {row.audience_id: row.audience.profile_count for row in AudienceMember.objects.select_related("audience")}
    return {"Profile": people, "lists": lists, **found}


def consent(actor: Actor, profile: Profile, value: str, days_ago: int, purpose: str = "marketing") -> None:
    actions.record_consent(
        actor=actor,
        workspace=profile.workspace,
        profile_ids=[profile.pk],
        purpose=purpose,
        value=value,
        source="page",
        evidence={},
        given_at=clock.now() - timedelta(days=days_ago),
    )


def message(profile: Profile, key: str) -> Message:
    return Message.objects.create(
        workspace=profile.workspace,
        source_kind="test",
        source_id=1,
        dedupe_key=key,
        profile=profile,
        recipient=profile.phone or "",
        purpose="marketing",
        status="excluded",
        due_at=clock.now(),
        created_at=clock.now(),
    )


def merge(actor: Actor, kept: Profile, absorbed: Profile) -> ProfileMerge:
    return actions.merge_profiles(actor=actor, workspace=kept.workspace, kept=kept, absorbed=absorbed)


def undo(actor: Actor, found: ProfileMerge) -> Profile:
    return actions.undo_merge(actor=actor, workspace=found.workspace, merge=found)


@pytest.fixture
def ada(workspace: Workspace) -> Profile:
    return make_profile(workspace, phone="+821011112222", external_id="A-1", attributes={"city": "Seoul"})


@pytest.fixture
def same(workspace: Workspace) -> Profile:
    attributes = {"city": "Busan", "tier": 3}
    return make_profile(workspace, phone=None, bsuid=BSUID, username="ada", name="Ada", attributes=attributes)


def test_gaps_are_filled_and_everything_moves(actor: Actor, workspace: Workspace, ada: Profile, same: Profile) -> None:
    both = make_list(workspace, [ada, same])
    other = make_list(workspace, [same])
    consent(actor, same, "granted", 3)
    written = message(same, "1")
    found = merge(actor, ada, same)
    ada.refresh_from_db()
    assert (ada.phone, ada.external_id, ada.bsuid, ada.username, ada.name) == (
        "+821011112222",
        "A-1",
        BSUID,
        "ada",
        "Ada",
    )
    assert ada.attributes == {"city": "Seoul", "tier": 3}
    assert ada.marketing_consent == "granted"
    assert not Profile.objects.filter(pk=same.pk).exists()
    written.refresh_from_db()
    assert written.profile_id == ada.pk
    assert list(AudienceMember.objects.order_by("audience").values_list("audience", "profile")) == [
        (both.pk, ada.pk),
        (other.pk, ada.pk),
    ]
    both.refresh_from_db()
    assert both.profile_count == 1
    assert found.moved["delivery.message.profile"] == [written.pk]
    assert AuditEntry.objects.filter(action="audiences.merge_profiles").get().changes["absorbed"] == same.pk


def test_undo_restores_exactly(actor: Actor, workspace: Workspace, ada: Profile, same: Profile) -> None:
    make_list(workspace, [ada, same])
    make_list(workspace, [same])
    consent(actor, same, "granted", 3)
    consent(actor, ada, "withdrawn", 5)
    message(same, "1")
    message(ada, "2")
    before = state(workspace)
    back = undo(actor, merge(actor, ada, same))
    assert state(workspace) == before
    assert back.pk == same.pk
    pair = PossibleDuplicate.objects.get()
    assert (pair.first_id, pair.second_id) == tuple(sorted((ada.pk, same.pk)))
    assert pair.apart_at is not None


def test_a_second_number_becomes_an_alias(actor: Actor, workspace: Workspace, ada: Profile) -> None:
    second = make_profile(workspace, phone="+821033334444", external_id="B-2", wa_id="82133334444")
    found = merge(actor, ada, second)
    aliases = set(ProfileIdentity.objects.values_list("profile", "kind", "value", "until_at"))
    assert aliases == {
        (ada.pk, "phone", "+821033334444", None),
        (ada.pk, "phone", "+82133334444", None),
        (ada.pk, "external_id", "B-2", None),
    }
    undo(actor, found)
    assert not ProfileIdentity.objects.exists()


@pytest.mark.parametrize("kept_says", ["", "granted", "withdrawn"])
@pytest.mark.parametrize("absorbed_says", ["", "granted", "withdrawn"])
@pytest.mark.parametrize("is_kept_newer", [True, False])
def test_a_merge_never_makes_a_yes_of_a_no(
    actor: Actor, ada: Profile, same: Profile, kept_says: str, absorbed_says: str, is_kept_newer: bool
) -> None:
    for profile, value, days in ((ada, kept_says, 1), (same, absorbed_says, 2)):
        if value:
            consent(actor, profile, value, days if is_kept_newer else 3 - days)
    count = ConsentEntry.objects.count()
    found = merge(actor, ada, same)
    ada.refresh_from_db()
    said = {kept_says, absorbed_says}
    assert ada.marketing_consent == ("withdrawn" if "withdrawn" in said else "granted" if "granted" in said else "")
    if said != {""}:  # the column is what the ledger says, also when it is asked again
        actions.refresh_consent([ada.pk], "marketing")
        before = ada.marketing_consent
        ada.refresh_from_db()
        assert ada.marketing_consent == before
    undo(actor, found)
    ada.refresh_from_db()
    same.refresh_from_db()
    assert (ada.marketing_consent, same.marketing_consent) == (kept_says, absorbed_says)
    assert ConsentEntry.objects.count() == count


def test_a_withdrawal_since_the_merge_counts_for_both(actor: Actor, ada: Profile, same: Profile) -> None:
    consent(actor, ada, "granted", 5)
    consent(actor, same, "granted", 5)
    found = merge(actor, ada, same)
    consent(actor, ada, "withdrawn", 0)
    undo(actor, found)
    assert set(Profile.objects.values_list("marketing_consent", flat=True)) == {"withdrawn"}
    assert ConsentEntry.objects.filter(profile=same, value="withdrawn", source="merge").count() == 1


def test_what_changed_since_stays_with_the_kept(
    actor: Actor, workspace: Workspace, ada: Profile, same: Profile
) -> None:
    found = merge(actor, ada, same)
    ada.refresh_from_db()
    actions.save_profile(actor=actor, workspace=workspace, profile=ada, values={"name": "Ada L.", "language": "en"})
    written = message(ada, "later")
    undo(actor, found)
    ada.refresh_from_db()
    written.refresh_from_db()
    assert (ada.name, ada.language, ada.bsuid) == ("Ada L.", "en", None)
    assert written.profile_id == ada.pk


def test_undo_is_refused_when_an_identity_was_taken(
    actor: Actor, workspace: Workspace, ada: Profile, same: Profile
) -> None:
    found = merge(actor, ada, same)
    Profile.objects.filter(pk=ada.pk).update(bsuid=None)
    make_profile(workspace, bsuid=BSUID)
    before = state(workspace)
    with pytest.raises(Refused) as refused:
        undo(actor, found)
    assert refused.value.code == "merge.taken"
    assert state(workspace) == before


def test_undo_goes_back_the_way_it_came(actor: Actor, workspace: Workspace, ada: Profile, same: Profile) -> None:
    third = make_profile(workspace, phone=None, bsuid="GB.7", name="A.")
    before = state(workspace)
    first = merge(actor, same, third)
    second = merge(actor, ada, Profile.objects.get(pk=same.pk))
    first.refresh_from_db()
    assert first.kept_id == ada.pk
    with pytest.raises(Refused) as refused:
        undo(actor, first)
    assert refused.value.code == "merge.later"
    undo(actor, second)
    first.refresh_from_db()
    undo(actor, first)
    assert state(workspace) == before
    with pytest.raises(Refused) as refused:
        undo(actor, first)
    assert refused.value.code == "merge.undone"


def test_what_was_said_of_the_absorbed_and_a_third(
    actor: Actor, workspace: Workspace, ada: Profile, same: Profile
) -> None:
    third = make_profile(workspace)
    actions.keep_apart(actor=actor, workspace=workspace, first=same, second=third)
    actions.keep_apart(actor=actor, workspace=workspace, first=same, second=ada)
    before = set(PossibleDuplicate.objects.values_list("first", "second", "apart_at"))
    found = merge(actor, ada, same)
    pair = PossibleDuplicate.objects.get()
    assert {pair.first_id, pair.second_id} == {ada.pk, third.pk}
    undo(actor, found)
    after = set(PossibleDuplicate.objects.values_list("first", "second", "apart_at"))
    assert {pair[:2] for pair in after} == {pair[:2] for pair in before}


def test_another_workspaces_profile_is_not_merged(actor: Actor, ada: Profile) -> None:
    stranger = make_profile(make_workspace())
    with pytest.raises(Refused):
        merge(actor, ada, stranger)
    stranger.refresh_from_db()


def test_a_list_that_is_gone_does_not_stop_the_undo(
    actor: Actor, workspace: Workspace, ada: Profile, same: Profile
) -> None:
    gone = make_list(workspace, [ada, same])
    found = merge(actor, ada, same)
    gone.delete()
    undo(actor, found)
    assert not AudienceMember.objects.exists()


def test_the_person_can_be_forgotten_with_the_merge(
    actor: Actor, workspace: Workspace, ada: Profile, same: Profile
) -> None:
    merge(actor, ada, same)
    actions.delete_profile(actor=actor, workspace=workspace, profile=ada)
    assert not ProfileMerge.objects.exists()
    assert not IdentityChange.objects.exists()


def test_every_pointer_is_known(workspace: Workspace) -> None:
    assert {
        "audiences.audiencemember.profile",
        "audiences.consententry.profile",
        "audiences.profileidentity.profile",
        "audiences.identitychange.profile",
        "audiences.profilemerge.kept",
        "delivery.message.profile",
    } <= pointers().keys()
    assert not any(name.startswith("audiences.possibleduplicate") for name in pointers())
