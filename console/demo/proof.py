"""The demo's proof: our ledger against the simulator's, bucket by bucket and person by person. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Proof:
    """`line` is what the demo prints last; `faults` says in words what does not add up, empty when all does."""

    line: dict[str, Any]
    faults: list[str]


def judge(ours: Mapping[str, Any], theirs: Mapping[str, int], *, seconds: float) -> Proof:
    """Compares delivery's proof of a run with the simulator's {recipient: accepted messages}."""
    accepted = int(ours["accepted"])
    excluded = {str(reason): int(count) for reason, count in ours["excluded"].items()}
    failed = {str(code): int(count) for code, count in ours["failed"].items()}
    more_than_one = sorted(recipient for recipient, count in theirs.items() if count > 1)
    line = {
        "audience": int(ours["audience"]),
        "excluded": excluded,
        "accepted": accepted,
        "unique_message_ids": int(ours["unique_message_ids"]),
        "sent": int(ours["sent"]),
        "delivered": int(ours["delivered"]),
        "read": int(ours["read"]),
        "failed": failed,
        "unknown": int(ours["unknown"]),
        "seconds": round(seconds, 1),
        "simulator": {
            "accepted": sum(theirs.values()),
            "recipients": len(theirs),
            "max_per_recipient": max(theirs.values(), default=0),
        },
    }
    claims = {
        "the buckets do not add up to the audience": bool(ours["adds_up"]),
        "messages are still waiting": not ours["waiting"],
        "accepted rows and message ids differ": accepted == line["unique_message_ids"],
        # What is unknown to us may or may not have been taken; the simulator knows.
        "the simulator accepted another number of messages": 0
        <= sum(theirs.values()) - accepted
        <= int(ours["unknown"]),
        f"{len(more_than_one)} recipients got more than one message": not more_than_one,
        "nobody was written to": accepted > 0,
    }
    return Proof(line, [fault for fault, holds in claims.items() if not holds])
