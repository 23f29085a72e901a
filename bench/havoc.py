"""What the fault bench does to a running campaign, and how it judges what is left of it."""

import argparse
import json
import random
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

from django.db import OperationalError, connection

from bench.stack import Stack
from campaigns import actions
from campaigns.models import CampaignRun
from channels_app.accounts.models import PhoneNumber
from channels_app.delivery import queries as ledger
from channels_app.delivery.models import Message, SenderLease
from channels_app.webhooks.models import WebhookBody
from console.demo.drive import _launch
from console.demo.processes import manage
from console.demo.seed import seed
from console.demo.world import Simulator, is_answering
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

SOURCE = "campaign_run"
ACTOR = Actor.system("bench")
FAULTS = (
    {"kind": "timeout_after", "n": 2},
    {"kind": "cut_before", "n": 2},
    {"kind": "cut_after", "n": 3},
    {"kind": "error_after", "n": 3},
    {"kind": "http_500", "n": 2},
    {"kind": "error", "code": 131000, "http": 500, "n": 3},
    {"kind": "malformed", "n": 3},
    {"kind": "throttle", "n": 12},
    {"kind": "slow", "n": 6, "seconds": 3},
)
WEBHOOK_FAULTS = ({"kind": "http_500", "n": 3}, {"kind": "cut_after", "n": 2})
KILLS = ("sender", "cluster", "web", "sender", "worker")
DOWN_S = 3.0
STOP_S = 1.0
KNOBS = {"duplicate_share": 0.2, "reorder_share": 0.2, "statuses_per_change": 7}


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Bench:
    """One stack with a seeded workspace, and everything that is done to it."""

    def __init__(self, wish: argparse.Namespace, stack: Stack) -> None:
        self.wish = wish
        self.stack = stack
        self.chance = random.Random(wish.seed)  # repeatable, not secret
        self.simulator = Simulator(stack.ports.simulator_url)
        self.faults: list[str] = []
        self.kills: list[str] = []
        self.injected = 0

    def post(self, path: str, data: dict[str, Any], method: str = "POST") -> None:
        request = urllib.request.Request(  # our own loopback address
            f"{self.stack.ports.simulator_url}/_control/{path}",
            json.dumps(data).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30):
            return

    def up(self) -> Workspace:
        for step in (("migrate", "--noinput", "-v", "0"), ("sync_schedules",)):
            subprocess.run(manage(*step), shell=True, env=dict(self.stack.env), check=True)
        for name in self.stack.lines:
            self.stack.start(name)
        self.wait(lambda: is_answering(f"{self.stack.ports.simulator_url}/_control/state"), 60)
        self.wait(lambda: is_answering(f"{self.stack.ports.web_url}/healthz"), 60)
        workspace = seed(self.simulator, say, recipients=self.wish.recipients)
        self.post("knobs", KNOBS)
        return workspace

    def wait(self, is_so: Any, seconds: float, pause_s: float = 0.2) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if is_so():
                    return True
            except OperationalError:  # a busy SQLite file: ask again
                connection.close()
            time.sleep(pause_s)
        return False

    def accepted(self, run: CampaignRun) -> int:
        return Message.objects.filter(source_kind=SOURCE, source_id=run.pk, wamid__isnull=False).count()

    # --- to the end, with kills and faults --------------------------------------------------------------------

    def survive(self, workspace: Workspace) -> tuple[CampaignRun, float]:
        """One campaign to its end, with kills spread over it; gives the run and its seconds."""
        started = time.monotonic()
        run = _launch(workspace, self.wish.recipients)
        end = started + self.wish.minutes * 60
        total = max(1, int(run.frozen["eligible_count"]))
        marks = [total * (i + 0.5) / (self.wish.kills + 1) for i in range(self.wish.kills)]
        next_fault_at = started
        while time.monotonic() < end:
            counts = self.counts(run)
            done = counts.accepted_total + counts.failed_total + counts.unknown
            if marks and done >= marks[0]:
                marks.pop(0)
                self.kill(run)
            if time.monotonic() >= next_fault_at:
                self.inject()
                next_fault_at = time.monotonic() + self.chance.uniform(1.0, 3.0)
            run.refresh_from_db()
            if run.prepared_at and not counts.remaining:
                break
            time.sleep(0.2)
        self.post("faults", {}, "DELETE")
        self.settle(run)
        return run, time.monotonic() - started

    def counts(self, run: CampaignRun) -> ledger.Buckets:
        for _ in range(20):
            try:
                return ledger.buckets(SOURCE, run.pk)
            except OperationalError:
                connection.close()
                time.sleep(0.2)
        return ledger.buckets(SOURCE, run.pk)

    def inject(self) -> None:
        """Switches one fault on in place of the one before: while the number rests they must not pile up."""
        self.post("faults", {}, "DELETE")
        fault = self.chance.choice(FAULTS)
        self.post("faults", {"endpoint": "messages", "mode": "next", **fault})
        if self.chance.random() < 0.3:
            self.post("faults", {"endpoint": "webhook", "mode": "next", **self.chance.choice(WEBHOOK_FAULTS)})
        self.injected += 1

    def kill(self, run: CampaignRun) -> None:
        """kill -9, by turns: who sends now, all workers, the web server (down for some seconds), any worker."""
        kind = KILLS[len(self.kills) % len(KILLS)]
        self.kills.append(kind)
        counts = self.counts(run)
        say(f"kill {kind}: {counts.accepted_total} accepted, {counts.remaining} waiting, {counts.unknown} unknown")
        if kind in ("cluster", "web"):
            name = "workers" if kind == "cluster" else "web"
            self.stack.kill(name)
            time.sleep(DOWN_S)
            self.stack.start(name)
            return
        pids = self.stack.pids("workers")[2:]  # below the command and the cluster itself
        holder = SenderLease.objects.exclude(holder="").values_list("holder", flat=True).first()
        sending = int(holder.rsplit(":", 2)[1]) if holder else 0
        if kind == "sender" and sending in pids:
            self.stack.kill_pid(sending)
        elif len(pids) > 1:
            self.stack.kill_pid(self.chance.choice(pids[1:]))

    def settle(self, run: CampaignRun) -> None:
        """Until the simulator has told everything and every body is applied, and unknown rows no longer change."""
        self.wait(self.is_told, 60)
        self.wait(lambda: not WebhookBody.objects.filter(status="stored").exists(), 90)
        self.wait(lambda: not ledger.buckets(SOURCE, run.pk).claimed, 90)

    def is_told(self) -> bool:
        state = self.simulator.read("state")
        return state["webhooks"]["waiting"] == 0 and self.are_all_sent()

    def are_all_sent(self) -> bool:
        """Whether nobody is left of whom the simulator has said nothing yet."""
        stages = self.simulator.read("ledger/summary")["stages"]
        return int(stages.get("accepted", 0)) == 0

    # --- pause, resume, stop --------------------------------------------------------------------------------------

    def interrupt(self, workspace: Workspace) -> tuple[CampaignRun, dict[str, float]]:
        """A second campaign: paused for five seconds, resumed, then stopped; how late the last message was each time."""
        run = _launch(workspace, self.wish.recipients)
        campaign, total = run.campaign, int(run.frozen["eligible_count"])
        self.wait(lambda: self.accepted(run) > total * 0.1, 120, 0.05)
        paused_at = time.time()
        actions.pause(actor=ACTOR, campaign=campaign)
        time.sleep(5)
        resumed_at = time.time()
        campaign.refresh_from_db()
        actions.resume(actor=ACTOR, campaign=campaign)
        before = self.accepted(run)
        self.wait(lambda: self.accepted(run) > before + total * 0.1, 120, 0.05)
        stopped_at = time.time()
        campaign.refresh_from_db()
        actions.stop(actor=ACTOR, campaign=campaign)
        took = time.time() - stopped_at
        self.wait(lambda: not self.counts(run).remaining, 60)
        self.settle(run)
        at = sorted(row["at"] for row in self.theirs(run))
        late = {
            "resume_s": min((moment for moment in at if moment > resumed_at), default=resumed_at + 99) - resumed_at,
            "pause_s": max((moment for moment in at if moment < resumed_at), default=paused_at) - paused_at,
            "stop_s": max(at, default=stopped_at) - stopped_at,
            "stop_call_s": took,
        }
        say(f"pause and stop: {late}")
        for name in ("pause_s", "stop_s"):
            if late[name] > STOP_S:
                self.faults.append(f"the last message left {late[name]:.2f} s after the {name[:-2]}")
        return run, late

    # --- judging --------------------------------------------------------------------------------------------------

    def theirs(self, run: CampaignRun) -> list[dict[str, Any]]:
        """What the simulator accepted of a run: by the row ids in the callback data."""
        ours = set(Message.objects.filter(source_kind=SOURCE, source_id=run.pk).values_list("pk", flat=True))
        rows: list[dict[str, Any]] = []
        after: int | None = 0
        while after is not None:
            page = self.simulator.read("ledger", after=after, limit=10_000, callback_prefix="wm1:")
            rows += [row for row in page["data"] if int(row["callback_data"].split(":")[1]) in ours]
            after = page["next_after"]
        return rows

    def judge(self, run: CampaignRun, label: str) -> dict[str, Any]:
        """Both ledgers, person by person. What is wrong goes to `faults`."""
        run.refresh_from_db()
        theirs = self.theirs(run)
        taken: dict[int, list[str]] = {}
        for row in theirs:
            taken.setdefault(int(row["callback_data"].split(":")[1]), []).append(row["wamid"])
        people = [row["to"] for row in theirs]
        ours = list(
            Message.objects.filter(source_kind=SOURCE, source_id=run.pk).values_list(
                "pk", "status", "wamid", "recipient"
            )
        )
        wrong = [pk for pk, _status, wamid, _to in ours if (wamid or "") != taken.get(pk, [""])[0]]
        moved = ("accepted", "sent", "delivered", "read")
        not_told = [pk for pk, status, _w, _to in ours if pk in taken and status not in (*moved, "failed")]
        invented = [pk for pk, status, _w, _to in ours if pk not in taken and status in moved]
        counts, proof = ledger.buckets(SOURCE, run.pk), ledger.proof(SOURCE, run.pk)
        line = {
            "audience": counts.audience,
            "excluded": counts.excluded_total,
            "accepted": proof["accepted"],
            "simulator": len(theirs),
            "doubled": len(people) - len(set(people)),
            "wrong": len(set(wrong) | set(not_told) | set(invented)),
            "waiting": counts.remaining,
            "unknown": counts.unknown,
            "failed": counts.failed,
            "canceled": counts.canceled,
        }
        claims = {
            "somebody got two": not line["doubled"],
            f"the ledgers disagree about rows {(wrong + not_told + invented)[:10]}": not line["wrong"],
            "somebody still waits": not counts.remaining,
            "the buckets don't add up": proof["adds_up"],
            "somebody of the audience is missing": counts.audience
            == run.frozen["expected_count"]
            == run.prepared_count,
        }
        self.faults += [f"{label}: {fault}" for fault, holds in claims.items() if not holds]
        return line


def run(wish: argparse.Namespace, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The whole bench; gives its JSON line and what was wrong."""
    stack = Stack(wish.port, folder, "--seed", str(wish.seed), "--speed", "60")
    try:
        bench = Bench(wish, stack)
        workspace = bench.up()
        PhoneNumber.objects.filter(workspace=workspace).update(throughput_level="STANDARD")
        survivor, seconds = bench.survive(workspace)
        line: dict[str, Any] = {"bench": "faults", "database": connection.vendor, "seed": wish.seed}
        line |= {"kills": len(bench.kills), "faults_injected": bench.injected, "seconds": round(seconds, 1)}
        line["survived"] = bench.judge(survivor, "survived")
        if not wish.no_stop:
            stopped, late = bench.interrupt(workspace)
            line["stopped"] = bench.judge(stopped, "stopped") | {name: round(s, 3) for name, s in late.items()}
        line["lost"] = sum(
            line[name]["waiting"] + line[name]["wrong"] for name in ("survived", "stopped") if name in line
        )
        line["doubled"] = sum(line[name]["doubled"] for name in ("survived", "stopped") if name in line)
        return line, bench.faults
    finally:
        stack.close()
        connection.close()
