"""Says in plain words why a call to Meta brought nothing."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from channels_app.cloud_api.codes import explain
from channels_app.cloud_api.errors import AddressRefused, CloudApiError, GraphError, NotConnected, Timeout
from console.kit.errors import Refused


def sentence_of(error: CloudApiError) -> str:
    """What happened and what to do, with Meta's code where there is one."""
    if isinstance(error, GraphError):
        words = explain(error.code, error.subcode)
        return _("%(title)s. %(sentence)s %(remedy)s (Meta code %(code)s)") % {
            "title": words.title,
            "sentence": words.sentence,
            "remedy": words.remedy,
            "code": error.code,
        }
    if isinstance(error, AddressRefused):
        return _(
            "Meta's address leads into a private network, which this installation refuses. "
            "Whoever runs it can allow that for a simulator."
        )
    if isinstance(error, NotConnected):
        return _("Meta can't be reached from here. Check the network of this installation, then try again.")
    if isinstance(error, Timeout):
        return _("Meta did not answer in time. Try again.")
    return _("Meta's answer could not be read. Try again.")


def sentence_of_facts(facts: Mapping[str, Any]) -> str:
    """The same of an error that was stored by inspection.error_facts."""
    if facts.get("code") is not None:
        words = explain(facts["code"], facts.get("subcode"))
        return _("%(title)s. %(sentence)s (Meta code %(code)s)") % {
            "title": words.title,
            "sentence": words.sentence,
            "code": facts["code"],
        }
    kinds = {
        "AddressRefused": AddressRefused(),
        "NotConnected": NotConnected(),
        "Timeout": Timeout(),
    }
    return sentence_of(kinds.get(str(facts.get("kind")), CloudApiError()))


def refused_by_meta(error: CloudApiError, *, code: str = "", sentence: str | Promise = "") -> Refused:
    """A refusal to show to a person; `sentence` replaces the general one where the caller knows better."""
    return Refused(code or f"accounts.meta_{error.code or 'unreachable'}", sentence or sentence_of(error))
