"""Why a delivery failed, in words. The row keeps the code."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORDS: dict[str, Promise] = {
    "private": gettext_lazy("The address leads into a private network. Use one that can be reached from the internet."),
    "scheme": gettext_lazy("Only addresses with https or http can be called."),
    "credentials": gettext_lazy(
        "The address holds a user name or password. Remove it; the signature proves who calls."
    ),
    "no_host": gettext_lazy("The address names no server."),
    "unreadable": gettext_lazy("This is not an address that can be called."),
    "not_resolved": gettext_lazy("The name of the server is not known. Check the address."),
    "not_connected": gettext_lazy("No connection to the server. Check that it runs and that its certificate is valid."),
    "timeout": gettext_lazy("The server did not answer in time. Answer first, then do the work."),
    "cut": gettext_lazy("The connection broke before an answer came."),
    "off": gettext_lazy("The webhook was turned off before this could be sent."),
    "interrupted": gettext_lazy("The last try was interrupted; whether it arrived is not known."),
}


def in_words(code: str, http_status: int | None = None) -> str:
    """The sentence for a delivery that failed; empty when nothing failed."""
    if code in WORDS:
        return str(WORDS[code])
    if code == "http" and http_status is not None and 300 <= http_status < 400:
        return _("The server redirects (HTTP %(status)s); redirects are not followed. Enter the final address.") % {
            "status": http_status
        }
    if code == "http":
        return _("The server answered HTTP %(status)s; only 2xx counts as received.") % {"status": http_status}
    return code
