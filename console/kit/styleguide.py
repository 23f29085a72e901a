"""Every part of the kit on one page, with live data: the place to look before drawing something new."""

from datetime import timedelta
from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.safestring import mark_safe
from django_q.models import Schedule

from console.kit.forms import KitForm
from console.kit.lists import BulkAction, Column, ListPage, Tab
from console.kit.pages import render_page
from console.kit.states import StateMachine
from console.kit.widgets import Card, DateTimeInput, PhoneInput, RadioCards, Segmented, SwitchInput, TagField

TONES = ("ok", "warn", "bad", "info", "vio", "teal", "pri", "mute")
SURFACES = ("bg", "surface", "sunken", "line", "control", "ink-3", "ink", "pri")


class SampleForm(KitForm):
    """One of each control; nothing is saved."""

    name = forms.CharField(label="Name", max_length=60, help_text="Authors pick it in campaigns and journeys.")
    zone = forms.ChoiceField(
        label="Time zone", choices=[("Europe/London", "Europe/London"), ("Asia/Seoul", "Asia/Seoul")]
    )
    start = forms.DateTimeField(label="Start", widget=DateTimeInput, required=False)
    phone = forms.CharField(label="Number", widget=PhoneInput, required=False)
    speed = forms.IntegerField(label="Sending speed", min_value=1, max_value=80, initial=60)
    footer = forms.CharField(label="Footer", widget=forms.Textarea, max_length=60, required=False)
    purpose = forms.ChoiceField(
        label="Category", widget=Segmented, choices=[("m", "Marketing"), ("u", "Utility"), ("a", "Authentication")]
    )
    account = forms.ChoiceField(
        label="WhatsApp Business account",
        widget=RadioCards,
        choices=[
            ("1", Card("Lumen Coffee EU", "ID 118 733 405 521 · EUR · Europe/London", "building-store")),
            ("2", Card("Lumen Wholesale", "Can’t be used yet: Meta is still reviewing this account", is_disabled=True)),
        ],
    )
    tags = TagField(label="Tags", required=False, help_text="Separate them with commas.")
    quiet = forms.BooleanField(
        label="Respect quiet hours",
        widget=SwitchInput,
        required=False,
        help_text="21:00 to 08:00, queued until morning",
    )
    consent = forms.BooleanField(label="We send only to people who opted in")


class ScheduleFilter(django_filters.FilterSet):
    """Filters of the sample list."""

    schedule_type = django_filters.ChoiceFilter(label="Type", choices=Schedule.TYPE)

    class Meta:
        model = Schedule
        fields = ("schedule_type",)


class SampleList(ListPage):
    """The installation's own schedules: real rows to look at."""

    key = "styleguide"
    columns = (
        Column("name", "Name", is_key=True, sort="name", value=lambda row: row.name or row.func),
        Column("func", "Task", attr="func", sort="func", is_secondary=True),
        Column("repeats", "Repeats", attr="repeats", is_numeric=True, sort="repeats"),
        Column("next_run", "Next run", attr="next_run", sort="next_run", kind="when"),
        Column("cluster", "Cluster", attr="cluster", is_shown=False),
    )
    tabs = (Tab("", "All"), Tab("endless", "Endless", Q(repeats__lt=0)), Tab("once", "Once", Q(repeats__gte=0)))
    search_fields = ("name", "func")
    search_label = "Search schedules"
    filterset_class = ScheduleFilter
    default_sort = "name"
    page_sizes = (5, 25)
    bulk_actions = (BulkAction("tag", "Tag"), BulkAction("archive", "Archive", is_danger=True))
    bulk_url = "#"
    csv_name = "schedules"
    mobile = ("name", "next_run")


def styleguide(request: HttpRequest) -> HttpResponseBase:
    """The page; a post shows the sample form with its errors. Reads one page of schedules."""
    rows = SampleList(request, Schedule.objects.all())
    if rows.wants_csv:
        return rows.csv_response()
    form = SampleForm(request.POST or None, initial={"purpose": "m", "account": "1", "quiet": True})
    is_wrong = request.method == "POST" and not form.is_valid()
    context = {"list": rows, "form": form, "machines": StateMachine.registry.values(), **_samples()}
    return render_page(request, "kit/styleguide.html", context, parts=("list",), status=422 if is_wrong else 200)


def _samples() -> dict[str, Any]:
    now = timezone.now()
    return {
        "tones": TONES,
        "surfaces": SURFACES,
        "now": now,
        "earlier": now - timedelta(hours=26),
        "steps": [
            {"label": "Meta access", "state": "done", "url": "#"},
            {"label": "Account and sender", "state": "current"},
            {"label": "Webhook", "state": "ahead"},
            {"label": "Channel configuration", "state": "ahead"},
        ],
        "stages": [
            {"label": "Get started", "text": "Prerequisites and policies", "state": "done", "url": "#"},
            {"label": "Configure", "text": "Meta account, sender, webhook, channel", "state": "current", "share": 50},
            {"label": "Create", "text": "A campaign or a journey", "state": "ahead"},
            {"label": "Check and send", "text": "Preview, forecast, activate", "state": "ahead"},
        ],
        **_lines(now),
        **_figures(),
    }


def _lines(now: Any) -> dict[str, Any]:
    return {
        "prerequisites": [
            {
                "title": "Phone number",
                "text": "+44 7700 900118 · display name approved",
                "tone": "ok",
                "word": "Ready",
                "action": {"label": "View", "url": "#"},
            },
            {
                "title": "Access token",
                "text": "Works now, but expires in 9 days",
                "tone": "warn",
                "word": "Expires soon",
                "action": {"label": "Renew token", "url": "#"},
            },
            {
                "title": "Approved template",
                "text": "“Welcome offer” sent to Meta 38 min ago",
                "tone": "info",
                "word": "In review",
                "action": {"label": "View template", "url": "#"},
            },
            {
                "title": "Webhook",
                "text": "Next: give Meta an address for delivery reports",
                "tone": "todo",
                "word": "Not set up",
                "is_next": True,
                "action": {"label": "Set up webhook", "url": "#"},
            },
        ],
        "problems": [
            {
                "tone": "warn",
                "title": "French was approved 40 minutes ago.",
                "text": "Its quality rating is still unknown.",
                "url": "#",
                "action": "View template",
            },
            {
                "tone": "bad",
                "title": "Preferred store has no fallback.",
                "text": "1,842 people have no value and Meta refuses empty variables.",
                "url": "#",
                "action": "Add a fallback",
            },
        ],
        "check_results": [
            {
                "tone": "bad",
                "title": "Webhook not subscribed",
                "text": "This account sends its events to another address.",
            },
            {
                "tone": "warn",
                "title": "Token expires in 9 days",
                "text": "Renew it or sending stops.",
                "url": "#",
                "action": "Renew",
            },
            {"tone": "ok", "title": "3 of 3 token permissions granted"},
            {"tone": "todo", "title": "Two-step PIN"},
        ],
        "events": [
            {"icon": "x", "tone": "bad", "title": "Rejected by Meta", "at": now, "reason": "Invalid format"},
            {
                "icon": "send",
                "tone": "info",
                "title": "asked for approval",
                "who": "Mira Solberg",
                "at": now,
                "note": "Fallback fixed.",
            },
            {
                "icon": "plus",
                "tone": "mute",
                "title": "Created",
                "at": now - timedelta(days=1),
                "text": "outside Waymark",
            },
        ],
        "message": {
            "business_name": "Lumen Coffee",
            "is_verified": True,
            "day": "Thursday",
            "time": "10:00",
            "footer": "Reply STOP to opt out",
            "header": {"kind": "image", "filename": "spring-roast.jpg"},
            "body_html": mark_safe(
                'Hi <mark class="wm-var">Ada</mark>, spring is in the roaster. ☀️\n\n'
                "As a Club member you get the <b>Spring Roast</b>"
                ' two days before everyone else. Pick it up at <mark class="wm-gap">no value</mark> or order online.'
            ),
            "buttons": [{"kind": "url", "text": "Get early access"}, {"kind": "quick_reply", "text": "Stop offers"}],
            "notice": "Meta would refuse this message for Ada",
        },
        "variables": [
            {"placeholder": "{{1}}", "label": "First name", "source": "Profile · First name", "fallback": "there"},
            {
                "placeholder": "{{2}}",
                "label": "Preferred store",
                "source": "Profile · Preferred store",
                "format": "upper",
                "error": "1,842 eligible people have no preferred store.",
                "action_url": "#",
            },
        ],
    }


def _figures() -> dict[str, Any]:
    return {
        "segments": [
            {"label": "Delivered", "value": 23_071, "tone": "teal"},
            {"label": "On its way", "value": 605, "tone": "pri"},
            {"label": "Failed", "value": 642, "tone": "bad"},
            {"label": "Queued", "value": 15_740, "tone": "queued"},
        ],
        "funnel_stages": [
            {"label": "To send", "value": 40_058, "note": "15,740 still queued", "tone": "queued"},
            {"label": "Sent", "value": 24_318, "note": "60.7% of the list", "share": "60.7%", "tone": "pri"},
            {"label": "Delivered", "value": 23_071, "note": "94.9% of sent", "share": "94.9%", "tone": "teal"},
            {"label": "Read", "value": 11_204, "note": "48.6% of delivered", "share": "48.6%", "tone": "vio"},
            {"label": "Clicked", "value": 2_186, "note": "19.5% of read", "share": "19.5%", "tone": "ok"},
            {
                "label": "Failed",
                "value": 642,
                "note": "2.6% of sent",
                "share": "2.6%",
                "tone": "bad",
                "is_apart": True,
                "url": "#",
                "action": "See the 5 reasons",
            },
        ],
        "excluded": [
            {"label": "No marketing opt-in", "value": 3_014, "tone": "mute", "url": "#"},
            {"label": "Over frequency cap", "value": 1_148, "tone": "warn", "url": "#"},
            {"label": "Left out by you", "value": 948, "tone": "vio", "url": "#"},
            {"label": "No valid number", "value": 402, "tone": "bad", "url": "#"},
            {"label": "US numbers (paused)", "value": 318, "tone": "teal", "url": "#"},
        ],
        "fall": [
            {"label": "In the audience", "value": 48_210, "kind": "total", "tone": "queued"},
            {"label": "No marketing opt-in", "value": 3_014, "kind": "minus", "tone": "mute"},
            {"label": "Over frequency cap", "value": 1_148, "kind": "minus", "tone": "warn"},
            {"label": "Left out by you", "value": 948, "kind": "minus", "tone": "vio"},
            {"label": "No valid number", "value": 402, "kind": "minus", "tone": "bad"},
            {"label": "Recipients", "value": 42_698, "kind": "total", "tone": "pri"},
        ],
        "failures": [
            {
                "title": "Meta held it back",
                "code": "131049",
                "count": 411,
                "text": "Already gets many marketing messages. Retry after 24 h.",
            },
            {
                "title": "Can’t be delivered",
                "code": "131026",
                "count": 148,
                "text": "Not on WhatsApp, or on a version too old for this message.",
            },
            {
                "title": "Image didn’t load",
                "code": "131053",
                "count": 10,
                "text": "Our copy of the header image timed out. Safe to retry.",
            },
        ],
        "account_facts": [
            {"label": "Quality rating", "value": "High", "tone": "ok"},
            {"label": "Throughput", "value": "80 messages/s"},
            {"label": "Display name", "value": "Approved"},
        ],
        "activity": {
            "kind": "area",
            "x": [f"10:{minute:02d}" for minute in range(12)],
            "series": [
                {
                    "name": "Sent",
                    "tone": "pri",
                    "data": [410, 590, 602, 606, 598, 604, 601, None, None, None, None, None],
                },
                {
                    "name": "Delivered",
                    "tone": "teal",
                    "data": [0, 480, 596, 590, 600, 592, 588, None, None, None, None, None],
                },
                {"name": "Read", "tone": "vio", "data": [0, 90, 190, 260, 380, 420, 436, None, None, None, None, None]},
                {"name": "Failed", "tone": "bad", "data": [0, 12, 15, 16, 16, 17, 16, None, None, None, None, None]},
                {
                    "name": "Forecast",
                    "tone": "pri",
                    "is_dashed": True,
                    "data": [None] * 6 + [600, 600, 600, 600, 600, 0],
                },
            ],
            "marks": [{"at": "10:06", "label": "Now"}],
            "table_label": "Messages per ten seconds",
        },
    }
