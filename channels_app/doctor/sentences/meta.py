"""Words of credentials, accounts and numbers."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from channels_app.doctor.sentences.entry import Words

WORDS: dict[str, Words] = {
    # --- access
    "credentials": Words(
        _("API credentials"),
        ngettext_lazy("%(count)d set of credentials", "%(count)d sets of credentials", "count"),
        {
            "none": (
                _("No credentials yet"),
                _("Add the app and the token of a system user: everything else needs them."),
            )
        },
    ),
    "secrets_readable": Words(
        _("Stored token and app secret"),
        _("Token and app secret can be read"),
        {
            "keys": (
                _("Token and app secret can't be decrypted"),
                _("WAYMARK_ENCRYPTION_KEYS lacks the key they were written with. Put it back behind the new one."),
            )
        },
    ),
    "token_rotation": Words(
        _("New token"),
        _("No new token waits"),
        {
            "not_accepted": (
                _("The new token was not accepted"),
                _("The old one still serves. Open the credentials to see why, and enter another one."),
            )
        },
    ),
    # --- accounts and numbers
    "account_connected": Words(
        _("Connected accounts"),
        ngettext_lazy("%(count)d account connected", "%(count)d accounts connected", "count"),
        {"none": (_("No account connected"), _("Choose the WhatsApp Business Account that these credentials reach."))},
    ),
    "sender_chosen": Words(
        _("Senders"),
        ngettext_lazy("%(count)d sender chosen", "%(count)d senders chosen", "count"),
        {"none": (_("No sender chosen"), _("Choose at least one phone number that may send."))},
    ),
    "account_standing": Words(_("Standing with Meta"), _("In good standing")),
    "account_health": Words(
        _("Meta's judgment of the account"),
        _("Meta says the account can send"),
        {
            "limited": (_("Meta limits what the account can send"), _("Meta says: %(told)s")),
            "blocked": (_("Meta says the account can't send"), _("Meta says: %(told)s")),
        },
    ),
    "limit_headroom": Words(
        _("Room in the messaging limit"),
        _("There is room in the messaging limit"),
        {
            "nearly_full": (
                _("The messaging limit is nearly used up"),
                _("%(used)s of %(limit)s people in 24 hours. What goes beyond waits; Meta raises the limit by itself."),
            ),
            "full": (
                _("The messaging limit is used up"),
                _("%(used)s of %(limit)s people in 24 hours. Messages wait until some of these hours have passed."),
            ),
        },
    ),
    "number_pin": Words(
        _("Two-step verification"),
        _("Two-step verification is on"),
        {"off": (_("Two-step verification is off"), _("Set a PIN, so that nobody else can register this number."))},
    ),
    "number_quality": Words(
        _("Quality rating"),
        _("No sign of low quality"),
        {
            "low": (
                _("Quality is low"),
                _("People block or report these messages. Send less, and only to people who expect it."),
            ),
            "medium": (
                _("Quality is medium"),
                _("Some people block or report these messages. Look at what was sent in the last 7 days."),
            ),
        },
    ),
    "number_throughput": Words(
        _("Throughput"),
        _("Up to %(speed)s messages a second"),
        {"unknown": (_("Meta names no throughput"), _("The number may be new or on its way. Refresh it tomorrow."))},
    ),
    "number_mode": Words(
        _("Account mode"),
        _("The number is live"),
        {
            "sandbox": (
                _("A test number"),
                _("It reaches only the five people registered for it at Meta. Choose a number of your own to send."),
            )
        },
    ),
    "number_health": Words(
        _("Meta's judgment of the number"),
        _("Meta says the number can send"),
        {
            "limited": (_("Meta limits what the number can send"), _("Meta says: %(told)s")),
            "blocked": (_("Meta says the number can't send"), _("Meta says: %(told)s")),
        },
    ),
}
