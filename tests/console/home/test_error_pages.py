"""Error pages say what happened and offer a way on, also when the database is what failed."""

from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import connection
from django.test import Client, RequestFactory

from console.home import errors
from tests.factories.workspaces import make_user


def test_the_error_page_needs_no_database(db: None, rf: RequestFactory, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0, connection=connection):
        response = errors.server_error(rf.get("/"))
    assert response.status_code == 500
    assert "Something failed on our side" in response.content.decode()


def test_a_page_that_breaks_ends_in_the_error_page(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("console.workspaces.me_views.people.update_account", fail)
    client = Client(raise_request_exception=False)
    client.force_login(make_user())
    response = client.post("/me/language", {"language": "ko"})
    assert response.status_code == 500
    assert "Something failed on our side" in response.content.decode()


def test_a_bad_request_is_explained(db: None, rf: RequestFactory) -> None:
    response = errors.bad_request(rf.get("/"), SuspiciousOperation("host"))
    assert response.status_code == 400
    assert "<h1" in response.content.decode()


def test_a_form_without_its_token_is_explained(db: None) -> None:
    response = Client(enforce_csrf_checks=True).post("/me/language", {"language": "ko"})
    assert response.status_code == 403
    assert "<h1" in response.content.decode()
