"""Parts of the kit that no page of today uses by itself: the drawer and the closed gate's page."""

from django.template import Context, Template

LOCKED = (
    '{% load kit %}{% locked title="Reporting" text="Not open yet" %}<button>Request access</button>{% endlocked %}'
)
DRAWER = '{% load kit %}{% drawer title="spring_roast" close_url="/templates/" %}<p>Body</p>{% enddrawer %}'


def test_a_closed_gate_explains_itself_and_keeps_its_form() -> None:
    html = Template(LOCKED).render(Context())
    assert "Reporting" in html and "Not open yet" in html and "Request access" in html


def test_a_drawer_has_a_name_and_a_way_out() -> None:
    html = Template(DRAWER).render(Context())
    assert "spring_roast" in html and 'href="/templates/"' in html and "<p>Body</p>" in html
