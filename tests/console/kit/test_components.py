"""The parts that every page shares: words for numbers and times, pills, safe output, no inline code anywhere."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.template import Context, Template
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory, override_settings
from django.utils import timezone, translation

from console.kit import wording
from console.kit.figures import waterfall_rows
from console.kit.icons import icon_paths
from console.kit.states import State

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))
NOW = datetime(2026, 3, 12, 10, 31, 4, tzinfo=UTC)


def draw(source: str, **context: Any) -> str:
    return Template("{% load kit %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (wording.number(48210), "48,210"),
        (wording.number(-3014), "−3,014"),
        (wording.number(None), "–"),
        (wording.compact(120_400), "120K"),
        (wording.compact(1_250_000), "1.2M"),
        (wording.compact(9_874), "9,874"),
        (wording.share(24318, 40058), "60.7%"),
        (wording.share(1, 1), "100%"),
        (wording.share(1, 0), "–"),
        (wording.percent(0.0004), "<0.1%"),
        (wording.share(9999, 10_000), ">99.9%"),
        (wording.share(0, 10), "0%"),
        (wording.duration(262), "4 min 22 s"),
        (wording.duration(7500), "2 h 5 min"),
        (wording.duration(timedelta(days=3)), "3 days"),
        (wording.duration(0), "0 s"),
        (wording.money(2_847_740_000, "EUR"), "€2,847.74"),
        (wording.money(-1_500_000, "USD"), "−$1.50"),
        (wording.money(71_000_000, "KRW"), "₩71"),
        (wording.money(1_000_000, "SEK"), "1.00 SEK"),
        (wording.masked_phone("+447700900341"), "+44 •••• 0341"),
        (wording.masked_phone("+12025550155"), "+1 •••• 0155"),
        (wording.masked_phone("+821012345678"), "+82 •••• 5678"),
        (wording.masked_phone("GB.40000000000000000005"), "GB.•••• 0005"),
        (wording.masked_phone(""), "–"),
    ],
)
def test_numbers_are_written_one_way(made: str, words: str) -> None:
    assert made == words


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW, "Today, 10:31"),
        (NOW - timedelta(hours=20), "Yesterday, 14:31"),
        (NOW + timedelta(days=1), "Tomorrow, 10:31"),
        (NOW - timedelta(days=3), "9 Mar, 10:31"),
        (NOW - timedelta(days=400), "5 Feb 2025, 10:31"),
        (None, "–"),
    ],
)
def test_instants_are_written_by_their_distance(at: datetime | None, words: str) -> None:
    with timezone.override("UTC"):
        assert wording.when(at) == words


@time_machine.travel(NOW, tick=False)
def test_times_are_those_of_the_active_zone_and_the_title_says_which() -> None:
    with timezone.override("Asia/Seoul"):
        html = draw("{% when at zone=True %}", at=NOW)
    assert ">Today, 19:31, Asia/Seoul</time>" in html
    assert 'title="12 March 2026, 19:31:04 Asia/Seoul"' in html


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("seconds", "words"), [(2, "2 s ago"), (59, "59 s ago"), (2280, "38 min ago"), (90_000, "1 day ago")]
)
def test_ages_count_in_the_largest_unit(seconds: int, words: str) -> None:
    assert wording.ago(NOW - timedelta(seconds=seconds)) == words


def test_a_pill_is_word_icon_and_tone() -> None:
    html = draw(
        "{% pill state caption=why %}", state=State("failed", "Failed", "bad", "circle-x"), why="<b>Invalid</b>"
    )
    assert "wm-t-bad" in html
    assert "<svg" in html
    assert "Failed</span>" in html
    assert "&lt;b&gt;Invalid" in html


def test_an_icon_is_hidden_from_readers_unless_it_speaks() -> None:
    assert 'aria-hidden="true"' in draw('{% icon "send" %}')
    assert 'role="img" aria-label="Sent"' in draw('{% icon "send" label="Sent" %}')
    assert icon_paths("../../etc/passwd") == ""


def test_url_with_changes_only_what_it_names() -> None:
    request = RequestFactory().get("/list/?q=a&cursor=x&state=failed")
    assert draw('{% url_with cursor=None state="sent" %}', request=request) == "?q=a&amp;state=sent"
    assert draw("{% url_with q=None cursor=None state=None %}", request=request) == "/list/"


def test_an_alert_keeps_its_body_and_escapes_what_it_is_given() -> None:
    html = draw(
        "{% alert tone='bad' title=title %}{{ text }} <a href='#'>Renew</a>{% endalert %}", title="<x>", text="<y>"
    )
    assert "&lt;x&gt;" in html
    assert "&lt;y&gt; <a href='#'>Renew</a>" in html
    assert 'role="alert"' in html


def test_the_phone_shows_our_markup_and_escapes_the_rest() -> None:
    message = {
        "business_name": "<i>Lumen</i>",
        "text": "<script>",
        "buttons": [{"kind": "url", "text": "<u>"}],
        "time": "10:00",
    }
    html = draw("{% phone message %}", message=message)
    assert "<script>" not in html
    assert "<i>Lumen" not in html
    assert "<u>" not in html


def test_a_stacked_bar_names_its_parts_for_readers() -> None:
    html = draw("{% progress parts total=10 %}", parts=[{"label": "Delivered", "value": 4, "tone": "teal"}])
    assert 'aria-label="Progress: Delivered 4"' in html
    assert 'data-wm-width="40"' in html


def test_widths_have_a_dot_in_every_language() -> None:
    with translation.override("ko"):
        assert 'data-wm-width="33.333"' in draw("{% bar 1 3 %}")


def test_chart_data_cannot_break_out_of_its_script_tag() -> None:
    html = draw("{% chart 'c' spec %}", spec={"kind": "line", "x": ["</script>"], "series": []})
    assert html.count("</script>") == 1


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_no_context(code: str) -> None:
    assert "<h1>" in render_to_string(f"{code}.html")


KIT = [path for path in TEMPLATES if path.parent.name == "kit" or path.parent.name == "templates"]


@pytest.mark.parametrize("path", KIT, ids=lambda path: path.stem)
def test_templates_of_the_kit_are_open_about_their_context_and_free_of_inline_code(path: Path) -> None:
    source = path.read_text()
    get_template(str(path.relative_to(Path(settings.BASE_DIR) / "templates")))
    assert source.startswith("{#"), "begins with a comment"
    assert not re.search(r"""\sstyle=|\son[a-z]+=["']|<style|javascript:""", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)


@pytest.mark.skipif(not Path(settings.ICONS_DIR).is_dir(), reason="node_modules is not installed")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_named_icon_exists(path: Path) -> None:
    for name, rest in re.findall(r'{% icon "([^"]+)"([^%]*)%}', path.read_text()):
        assert icon_paths(name, filled="filled=True" in rest), f"{path.name}: no icon {name}"


@override_settings(ICONS_DIR=Path("/nowhere"))
def test_a_missing_icon_package_does_not_break_a_page() -> None:
    icon_paths.cache_clear()
    assert "<svg" in draw('{% icon "send" %}')
    icon_paths.cache_clear()


def test_a_waterfall_ends_where_the_last_exclusion_stopped() -> None:
    rows = [
        {"label": "Audience", "value": 100, "kind": "total"},
        {"label": "No opt-in", "value": 30, "kind": "minus"},
        {"label": "Capped", "value": 20, "kind": "minus"},
        {"label": "Recipients", "value": 50, "kind": "total"},
    ]
    assert [line["offset"] for line in waterfall_rows(rows)["rows"]] == ["0", "70", "50", "0"]


def test_an_empty_funnel_still_draws() -> None:
    html = draw(
        "{% funnel stages %}",
        stages=[
            {"label": "Sent", "value": 0, "tone": "pri"},
            {"label": "Failed", "value": 0, "tone": "bad", "is_apart": True},
        ],
    )
    assert html.count("<li") == 2
