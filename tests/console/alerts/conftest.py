"""Two kinds of the tests' own, a customer's server, and an endpoint that leads to it."""

from collections.abc import Iterator
from typing import Any

import pytest

from console.alerts.kinds import KINDS, AlertKind
from console.alerts.models import Endpoint
from console.kit import clock
from console.workspaces.models import Workspace
from tests.support.receiver import Server

LASTING = AlertKind(
    "tests.lasting",
    "Tests",
    "A test broke",
    "Test %(name)s of %(subject)s broke",
    "It said %(words)s.",
    tone="warn",
    url_name="alerts:list",
)
EVENT = AlertKind(
    "tests.event",
    "Tests",
    "A test was written",
    lambda facts: f"Written: {facts.get('name', '')}",
    "",
    tone="info",
    capability="workspace.view",
    default_capability="workspace.view",
    is_event=True,
)
SECRET = AlertKind("tests.secret", "Tests", "For owners", "For owners only", "", capability="workspace.manage")


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (LASTING, EVENT, SECRET):
        monkeypatch.setitem(KINDS, kind.name, kind)


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    running = Server()
    yield running
    running.close()


@pytest.fixture
def endpoint(workspace: Workspace, server: Server) -> Endpoint:
    return make_endpoint(workspace, server.url)


def make_endpoint(workspace: Workspace, url: str = "https://hooks.example/", **fields: Any) -> Endpoint:
    fields.setdefault("name", f"Pager {Endpoint.objects.count()}")
    return Endpoint.objects.create(workspace=workspace, url=url, created_at=clock.now(), **fields)
