"""The table of words: what each check is called, what it says when it passed, and per reason what is wrong and what to do."""

from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

Text = str | Promise


@dataclass(frozen=True)
class Words:
    """`bad`: {why: (title, what it means and what to do)}. Places such as %(names)s are filled from the facts."""

    name: Text
    good: Text
    bad: dict[str, tuple[Text, Text]] = field(default_factory=dict)


WORDS: dict[str, Words] = {}

# --- installation ------------------------------------------------------------------------------------------------
WORDS |= {
    "database": Words(
        _("Database"),
        _("The database answers"),
        {"wrong": (_("The database answers nonsense"), _("Look at the log of the database, then check again."))},
    ),
    "migrations": Words(
        _("Migrations"),
        _("All migrations are applied"),
        {
            "missing": (
                ngettext_lazy("%(count)d migration is missing", "%(count)d migrations are missing", "count"),
                _("The code is newer than the tables (%(names)s). Run “manage.py migrate”, then restart."),
            )
        },
    ),
    "broker": Words(
        _("Queue"),
        _("The queue answers"),
        {
            "silent": (
                _("The queue does not answer"),
                _("No work reaches the workers (%(broker)s). Start it, then check again."),
            )
        },
    ),
    "workers": Words(
        _("Workers"),
        _("Workers are running"),
        {
            "none": (
                _("No worker is running"),
                _("Nothing is sent, synced or received until one runs. Start “manage.py workers”."),
            )
        },
    ),
    "schedules": Words(
        _("Schedules"),
        _("All schedules are kept"),
        {
            "missing": (
                ngettext_lazy("%(count)d schedule is missing", "%(count)d schedules are missing", "count"),
                _("Work that is due is not looked for (%(names)s). Run “manage.py sync_schedules”."),
            ),
            "late": (
                ngettext_lazy("%(count)d schedule is late", "%(count)d schedules are late", "count"),
                _("The workers do not get to it (%(names)s). Start more of them, or look at their log."),
            ),
        },
    ),
    "encryption_keys": Words(
        _("Encryption keys"),
        _("Every stored secret can be read"),
        {
            "unreadable": (
                ngettext_lazy(
                    "%(count)d stored secret can't be decrypted", "%(count)d stored secrets can't be decrypted", "count"
                ),
                _(
                    "WAYMARK_ENCRYPTION_KEYS lacks the key they were written with (%(names)s). Put it back behind the new."
                ),
            )
        },
    ),
    "base_url": Words(
        _("Address of this installation"),
        _("People reach it at %(address)s"),
        {
            "private": (
                _("The address works on this network only"),
                _("%(address)s can't be opened from outside. Set WAYMARK_BASE_URL to a public name."),
            ),
            "http": (
                _("The address is not encrypted"),
                _("%(address)s does not start with https://. Set WAYMARK_BASE_URL to an address that does."),
            ),
        },
    ),
    "webhook_url": Words(
        _("Address for webhooks"),
        _("Meta can post to %(address)s"),
        {
            "private": (
                _("Meta can't reach the webhook address"),
                _("%(address)s works on this network only. Set WAYMARK_WEBHOOK_BASE_URL to a public https:// address."),
            ),
            "http": (
                _("Meta does not post to the webhook address"),
                _("%(address)s does not start with https://. Set WAYMARK_WEBHOOK_BASE_URL to an address that does."),
            ),
        },
    ),
    "email": Words(
        _("E-mail"),
        _("The mail server answers"),
        {
            "not_sent": (
                _("E-mails are not sent"),
                _("They are written to the log or kept (%(kind)s). Set EMAIL_URL to a mail server."),
            ),
            "unusable": (
                _("The mail server can't be used"),
                _(
                    "%(host)s did not let Waymark in (%(error)s). Check EMAIL_URL; invitations and alerts do not arrive."
                ),
            ),
        },
    ),
    "graph_version": Words(
        _("Graph API version"),
        _("Graph API %(version)s is in use"),
        {
            "gone": (
                _("Graph API %(version)s has stopped working"),
                _("Meta answers with another version, or not at all. Set WAYMARK_GRAPH_VERSION to %(latest)s."),
            ),
            "soon": (
                _("Graph API %(version)s stops working soon"),
                _("It ends on %(ends_on)s. Set WAYMARK_GRAPH_VERSION to %(latest)s before that."),
            ),
            "unknown": (
                _("Graph API %(version)s is not known here"),
                _("Waymark was tested up to %(latest)s. Set WAYMARK_GRAPH_VERSION to it unless you know better."),
            ),
        },
    ),
    "graph_address": Words(
        _("Where Meta is asked"),
        _("Meta is asked at %(host)s"),
        {
            "simulator": (
                _("Meta is asked at %(host)s"),
                _(
                    "That is not Meta: nothing reaches a person. Set WAYMARK_GRAPH_BASE_URL to https://graph.facebook.com."
                ),
            ),
            "private_allowed": (
                _("Calls into private networks are allowed"),
                _("Only a simulator needs that. Turn WAYMARK_ALLOW_PRIVATE_ADDRESSES off."),
            ),
        },
    ),
    "clock": Words(
        _("Clock"),
        _("The clock agrees with Meta's"),
        {
            "off": (
                _("The clock is %(offset_s)s seconds away from Meta's"),
                _("Times of messages and tokens are judged wrongly. Let the machine set its clock from the network."),
            )
        },
    ),
}

# --- access ------------------------------------------------------------------------------------------------------
WORDS |= {
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
}

# --- accounts and numbers ----------------------------------------------------------------------------------------
WORDS |= {
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

# --- webhook -----------------------------------------------------------------------------------------------------
WORDS |= {
    "app_subscription": Words(
        _("Webhook address at Meta"),
        _("Meta posts to this installation"),
        {
            "none": (_("Meta has no webhook address"), _("Nothing comes back from Meta. Subscribe the webhook.")),
            "elsewhere": (
                _("Meta posts to another address"),
                _("The app's webhooks go to %(host)s. Subscribe the webhook here, or find out who changed it."),
            ),
            "inactive": (_("Meta has turned the webhook off"), _("It failed too often. Subscribe it again.")),
        },
    ),
    "webhook_fields": Words(
        _("Webhook fields"),
        _("All webhook fields are subscribed"),
        {
            "no_messages": (
                _("Statuses and replies are not subscribed"),
                _("Nobody learns what became of a message (%(names)s). Subscribe the webhook again."),
            ),
            "missing": (
                ngettext_lazy("%(count)d webhook field is missing", "%(count)d webhook fields are missing", "count"),
                _("Changes that these tell of are seen an hour later (%(names)s). Subscribe the webhook again."),
            ),
        },
    ),
    "webhook_override": Words(
        _("Overrides"),
        _("No override leads elsewhere"),
        {
            "elsewhere": (
                _("Messages of %(names)s are posted elsewhere"),
                _("An override at Meta leads to %(hosts)s. Remove it, or nobody here learns what became of them."),
            )
        },
    ),
    "webhook_heard": Words(
        _("Last event"),
        _("Meta was heard %(heard_at)s"),
        {
            "never": (
                _("Meta was never heard"),
                _("That is right until the first message is sent. If one was, subscribe the webhook again."),
            ),
            "silent": (
                _("Meta is silent"),
                _("Messages were accepted, but no status came back. Run the self-test to see where it breaks off."),
            ),
        },
    ),
    "webhook_refused": Words(
        _("Refused calls"),
        _("No call was refused since yesterday"),
        {
            "some": (
                ngettext_lazy(
                    "%(count)d call to the webhook was refused", "%(count)d calls to the webhook were refused", "count"
                ),
                _(
                    "If the app secret or the verify token changed at Meta, enter the new one. Otherwise they were not Meta's."
                ),
            )
        },
    ),
    "self_test": Words(
        _("Self-test"),
        _("The self-test passed %(tested_at)s"),
        {
            "never": (
                _("The self-test was never run"),
                _("It sends a signed event to this installation's own address."),
            ),
            "failed": (
                _("The self-test failed"),
                _("It broke off %(tested_at)s. Open the webhook to see at which step, then run it again."),
            ),
            "old": (_("The self-test is old"), _("It passed %(tested_at)s. Run it again to be sure.")),
        },
    ),
    "webhook_waiting": Words(
        _("Events to apply"),
        _("No event waits"),
        {
            "waiting": (
                ngettext_lazy("%(count)d event waits to be applied", "%(count)d events wait to be applied", "count"),
                _("None is lost, but reports are behind. Start the workers, or more of them."),
            )
        },
    ),
    "webhook_quarantine": Words(
        _("Quarantine"),
        _("No event is in quarantine"),
        {
            "some": (
                ngettext_lazy("%(count)d event could not be applied", "%(count)d events could not be applied", "count"),
                _("Open the webhooks to see why, and apply them again."),
            )
        },
    ),
    "unknown_numbers": Words(
        _("Events of unknown numbers"),
        _("All events belong to connected numbers"),
        {
            "some": (
                ngettext_lazy(
                    "Events of %(count)d number that is not connected here",
                    "Events of %(count)d numbers that are not connected here",
                    "count",
                ),
                _("They are kept (%(names)s) and applied once the number is connected."),
            )
        },
    ),
}

# --- templates and channels --------------------------------------------------------------------------------------
WORDS |= {
    "templates_readable": Words(_("Templates at Meta"), _("Templates can be read")),
    "templates_synced": Words(
        _("Template sync"),
        _("Templates were read %(synced_at)s"),
        {
            "never": (_("Templates were never read"), _("Sync them to see which ones can be sent.")),
            "late": (_("Templates were not read for hours"), _("They were read %(synced_at)s. Sync them now.")),
            "failed": (_("Templates could not be read"), _("The last sync broke off. Open the templates to see why.")),
        },
    ),
    "templates_approved": Words(
        _("Approved templates"),
        ngettext_lazy("%(count)d approved template", "%(count)d approved templates", "count"),
        {
            "none": (
                _("No approved template"),
                _("Outside the 24-hour window only approved templates can be sent. Have one approved."),
            )
        },
    ),
    "templates_stopped": Words(
        _("Stopped templates"),
        _("Meta has stopped no template"),
        {
            "some": (
                ngettext_lazy("Meta has stopped %(count)d template", "Meta has stopped %(count)d templates", "count"),
                _("Paused or disabled for their quality: %(names)s. Campaigns with them wait."),
            )
        },
    ),
    "channel_active": Words(
        _("Channel configurations"),
        ngettext_lazy("%(count)d active channel configuration", "%(count)d active channel configurations", "count"),
        {
            "none": (_("No active channel configuration"), _("Campaigns need one to choose. Make it and activate it.")),
            "failed": (
                ngettext_lazy(
                    "%(count)d channel configuration failed its checks",
                    "%(count)d channel configurations failed their checks",
                    "count",
                ),
                _("Open it to see which check failed: %(names)s."),
            ),
        },
    ),
    "policies_accepted": Words(
        _("Policies"),
        _("All policies are accepted"),
        {
            "open": (
                ngettext_lazy("%(count)d policy is not accepted", "%(count)d policies are not accepted", "count"),
                _("Somebody who may speak for the business accepts them in Get started."),
            )
        },
    ),
    "people_consented": Words(
        _("People who agreed"),
        _("There are people who agreed to messages"),
        {"none": (_("Nobody has agreed to messages yet"), _("Import people with the proof of their consent."))},
    ),
    "alerts_reach": Words(
        _("Alerts"),
        _("Somebody hears of every alert"),
        {
            "unheard": (
                _("Nobody hears of some alerts"),
                _("No member and no outgoing webhook gets these: %(names)s. Subscribe somebody."),
            ),
            "endpoint": (
                _("An outgoing webhook does not arrive"),
                _("Deliveries to %(names)s were given up since yesterday. Open the alerts to see why."),
            ),
        },
    ),
}
