"""Fixtures for every test: a workspace with an owner, a signed-in client, and a queue that can be answered."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.test import Client
from django_q.brokers import get_broker

from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.workspaces import make_member, make_workspace
from tests.support.bell import answer_bell

pytest_plugins = ["tests.support.rendered"]


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where WAYMARK_REFUSE_SKIPS is set (CI), a skipped test is a failure: everything it needs must be installed there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("WAYMARK_REFUSE_SKIPS") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _own_media(settings: object, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path / "media"  # type: ignore[attr-defined]
    cache.clear()
    yield


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def owner(workspace: Workspace) -> User:
    return make_member(workspace, Role.OWNER)


@pytest.fixture
def actor(owner: User) -> Actor:
    return Actor(str(owner), owner)


@pytest.fixture
def client_of(db: None) -> Callable[[User], Client]:
    """Gives a test client in which the person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def owner_client(owner: User, client_of: Callable[[User], Client]) -> Client:
    return client_of(owner)


@pytest.fixture
def bell(db: None) -> Iterator[Callable[..., list[str]]]:
    """Runs the queued tasks. Use with `django_capture_on_commit_callbacks(execute=True)` or a transactional test."""
    get_broker().purge_queue()
    yield answer_bell
    get_broker().purge_queue()
