"""Asks pages and background passes and looks at what their statements cost: see configure."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.test import Client, override_settings
from django.urls import reverse

from channels_app.accounts.models import ChannelConfiguration, PhoneNumber
from channels_app.delivery import usage
from channels_app.doctor.case import Case
from channels_app.doctor.registry import CHECKS, Scope
from channels_app.webhooks import actions as webhooks
from channels_app.webhooks import healing, watching
from channels_app.webhooks.models import WebhookBody
from console.alerts import deliveries, mails
from console.audiences import actions as audiences
from console.audiences.identities import Address, Sighting
from console.audiences.models import PossibleDuplicate, Profile
from console.kit import clock
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from tests.factories.accounts import make_channel

LARGE = frozenset(
    {
        "delivery_message",
        "audiences_profile",
        "audiences_profileidentity",
        "audiences_identitychange",
        "audiences_possibleduplicate",
        "audiences_profilemerge",
        "webhooks_webhookbody",
        "webhooks_quarantineditem",
        "alerts_alert",
        "alerts_notification",
        "accounts_factchange",
    }
)


@dataclass
class Measure:
    """One thing asked: statements, their time, and the slowest with its plan."""

    name: str
    is_pass: bool
    count: int = 0
    database_ms: float = 0.0
    total_ms: float = 0.0
    slowest_ms: float = 0.0
    slowest_sql: str = ""
    slowest_plan: str = ""
    read_whole: set[str] = field(default_factory=set)


class RollBack(Exception):
    pass


def take(workspace: Workspace) -> list[Measure]:
    """Every page and pass, asked twice; nothing stays changed."""
    found = []
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for name, is_pass, ask in (*_pages(workspace), *_passes(workspace)):
            for _time in range(2):
                one = _measure(name, is_pass, ask)
            found.append(one)
    return found


def _measure(name: str, is_pass: bool, ask: Callable[[], Any]) -> Measure:
    measure, asked = Measure(name, is_pass), []
    try:
        with transaction.atomic():
            start = time.perf_counter()
            with _listening(asked):
                ask()
            measure.total_ms = (time.perf_counter() - start) * 1000
            for took, sql, params in asked:
                measure.count += 1
                measure.database_ms += took
                _look(measure, took, sql, params)
            raise RollBack
    except RollBack:
        return measure


@contextmanager
def _listening(asked: list[tuple[float, str, Any]]) -> Iterator[None]:
    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            asked.append(((time.perf_counter() - start) * 1000, sql, params))

    with connection.execute_wrapper(listen):
        yield


def _look(measure: Measure, took: float, sql: str, params: Any) -> None:
    """The plan of a read: tables read whole, and the text of the slowest."""
    is_slowest = took > measure.slowest_ms
    if is_slowest:
        measure.slowest_ms, measure.slowest_sql, measure.slowest_plan = took, sql, ""
    if not sql.lstrip().upper().startswith(("SELECT", "WITH")):
        return
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        plan = cursor.fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        measure.read_whole |= set(_read_whole(plan[0]["Plan"])) & LARGE
        if is_slowest and took > 50:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
            measure.slowest_plan = "\n".join(row[0] for row in cursor.fetchall())


def _read_whole(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"].endswith("Seq Scan"):
        yield node["Relation Name"]
    for inner in node.get("Plans", ()):
        yield from _read_whole(inner)


def _pages(workspace: Workspace) -> list[tuple[str, bool, Callable[[], Any]]]:
    client = Client()
    client.force_login(User.objects.get(memberships__workspace=workspace))
    number = PhoneNumber.objects.filter(workspace=workspace).earliest("pk")
    if not ChannelConfiguration.objects.filter(workspace=workspace).exists():
        for row in PhoneNumber.objects.filter(workspace=workspace):
            make_channel(workspace, phone_number=row)
    pair = PossibleDuplicate.objects.filter(workspace=workspace, apart_at=None).earliest("pk")
    profile = Profile.objects.filter(workspace=workspace).earliest("pk").pk
    credentials = number.account.credentials_id
    asked = [
        ("get started", "home:get_started", {}, ""),
        ("bell", "alerts:bell", {}, ""),
        ("alerts: open", "alerts:list", {}, ""),
        ("alerts: all", "alerts:list", {}, "?state=all"),
        ("alerts: unread", "alerts:list", {}, "?state=unread"),
        ("alerts: one kind", "alerts:list", {}, "?state=all&kind=accounts.quality"),
        ("alerts: urgent", "alerts:list", {}, "?state=all&tone=bad"),
        ("vault", "webhooks:list", {}, ""),
        ("vault: a rare field", "webhooks:list", {}, "?field=security"),
        ("vault: a status nobody has", "webhooks:list", {}, "?state=failed"),
        ("vault: partly", "webhooks:list", {}, "?state=partly"),
        ("vault: one connection", "webhooks:list", {}, f"?credentials={credentials}"),
        ("vault: search finds nothing", "webhooks:list", {}, "?q=nothing-like-this"),
        ("vault: one body", "webhooks:body", {"pk": WebhookBody.objects.latest("pk").pk}, ""),
        ("webhook watch", "webhooks:watch", {"pk": credentials}, ""),
        ("replays", "webhooks:replays", {}, ""),
        ("numbers", "accounts:numbers", {}, ""),
        ("number", "accounts:number", {"pk": number.pk}, ""),
        ("credentials", "accounts:accounts", {}, ""),
        ("webhook set-up", "accounts:webhook", {"pk": credentials}, ""),
        ("channels, used by", "accounts:channels", {}, ""),
        ("doctor", "doctor:page", {}, ""),
        ("profiles", "audiences:profiles", {}, ""),
        ("profiles: by username", "audiences:profiles", {}, "?q=person_500000"),
        ("profiles: by user id", "audiences:profiles", {}, "?q=KR.500000"),
        ("profiles: by number", "audiences:profiles", {}, "?q=%2B821000500000"),
        ("profiles: nobody", "audiences:profiles", {}, "?q=nobody-like-this"),
        ("profile", "audiences:profile", {"pk": profile}, ""),
        ("duplicates", "audiences:duplicates", {}, ""),
        ("duplicates: kept apart", "audiences:duplicates", {}, "?state=apart"),
        ("merge two", "audiences:merge", {"pk": pair.first_id, "other": pair.second_id}, ""),
    ]  # fmt: skip
    return [(name, False, _get(client, workspace, view, named, query)) for name, view, named, query in asked]


def _get(client: Client, workspace: Workspace, view: str, named: dict[str, Any], query: str) -> Callable[[], Any]:
    url = reverse(view, kwargs={"workspace_slug": workspace.slug, **named}) + query

    headers = {"HX-Request": "true", "HX-Target": "bell-list"} if view == "alerts:bell" else {}

    def ask() -> None:
        answer = client.get(url, headers=headers)
        assert answer.status_code == 200, (url, answer.status_code)

    return ask


def _passes(workspace: Workspace) -> list[tuple[str, bool, Callable[[], Any]]]:
    now = clock.now()
    people = list(Profile.objects.filter(workspace=workspace).order_by("pk")[:1000])
    known = [Sighting(now, Address(one.phone or "", "", one.bsuid or ""), creates=True) for one in people]
    fresh = [
        Sighting(now, Address(f"+8270{n:08}", f"8270{n:08}", f"KR.new{n}"), name="New", creates=True)
        for n in range(1000)
    ]
    named = [
        Sighting(now, Address(one.phone or "", "", f"KR.of{n}"), username=f"now.{n}") for n, one in enumerate(people)
    ]

    def learn(sightings: list[Sighting]) -> Callable[[], Any]:
        return lambda: audiences.learn_identities(actor=Actor.system("bench"), workspace=workspace, sightings=sightings)

    return [
        ("silence detector", True, watching.watch_silence),
        ("refused calls", True, watching.watch_refusals),
        ("unknown numbers", True, watching.watch_unknown_numbers),
        ("healing", True, healing.heal),
        ("bodies to apply", True, webhooks.claim),
        ("usage measure", True, lambda: usage.measure(clock.now())),
        ("learn 1,000 known", True, learn(known)),
        ("learn 1,000 new", True, learn(fresh)),
        ("learn 1,000 changed", True, learn(named)),
        ("alert mails", True, lambda: mails.send_due(5)),
        ("alert deliveries", True, lambda: deliveries.send_due(5)),
        ("doctor, checks of a workspace", True, lambda: _check(workspace)),
    ]


def _check(workspace: Workspace) -> None:
    case = Case(clock.now()).of_workspace(workspace)
    for check in CHECKS.values():
        if check.scope is Scope.WORKSPACE:
            check.function(case)
