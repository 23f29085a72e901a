"""Versions of channel configurations: an update waits beside what serves, and every way it may end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db.models import QuerySet
from django.utils import timezone

from channels_app.accounts import actions, channel_checking, channel_presenting, channel_queries, tasks, usages
from channels_app.accounts.channel_errors import ChannelConflict, ChannelInUse
from channels_app.accounts.models import ApiCredentials, ChannelConfiguration, ChannelVersion, PhoneNumber
from channels_app.accounts.states import CHANNEL
from channels_app.accounts.subscription_actions import WEBHOOK_FIELDS
from channels_app.cloud_api.client import ManagementClient
from console.alerts.models import Alert
from console.kit.errors import MoveRefused, Refused
from console.workspaces.actors import Actor
from console.workspaces.models import AuditEntry, Workspace
from tests.factories.accounts import (
    APP_ID,
    fake_meta,
    make_account,
    make_credentials,
    make_phone_number,
    meta_token,
)
from tests.factories.workspaces import make_workspace

GOOD_NODE = {"status": "CONNECTED", "name_status": "APPROVED", "quality_rating": "GREEN"}


class Meta:
    """A Meta in memory in which everything is in order; a test breaks what it wants."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"GET debug_token": meta_token()}
        self.is_down = False

    def add(self, number: PhoneNumber, callback_url: str, **node: Any) -> None:
        waba = number.account.waba_id
        self.answers |= {
            f"GET {number.phone_number_id}": (200, {"id": number.phone_number_id, **GOOD_NODE, **node}),
            f"GET {waba}": (200, {"id": waba, "account_review_status": "APPROVED", "primary_funding_id": "1"}),
            f"GET {waba}/subscribed_apps": (200, {"data": [{"whatsapp_business_api_data": {"id": APP_ID}}]}),
            f"GET {waba}/message_templates": (200, {"data": [{"status": "APPROVED", "category": "MARKETING"}]}),
            f"GET {APP_ID}/subscriptions": (200, {"data": [_subscription(callback_url)]}),
        }

    def handle(self, request: httpx.Request) -> httpx.Response:
        if self.is_down:
            raise httpx.ConnectError("down")
        return fake_meta(self.answers).handler(request)  # type: ignore[return-value]


def _subscription(callback_url: str) -> dict[str, Any]:
    fields = [{"name": name} for name in WEBHOOK_FIELDS]
    return {"object": "whatsapp_business_account", "callback_url": callback_url, "active": True, "fields": fields}


@pytest.fixture
def meta(monkeypatch: pytest.MonkeyPatch) -> Iterator[Meta]:
    found = Meta()
    monkeypatch.setattr(ManagementClient, "default_transport", httpx.MockTransport(found.handle))
    yield found


@pytest.fixture
def credentials(workspace: Workspace) -> ApiCredentials:
    return make_credentials(workspace, webhook_verified_at=timezone.now(), status="valid")


@pytest.fixture
def numbers(workspace: Workspace, credentials: ApiCredentials, meta: Meta) -> list[PhoneNumber]:
    account = make_account(workspace, credentials)
    found = [make_phone_number(workspace, account) for _more in range(2)]
    for number in found:
        meta.add(number, channel_checking.queries.callback_url(credentials))
    return found


@pytest.fixture
def active(workspace: Workspace, actor: Actor, numbers: list[PhoneNumber]) -> ChannelConfiguration:
    channel = actions.create_channel_configuration(
        actor=actor, workspace=workspace, name="lumen", phone_number=numbers[0], purpose="marketing"
    )
    submit(channel, actor)
    tasks.check_channel(channel.pk)
    channel = fresh(channel)
    assert (channel.status, channel.version_number) == ("active", 1), failed(channel.checks)
    return channel


def fresh(channel: ChannelConfiguration) -> ChannelConfiguration:
    related = ("workspace", "phone_number__account__credentials")
    return ChannelConfiguration.objects.select_related(*related).get(pk=channel.pk)


def failed(checks: list[dict[str, Any]]) -> list[str]:
    return [check["code"] for check in checks if check["status"] == "failed"]


def submit(channel: ChannelConfiguration, actor: Actor) -> None:
    actions.submit(actor=actor, workspace=channel.workspace, channel=channel)


def edit(channel: ChannelConfiguration, actor: Actor, **fields: Any) -> ChannelVersion | None:
    return actions.update_channel_configuration(actor=actor, workspace=channel.workspace, channel=channel, **fields)


def statuses(channel: ChannelConfiguration) -> list[tuple[int, str]]:
    return [(row.number, row.status) for row in reversed(channel_queries.versions(channel))]


def told() -> QuerySet[Alert]:
    return Alert.objects.filter(kind="accounts.channel_failed", resolved_at__isnull=True)


def test_every_check_is_asked_and_kept(active: ChannelConfiguration) -> None:
    codes = [check["code"] for check in active.checks]
    assert {"token_valid", "permission", "number_connected", "quality", "account_standing"} <= set(codes)
    assert {"webhook_address", "webhook_fields", "template_access", "template_for_purpose"} <= set(codes)
    assert {check["status"] for check in active.checks} == {"passed"}
    assert active.versions.get().checks == active.checks


def test_an_update_waits_and_the_old_version_serves_until_it_has_passed(
    active: ChannelConfiguration, numbers: list[PhoneNumber], actor: Actor
) -> None:
    version = edit(active, actor, phone_number=numbers[1], purpose="marketing")
    assert version is not None and version.number == 2
    now = fresh(active)
    assert (now.status, now.phone_number_id, now.version_number) == ("active", numbers[0].pk, 1)
    submit(now, actor)
    assert (fresh(active).status, fresh(active).phone_number_id) == ("active", numbers[0].pk)
    tasks.check_channel()
    now = fresh(active)
    assert (now.status, now.phone_number_id, now.version_number) == ("active", numbers[1].pk, 2)
    assert statuses(now) == [(1, "passed"), (2, "passed")]


def test_a_failed_update_leaves_the_old_version_and_says_so(
    active: ChannelConfiguration, numbers: list[PhoneNumber], actor: Actor, meta: Meta
) -> None:
    edit(active, actor, phone_number=numbers[1])
    meta.add(numbers[1], channel_checking.queries.callback_url(numbers[1].account.credentials), status="PENDING")
    submit(active, actor)
    tasks.check_channel(active.pk)
    now = fresh(active)
    assert (now.status, now.phone_number_id, now.version_number) == ("active", numbers[0].pk, 1)
    open_one = channel_queries.open_version(now)
    assert open_one is not None and failed(open_one.checks) == ["number_connected"]
    assert channel_presenting.warning(now, open_one) == "Last update failed, version 1 in use"
    assert told().count() == 1
    meta.add(numbers[1], channel_checking.queries.callback_url(numbers[1].account.credentials))
    submit(now, actor)
    tasks.check_channel(active.pk)
    assert (fresh(active).version_number, fresh(active).phone_number_id) == (2, numbers[1].pk)
    assert not told().exists()


def test_a_failed_update_is_edited_in_place_or_discarded(
    active: ChannelConfiguration, actor: Actor, meta: Meta
) -> None:
    edit(active, actor, purpose="utility")
    ChannelVersion.objects.filter(channel=active, number=2).update(status="failed")
    version = edit(active, actor, purpose="authentication")
    assert version is not None and (version.number, version.status) == (2, "draft")
    actions.discard_update(actor=actor, workspace=active.workspace, channel=active)
    assert statuses(active) == [(1, "passed")]
    with pytest.raises(Refused):
        actions.discard_update(actor=actor, workspace=active.workspace, channel=active)


def test_description_and_tags_apply_at_once_and_the_name_is_fixed(active: ChannelConfiguration, actor: Actor) -> None:
    edit(active, actor, description="Main sender", tags=["EU", " eu ", "retail"])
    now = fresh(active)
    assert (now.description, now.tags, statuses(now)) == ("Main sender", ["eu", "retail"], [(1, "passed")])
    with pytest.raises(Refused) as caught:
        edit(active, actor, name="other")
    assert caught.value.code == "accounts.channel_name_fixed"


def test_nothing_to_submit_and_nothing_twice(active: ChannelConfiguration, actor: Actor) -> None:
    with pytest.raises(MoveRefused):
        submit(active, actor)
    edit(active, actor, purpose="utility")
    submit(active, actor)
    for attempt in (submit, edit):
        with pytest.raises(MoveRefused) as caught:
            attempt(fresh(active), actor, **({"purpose": "marketing"} if attempt is edit else {}))
        assert caught.value.code == "accounts.channel_checking"


def test_two_editors_are_told_of_each_other(active: ChannelConfiguration, actor: Actor) -> None:
    mine, theirs = fresh(active), fresh(active)
    edit(theirs, actor, purpose="utility")
    with pytest.raises(ChannelConflict):
        edit(mine, actor, purpose="authentication", expected_revision=mine.revision)
    open_one = channel_queries.open_version(active)
    assert open_one is not None and open_one.purpose == "utility"


def test_going_back_makes_a_new_draft_of_old_values(
    active: ChannelConfiguration, numbers: list[PhoneNumber], actor: Actor
) -> None:
    edit(active, actor, phone_number=numbers[1])
    submit(active, actor)
    tasks.check_channel(active.pk)
    now = fresh(active)
    version = actions.go_back(actor=actor, workspace=active.workspace, channel=now, number=1)
    assert (version.number, version.status, version.phone_number_id) == (3, "draft", numbers[0].pk)
    assert fresh(active).phone_number_id == numbers[1].pk
    for number in (2, 3, 99):
        with pytest.raises(Refused):
            actions.go_back(actor=actor, workspace=active.workspace, channel=fresh(active), number=number)


def test_meta_out_of_reach_is_tried_again_and_fails_in_the_end(
    active: ChannelConfiguration, actor: Actor, meta: Meta, time_machine: Any
) -> None:
    edit(active, actor, purpose="utility")
    submit(active, actor)
    meta.is_down = True
    tasks.check_channel(active.pk)
    now = fresh(active)
    open_one = channel_queries.open_version(now)
    assert open_one is not None and (now.status, open_one.status, now.check_try_count) == ("active", "processing", 1)
    assert "Next try" in channel_presenting.progress(open_one.checks)
    tasks.check_channel(active.pk)
    assert fresh(active).check_try_count == 1  # not before its time
    at = timezone.now()
    for wait in (*channel_checking.BACK_OFF, timedelta(hours=1)):
        at += wait + timedelta(seconds=1)
        time_machine.move_to(at, tick=False)
        tasks.check_channel()
    open_one = channel_queries.open_version(active)
    assert open_one is not None and (open_one.status, failed(open_one.checks)) == ("failed", ["meta_reachable"])
    assert fresh(active).status == "active"


def test_meta_back_in_time_lets_the_update_pass(
    active: ChannelConfiguration, actor: Actor, meta: Meta, time_machine: Any
) -> None:
    edit(active, actor, tags=["x"], purpose="utility")
    submit(active, actor)
    meta.is_down = True
    tasks.check_channel(active.pk)
    meta.is_down = False
    time_machine.move_to(timezone.now() + timedelta(minutes=2), tick=False)
    tasks.check_channel()
    assert (fresh(active).version_number, fresh(active).purpose, fresh(active).check_try_count) == (2, "utility", 0)


def test_a_worker_killed_in_the_middle_is_taken_over(
    active: ChannelConfiguration, actor: Actor, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    edit(active, actor, purpose="utility")
    submit(active, actor)

    def die(*_args: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(channel_checking, "_finish", die)
        with pytest.raises(SystemExit):
            tasks.check_channel(active.pk)
    open_one = channel_queries.open_version(active)
    assert open_one is not None and open_one.status == "processing" and open_one.checks  # as far as it came
    tasks.check_channel()
    assert fresh(active).version_number == 1  # the dead worker's hold still stands
    time_machine.move_to(timezone.now() + channel_checking.HOLD + timedelta(seconds=1), tick=False)
    tasks.check_channel()
    assert fresh(active).version_number == 2


def test_checks_that_always_break_end_as_failed(
    active: ChannelConfiguration, actor: Actor, monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    edit(active, actor, purpose="utility")
    submit(active, actor)
    at = timezone.now()

    def broken(*_args: Any, **_more: Any) -> None:
        raise ValueError("a fault of ours")

    monkeypatch.setattr(channel_checking, "inspect_channel", broken)
    for _try in range(channel_checking.MOST_TRIES + 1):
        at += channel_checking.HOLD + timedelta(seconds=1)
        time_machine.move_to(at, tick=False)
        tasks.check_channel()
    open_one = channel_queries.open_version(active)
    assert open_one is not None and failed(open_one.checks) == ["checks_finished"]
    row = channel_presenting.checks(open_one.checks, active.phone_number, active.workspace.slug)[0]
    assert "broke off 5 times" in row["text"] and fresh(active).status == "active"


def test_a_result_that_comes_after_deactivation_changes_nothing(active: ChannelConfiguration, actor: Actor) -> None:
    edit(active, actor, purpose="utility")
    submit(active, actor)
    late = fresh(active)
    assert channel_checking._take(late)
    version = channel_queries.open_version(late)
    actions.deactivate_channel_configuration(actor=actor, workspace=active.workspace, channel=fresh(active))
    with pytest.raises(MoveRefused):
        channel_checking._finish(late, version, channel_checking.Findings())
    now = fresh(active)
    assert (now.status, now.purpose, statuses(now)) == ("deactivated", "marketing", [(1, "passed"), (2, "draft")])


def test_a_deactivated_configuration_is_checked_and_active_again(active: ChannelConfiguration, actor: Actor) -> None:
    actions.deactivate_channel_configuration(actor=actor, workspace=active.workspace, channel=active)
    submit(fresh(active), actor)
    assert fresh(active).status == "processing"
    tasks.check_channel(active.pk)
    now = fresh(active)
    assert (now.status, now.version_number, statuses(now)) == ("active", 1, [(1, "passed")])


def test_what_is_live_keeps_it_from_being_deactivated(
    active: ChannelConfiguration, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    using = usages.Usage("Spring roast", "/there", CHANNEL["active"], is_live=True)
    source = usages.UsageSource("test", lambda channel: [using], lambda pks: dict.fromkeys(pks, 1))
    monkeypatch.setitem(usages.SOURCES, "test", source)
    with pytest.raises(ChannelInUse) as caught:
        actions.deactivate_channel_configuration(actor=actor, workspace=active.workspace, channel=active)
    assert "Spring roast" in str(caught.value.sentence) and caught.value.fix_url == "/there"
    assert fresh(active).status == "active"


def test_the_daily_check_warns_and_never_switches_off(
    active: ChannelConfiguration, meta: Meta, time_machine: Any
) -> None:
    callback = channel_checking.queries.callback_url(active.phone_number.account.credentials)
    meta.add(active.phone_number, callback, status="FLAGGED")
    tasks.recheck_channels()
    assert not failed(fresh(active).checks)  # checked today
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1), tick=False)
    tasks.recheck_channels()
    now = fresh(active)
    assert (now.status, failed(now.checks)) == ("active", ["number_connected"])
    assert channel_presenting.warning(now, None) == "The daily check failed, version 1 in use"
    assert told().get().facts["why"] == "daily"
    meta.add(active.phone_number, callback)
    time_machine.move_to(timezone.now() + timedelta(days=1, minutes=1), tick=False)
    tasks.recheck_channels()
    assert not failed(fresh(active).checks) and not told().exists()


def test_the_daily_check_says_nothing_when_meta_is_away(
    active: ChannelConfiguration, meta: Meta, time_machine: Any
) -> None:
    meta.is_down = True
    time_machine.move_to(timezone.now() + timedelta(days=2), tick=False)
    tasks.recheck_channels()
    assert fresh(active).checks == active.checks and not told().exists()


@pytest.mark.parametrize(
    ("break_it", "code", "status"),
    [
        ({"quality_rating": "RED"}, "quality", "warning"),
        ({"name_status": "DECLINED"}, "name_approved", "failed"),
        ({"webhook_configuration": {"phone_number": "https://elsewhere.example/h"}}, "webhook_address", "failed"),
        (
            {"health_status": {"entities": [{"entity_type": "BUSINESS", "can_send_message": "BLOCKED"}]}},
            "health",
            "failed",
        ),
        (
            {"health_status": {"entities": [{"entity_type": "WABA", "can_send_message": "LIMITED"}]}},
            "health",
            "warning",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_turn_and_next_click(
    active: ChannelConfiguration, meta: Meta, break_it: dict[str, Any], code: str, status: str
) -> None:
    callback = channel_checking.queries.callback_url(active.phone_number.account.credentials)
    meta.add(active.phone_number, callback, **break_it)
    actions.recheck_channel(channel=active)
    found = [check for check in fresh(active).checks if check["code"] == code]
    assert [check["status"] for check in found] == [status]
    row = channel_presenting.checks(found, active.phone_number, active.workspace.slug)[0]
    assert row["title"] and row["turn"] and row["url"] and row["action"]
    assert "elsewhere.example/h" not in str(fresh(active).checks), "everybody reads them; a path may be a key"


def test_an_address_that_meta_switched_off_is_no_address(
    active: ChannelConfiguration, meta: Meta, credentials: ApiCredentials
) -> None:
    callback = channel_checking.queries.callback_url(credentials)
    meta.answers[f"GET {APP_ID}/subscriptions"] = (200, {"data": [_subscription(callback) | {"active": False}]})
    actions.recheck_channel(channel=active)
    found = [check for check in fresh(active).checks if check["code"] == "webhook_address"]
    row = channel_presenting.checks(found, active.phone_number, active.workspace.slug)[0]
    assert (found[0]["status"], row["title"]) == ("failed", "Meta has switched the webhook off")


def test_a_purpose_without_a_template_is_a_warning(active: ChannelConfiguration, actor: Actor, meta: Meta) -> None:
    edit(active, actor, purpose="authentication")
    submit(active, actor)
    tasks.check_channel(active.pk)
    now = fresh(active)
    assert now.version_number == 2
    assert [c["code"] for c in now.checks if c["status"] == "warning"] == ["template_for_purpose"]


def test_hostile_values_are_refused(active: ChannelConfiguration, actor: Actor, workspace: Workspace) -> None:
    foreign = make_phone_number(make_workspace())
    for fields, code in (
        ({"phone_number": foreign}, "accounts.foreign_number"),
        ({"purpose": "spam"}, "accounts.unknown_purpose"),
        ({"tags": ["x" * 10_000]}, "accounts.tags_too_many"),
        ({"tags": [str(n) for n in range(11)]}, "accounts.tags_too_many"),
        ({"phone_fields": ["workspace__name"]}, "phone_fields.unknown"),
        ({"phone_fields": ["attributes.a.b"]}, "phone_fields.unknown"),
        ({"phone_fields": [{"a": 1}]}, None),
    ):
        with pytest.raises((Refused, TypeError)) as caught:
            edit(active, actor, **fields)
        assert code is None or getattr(caught.value, "code", "") == code
    assert statuses(active) == [(1, "passed")]


def test_the_trail_says_what_changed(active: ChannelConfiguration, numbers: list[PhoneNumber], actor: Actor) -> None:
    edit(active, actor, phone_number=numbers[1], tags=["eu"])
    entry = AuditEntry.objects.filter(action="accounts.update_channel").latest("pk")
    assert entry.changes["phone_number"] == [numbers[0].phone_number_id, numbers[1].phone_number_id]
    version = channel_queries.open_version(active)
    assert version is not None
    assert channel_presenting.differences(active, version)[0].startswith("Sender: Demo Bakery")
