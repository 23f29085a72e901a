"""For whoever watches this process: is it alive, and can it do its work?"""

import logging
from collections.abc import Callable

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

from console.kit import queue

log = logging.getLogger("waymark.health")


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers. No query."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when database and broker answer, 503 with the name of what doesn't."""
    answers = {"database": _answers(_ask_database), "broker": _answers(_ask_broker)}
    is_ready = all(answers.values())
    words = {name: "ok" if answer else "down" for name, answer in answers.items()}
    return JsonResponse({"status": "ok" if is_ready else "down", **words}, status=200 if is_ready else 503)


def _answers(ask: Callable[[], object]) -> bool:
    try:
        return bool(ask())
    except Exception:  # whatever it is, the answer is "down": this page exists to say so
        log.exception("health: %s failed", ask.__name__)
        return False


def _ask_database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _ask_broker() -> bool:
    return queue.is_answering()
