"""One round of the pipeline bench: the bare client loop, then the whole pipeline with the same client settings."""

import asyncio
import time

from asgiref.sync import async_to_sync
from django.core.management import call_command
from django.db import connection

from channels_app.cloud_api.sender import SendClient
from channels_app.content.payload import template_payload
from channels_app.delivery import ledger, queries, sender
from channels_app.delivery.desk import Desk
from channels_app.delivery.models import Message
from channels_app.message_templates.slots import slots_of
from tests.factories.delivery import BODY, make_number, make_people, make_version, new_message
from tests.factories.workspaces import make_workspace

_serial = int(time.time())


def vendor() -> str:
    return connection.vendor


def prepare_database() -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)


def measure(message_count: int, in_flight: int) -> dict[str, float]:
    """Rates per second of both, their ratio, how fast rows were added; and the same by CPU, for a machine that others use."""
    cpu = time.process_time()
    bare = async_to_sync(_bare)(message_count, in_flight)
    bare_cpu = time.process_time() - cpu
    serial = _serial + Message.objects.count()
    workspace = make_workspace(slug=f"bench-{serial}", name="Bench")
    number = make_number(workspace, phone_number_id=str(serial))
    version = make_version(number)
    people = make_people(workspace, message_count)
    rows = [new_message(profile, number, version, source_id=serial) for profile in people]
    start = time.perf_counter()
    ledger.add_messages(rows)
    adding = message_count / (time.perf_counter() - start)
    accepted, seconds, cpu = 0, 0.0, time.process_time()
    while True:
        desk = Desk.open(number.pk, "bench")
        assert desk is not None
        start = time.perf_counter()
        report = async_to_sync(sender.run_once)(desk, limit_per_s=20_000.0, most_in_flight=in_flight)
        seconds += time.perf_counter() - start
        accepted += report.accepted
        if not report.has_more:
            break
    cpu = time.process_time() - cpu
    proof = queries.proof("campaign_run", serial)
    assert proof["accepted"] == proof["unique_message_ids"] == accepted == message_count, proof
    whole = accepted / seconds
    return {
        "bare loop/s": bare,
        "pipeline/s": whole,
        "ratio": whole / bare,
        "bare cpu us/message": bare_cpu / message_count * 1e6,
        "pipeline cpu us/message": cpu / message_count * 1e6,
        "ratio by cpu": bare_cpu / cpu,
        "rows added/s": adding,
    }


async def _bare(message_count: int, in_flight: int) -> float:
    slots = slots_of(BODY, "POSITIONAL")
    left = iter(range(message_count))
    async with SendClient() as client:

        async def work() -> None:
            for number in left:
                payload = template_payload(
                    recipient=f"+8210{number:08}",
                    template_name="template",
                    language="en_US",
                    components=BODY,
                    slots=slots,
                    params={"body.1": "Ada"},
                    callback_data=f"wm1:{number}:1",
                )
                await client.send_message(phone_number_id="1", access_token="token", payload=payload)

        start = time.perf_counter()
        await asyncio.gather(*(work() for _ in range(in_flight)))
        return message_count / (time.perf_counter() - start)
