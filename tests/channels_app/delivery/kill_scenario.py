"""One step of the kill test in a process of its own: `python -m ... setup|send|takeover|settle`; prints one JSON line.

The database is what DATABASE_URL or WAYMARK_DATA_DIR name: a real file or server, shared by processes that die.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path

import django

django.setup()

import time_machine  # noqa: E402
from django.core.management import call_command  # noqa: E402

from channels_app.accounts.models import PhoneNumber  # noqa: E402
from channels_app.delivery import queries, tasks  # noqa: E402
from channels_app.delivery.models import Message  # noqa: E402
from channels_app.delivery.statuses import apply_statuses  # noqa: E402
from console.kit import clock  # noqa: E402
from console.workspaces.models import Workspace  # noqa: E402
from tests.factories.delivery import make_messages, make_number, status_item  # noqa: E402
from tests.factories.workspaces import make_workspace  # noqa: E402


def setup(how_many: str) -> object:
    call_command("migrate", verbosity=0)
    make_messages(make_number(make_workspace()), int(how_many))
    return "ready"


def send() -> object:
    """What a worker does; it may be killed at any point."""
    tasks.send(PhoneNumber.objects.get().pk)
    return "sent"


def takeover() -> object:
    """Another worker, after every lease of the dead one ran out."""
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        tasks.due_senders()
        tasks.send(PhoneNumber.objects.get().pk)
    return "taken over"


def settle(ledger: str) -> object:
    """Meta's webhooks for everything it accepted; then what we say became of everybody."""
    lines = [line.split() for line in Path(ledger).read_text().splitlines()]
    before = queries.buckets("campaign_run", 1)
    items = [status_item(wamid, "delivered", callback_data=data) for _to, wamid, data in lines]
    apply_statuses(Workspace.objects.get(), items)
    taken = Message.objects.filter(wamid__isnull=False).values_list("recipient", flat=True)
    after = queries.buckets("campaign_run", 1)
    return {
        "unknown_before": before.unknown,
        "unknown": after.unknown,
        "delivered": after.delivered,
        "waiting": after.remaining,
        "adds_up": after.adds_up,
        "same_people": sorted(taken) == sorted(to for to, _wamid, _data in lines),
    }


if __name__ == "__main__":
    step, *rest = sys.argv[1:]
    result = {"setup": setup, "send": send, "takeover": takeover, "settle": settle}[step](*rest)  # type: ignore[operator]
    sys.stdout.write(json.dumps(result) + "\n")
