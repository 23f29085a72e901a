"""Words of the webhook, templates and channels."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from channels_app.doctor.sentences.entry import Words

WORDS: dict[str, Words] = {
    # --- webhook
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
        },
    ),
    "webhook_silence": Words(
        _("Statuses"),
        _("Statuses come back"),
        {
            "silent": (
                _("Meta is silent since %(silent_at)s"),
                _("Messages were accepted, but no status came back. Run the self-test to see where it breaks off."),
            )
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
    # --- templates and channels
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
