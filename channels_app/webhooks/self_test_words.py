"""The steps of a self-test in words. Plain data in and out."""

from typing import Any

from django.utils.translation import gettext as _

from channels_app.webhooks import self_tests
from channels_app.webhooks.models import SelfTest
from console.kit import clock

Row = dict[str, Any]


def is_overdue(test: SelfTest) -> bool:
    """Whether a running test has waited too long; a worker says so in the row once there is one."""
    return test.status == "running" and clock.now() - test.started_at > self_tests.WAIT


def rows(test: SelfTest) -> list[Row]:
    """The steps in order for the kit's `checks` part, those to come included."""
    known = {step["code"]: step for step in test.steps}
    overdue = self_tests.next_step(test) if is_overdue(test) else ""
    found = []
    for code in self_tests.STEPS:
        step = known.get(code)
        if code == overdue:
            step = {"code": code, "status": "failed", "facts": {"error": "no_worker"}}
        if step is None and (test.status == "failed" or overdue):
            continue
        found.append(_row(code, step))
    return found


def _row(code: str, step: Row | None) -> Row:
    title = _titles()[code]
    if step is None:
        return {"tone": "mute", "title": title, "text": _("Waiting")}
    facts = step.get("facts") or {}
    if step["status"] == "passed":
        took = facts.get("took_ms")
        return {"tone": "ok", "title": title, "text": _("%(count)d ms") % {"count": took} if took is not None else ""}
    return {"tone": "bad", "title": title, "text": _failure(code, facts)}


def _titles() -> dict[str, str]:
    return {
        "handshake": _("Our address answers the handshake"),
        "unsigned": _("A call without a signature is refused"),
        "forged": _("A call with a wrong signature is refused"),
        "accepted": _("A signed event is accepted"),
        "applied": _("A worker applies the event"),
    }


def _failure(code: str, facts: Row) -> str:
    error = str(facts.get("error") or "")
    if error == "no_worker":
        return _("No worker picked it up within 30 s: start the workers.")
    if error:
        return _errors().get(error, _("The address could not be called (%(code)s).") % {"code": error})
    status = facts.get("http")
    if code == "handshake" and status == 200:
        return _("Something answered, but not this installation. Look what answers at the callback URL.")
    if code in ("unsigned", "forged") and status and 200 <= int(status) < 300:
        return _("It was accepted with HTTP %(status)s. Something other than this installation answers.") % {
            "status": status
        }
    return _("The answer was HTTP %(status)s. Look at the proxy in front of this installation.") % {"status": status}


def _errors() -> dict[str, str]:
    return {
        "not_resolved": _(
            "The name of the callback URL is unknown. Check WAYMARK_WEBHOOK_BASE_URL and its DNS record."
        ),
        "not_connected": _("Nothing answers at the callback URL. Check the proxy, the port and the certificate."),
        "timeout": _("No answer within 10 s. Check the proxy and whether the web server is overloaded."),
        "cut": _("The connection broke. Check the proxy in front of this installation."),
    }
