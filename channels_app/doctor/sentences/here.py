"""Words of what concerns this installation."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from channels_app.doctor.sentences.entry import Words

WORDS: dict[str, Words] = {
    # --- installation
    "database": Words(
        _("Database"),
        _("The database answers"),
        {
            "wrong": (_("The database answers nonsense"), _("Look at the log of the database, then check again.")),
            "silent": (
                _("The database does not answer"),
                _("Nothing works without it (%(error)s). Start it, check DATABASE_URL, then check again."),
            ),
        },
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
