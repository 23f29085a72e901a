"""Makes all checks of a workspace, one after the other: none can break the others, and no secret is written down.

A result is {code, group, scope, subject, label, status, turn, fix, pks, variant, words, facts, calls, at, took_ms}.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from channels_app.accounts.inspection import says_nothing
from channels_app.accounts.models import ApiCredentials, WhatsAppAccount
from channels_app.cloud_api.errors import CloudApiError
from channels_app.cloud_api.remembering import Note
from channels_app.doctor import queries
from channels_app.doctor.case import SECRETS, Case
from channels_app.doctor.checks import access
from channels_app.doctor.masking import Mask, mask_of
from channels_app.doctor.registry import CHECKS, Check, Scope, Verdict, because, refused
from channels_app.doctor.states import FAILED, PASSED, SKIPPED, WARNING
from console.kit import clock
from console.workspaces.models import Workspace

log = logging.getLogger("waymark.doctor")
BUDGET = timedelta(seconds=60)  # a worker's task may take 90
Result = dict[str, Any]
Tell = Callable[[list[Result]], None]
assert access  # importing the package registered every check


def examine_installation(workspace: Workspace | None = None) -> list[Result]:
    """What concerns all workspaces alike."""
    try:
        mask = mask_of(workspace)
    except Exception:  # no database, no rows to read secrets from: then none can be told either
        mask = mask_of(None)
    return Examiner(Case(clock.now()), mask).run(Scope.INSTALLATION)


def examine(workspace: Workspace, installation: list[Result], tell: Tell | None = None) -> list[Result]:
    """All results of a workspace after those of the installation; `tell` gets them as they grow. Calls Meta."""
    case = Case(clock.now()).of_workspace(workspace)
    examiner = Examiner(case, mask_of(workspace), [_again(result) for result in installation], tell)
    try:
        examiner.run_workspace(case)
    finally:
        case.close()
    return examiner.results


def _again(result: Result) -> Result:
    return dict(result)


class Examiner:
    """One pass over the checks. `results` are in the order in which they were made."""

    def __init__(self, case: Case, mask: Mask, results: list[Result] | None = None, tell: Tell | None = None) -> None:
        self._mask = mask
        self._tell = tell
        self._end = time.monotonic() + BUDGET.total_seconds()
        self._case = case
        self.results: list[Result] = []
        self._bad: dict[tuple[str, str], str] = {}  # (code, subject) -> the code that is the root of it
        for result in results or []:
            self._keep(result)

    def run(self, scope: Scope) -> list[Result]:
        self._run(scope, self._case)
        return self.results

    def run_workspace(self, case: Case) -> None:
        """From the credentials down to their senders; what speaks for the whole workspace at the end."""
        if ("database", "") not in self._bad:
            for one in _credentials(case.workspace):
                self._run_credentials(case.of_credentials(one))
        self._run(Scope.WORKSPACE, case)

    def _run_credentials(self, case: Case) -> None:
        self._run(Scope.CREDENTIALS, case)
        accounts = WhatsAppAccount.objects.filter(credentials=case.credentials).order_by("name", "pk")
        for account in accounts:
            of_account = case.of_account(account)
            self._run(Scope.ACCOUNT, of_account)
            for number in queries.senders(account):
                self._run(Scope.NUMBER, of_account.of_number(number))

    def _run(self, scope: Scope, case: Case) -> None:
        for check in CHECKS.values():
            if check.scope == scope:
                for result in self._make(check, case):
                    self._keep(result)
        if self._tell is not None:
            self._tell(self.results)

    def _keep(self, result: Result) -> None:
        self.results.append(result)
        facts = result["facts"]
        is_missing = result["status"] == WARNING and (facts.get("why") == "none" or facts.get("is_unused"))
        if is_missing or result["status"] in (FAILED, SKIPPED):
            root = result["facts"].get("because") or result["code"]
            self._bad.setdefault((result["code"], result["subject"]), root)

    def _make(self, check: Check, case: Case) -> Iterator[Result]:
        at, start = clock.now(), time.monotonic()
        verdicts = self._skip(check, case) or self._ask(check, case)
        took_ms = round(1000 * (time.monotonic() - start))
        for verdict in verdicts:
            subject, label = case.subjects()[0]
            is_good = verdict.status in (PASSED, SKIPPED)
            touched = self._touched(case) if verdict.calls is None else verdict.calls
            yield {
                "code": check.code,
                "group": str(check.group),
                "scope": str(check.scope),
                "subject": subject,
                "label": label,
                "status": verdict.status,
                "turn": "" if is_good else str(verdict.turn or check.turn),
                "fix": "" if is_good else verdict.fix or check.fix,
                "pks": case.pks,
                "variant": verdict.variant,
                "words": verdict.words or check.code,
                "facts": self._mask.value(verdict.facts),
                "calls": [self._mask.value(_call(note)) for note in touched],
                "at": at.isoformat(),
                "took_ms": took_ms,
            }

    def _skip(self, check: Check, case: Case) -> list[Verdict]:
        """Not asked: because of what failed before, or because there is no time left."""
        for needed in check.needs:
            for subject, _label in case.subjects():
                root = self._bad.get((needed, subject))
                if root is not None:
                    return [because(root)]
        if check.scope != Scope.INSTALLATION and time.monotonic() > self._end:
            return [Verdict(SKIPPED, {"why": "time"}, calls=())]
        return []

    def _ask(self, check: Check, case: Case) -> list[Verdict]:
        client = self._client(case)
        if client is not None:
            client.touched.clear()
        try:
            found = check.function(case)
        except CloudApiError as error:
            return [self._unanswered(check, case, error)]
        except Exception as error:  # a broken check must not hide what the others found; its text may hold anything
            log.error("doctor: check %s could not be made: %s", check.code, type(error).__name__)
            return [Verdict(FAILED, {"why": "broken", "error": type(error).__name__}, turn="operator")]
        return found if isinstance(found, list) else [found]

    def _unanswered(self, check: Check, case: Case, error: CloudApiError) -> Verdict:
        """An error that says nothing of what was asked is told once; what can't be asked after it has not failed."""
        if not says_nothing(error):
            return refused(error)
        key = ("meta_reachable", f"credentials:{case.credentials.pk}")
        root = self._bad.setdefault(key, check.code)
        return refused(error) if root == check.code else because(root)

    def _client(self, case: Case) -> Any:
        return case.ear.client if case._credentials is not None else None

    def _touched(self, case: Case) -> list[Note]:
        client = self._client(case)
        return list(client.touched) if client is not None else []


def _credentials(workspace: Workspace) -> list[ApiCredentials]:
    """Without their secrets: one whose key is gone must not hide the others."""
    return list(ApiCredentials.objects.filter(workspace=workspace).defer(*SECRETS).order_by("name", "pk"))


def _call(note: Note) -> dict[str, Any]:
    return {"asked": note.asked, "answered": note.answered, "at": note.at.isoformat(), "took_ms": note.took_ms}
