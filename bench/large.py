"""A workspace with a long past, made by SQL: see configure."""

from datetime import timedelta

from django.core.management import call_command
from django.db import connection

from channels_app.accounts.models import PhoneNumber, Portfolio, WhatsAppAccount
from console.alerts.kinds import KINDS
from console.audiences.models import Profile
from console.kit import clock
from console.workspaces.models import Membership, Workspace
from tests.factories.delivery import make_number, make_version
from tests.factories.workspaces import make_member, make_workspace

SLUG = "large"
NUMBERS = 10
WORDS = ("accepted", "sent", "delivered", "read")

PEOPLE = """
INSERT INTO audiences_profile (workspace_id, phone, bsuid, username, wa_id, name, attributes, language, country, time_zone,
    is_test, marketing_consent, utility_consent, authentication_consent, source, created_at, updated_at)
SELECT %(workspace)s, '+8210' || lpad(n::text, 8, '0'), CASE WHEN n %% 2 = 0 THEN 'KR.' || n END,
    CASE WHEN n %% 4 = 0 THEN 'person_' || n END, NULL, 'Person ' || n, '{}', 'ko', 'KR', 'Asia/Seoul', FALSE, '', '', '',
    'import', now() - n * interval '1 second', now() FROM generate_series(1, %(rows)s) n;
INSERT INTO audiences_profileidentity (workspace_id, profile_id, kind, value, portfolio_id, learned_at, until_at)
SELECT %(workspace)s, id, 'phone', '+8231' || lpad(id::text, 9, '0'), '', now(), NULL FROM audiences_profile;
INSERT INTO audiences_identitychange (workspace_id, profile_id, kind, before, after, source, evidence, at, recorded_at)
SELECT %(workspace)s, id, 'bsuid', '', bsuid, 'whatsapp', '{}', now(), now() FROM audiences_profile WHERE bsuid IS NOT NULL;
INSERT INTO audiences_possibleduplicate (workspace_id, first_id, second_id, reason, evidence, found_at, apart_at)
SELECT %(workspace)s, id, id + 1, 'number_change', '{}', now() - id * interval '1 second',
    CASE WHEN id > (SELECT min(id) + 50 FROM audiences_profile) THEN now() END
FROM audiences_profile ORDER BY id LIMIT %(tenth)s;
INSERT INTO audiences_profilemerge (workspace_id, kept_id, absorbed_id, absorbed, changed, moved, removed, added, reason,
    evidence, at) SELECT %(workspace)s, id, 0, '{}', '{}', '{}', '{}', '{}', 'same_person', '{}', now()
FROM audiences_profile ORDER BY id LIMIT %(tenth)s;
"""
MESSAGES = """
INSERT INTO delivery_message (workspace_id, source_kind, source_id, dedupe_key, recipient, purpose, params, priority, status,
    exclusion_reason, due_at, claim_epoch, attempt_count, wamid, error_detail, created_at, accepted_at, sent_at,
    phone_number_id, profile_id, template_version_id)
SELECT %(workspace)s, 'campaign_run', 1 + n / 100000, 'p' || n, '+8210' || lpad(n::text, 8, '0'), 'marketing', '{}', 1,
    (%(words)s::text[])[1 + n %% 4], '', now(), 1, 1, 'wamid.' || n, '', now(), now() - n * (interval '2 days' / %(rows)s), now(),
    (%(numbers)s::bigint[])[1 + n %% 10], (SELECT min(id) FROM audiences_profile) + n - 1, %(version)s
FROM generate_series(1, %(rows)s) n;
"""
WEBHOOKS = """
INSERT INTO webhooks_webhookbody (workspace_id, credentials_id, sha256, body, received_at, seen_count, status, item_count,
    fields, outcomes, applied_at, failure)
SELECT %(workspace)s, %(credentials)s, md5(n::text) || md5((n + 1)::text), ('{"entry":[{"id":"' || n || '"}]}')::bytea,
    now() - n * interval '10 seconds', 1, CASE WHEN n <= 20 THEN 'stored' WHEN n %% 10000 = 0 THEN 'partly' ELSE 'applied' END,
    1, CASE WHEN n %% 50000 = 0 THEN ' security ' ELSE ' messages ' END, '{}', now(), ''
FROM generate_series(1, %(fifth)s) n;
INSERT INTO webhooks_quarantineditem (body_id, position, field, item, failure, code, phone_number_id, created_at, resolved_at)
SELECT id, 0, 'messages', '{}', 'unknown_number', 'unknown_number', (id %% 5)::text, now(),
    CASE WHEN id %% 4 > 0 THEN now() END FROM webhooks_webhookbody ORDER BY id LIMIT %(tenth)s;
"""
ALERTS = """
INSERT INTO alerts_alert (workspace_id, kind, key, tone, subject, facts, raised_at, resolved_at)
SELECT %(workspace)s, (%(kinds)s::text[])[1 + n %% cardinality(%(kinds)s::text[])], n::text, 'warn', 'Number', '{}',
    now() - n * interval '1 minute', CASE WHEN n < %(tenth)s - 5 THEN now() END FROM generate_series(1, %(tenth)s) n;
INSERT INTO alerts_notification (workspace_id, alert_id, user_id, is_in_app, read_at, wants_email, emailed_at, email_attempts,
    created_at) SELECT %(workspace)s, id, %(user)s, TRUE, CASE WHEN resolved_at IS NOT NULL THEN now() END, TRUE,
    raised_at, 1, raised_at FROM alerts_alert;
INSERT INTO accounts_factchange (workspace_id, phone_number_id, fact, before, after, source, details, at)
SELECT %(workspace)s, (%(numbers)s::bigint[])[1 + n %% 10], (ARRAY['quality_rating', 'status', 'health_word'])[1 + n %% 3], 'GREEN',
    'YELLOW', 'poll', '{}', now() - n * interval '3 minutes' FROM generate_series(1, %(tenth)s) n;
"""


def prepared(rows: int) -> Workspace:
    """The workspace of this bench; filled when the database has none yet."""
    call_command("migrate", verbosity=0)
    known = Workspace.objects.filter(slug=SLUG).first()
    if known is not None:
        return known
    if connection.vendor != "postgresql" or Profile.objects.exists():
        raise SystemExit("bench.configure needs an empty PostgreSQL database")
    workspace = make_workspace(slug=SLUG, name="Large")
    make_member(workspace)
    _fill(workspace, rows)
    return workspace


def _fill(workspace: Workspace, rows: int) -> None:
    numbers = _numbers(workspace)
    params = {
        "workspace": workspace.pk,
        "rows": rows,
        "fifth": rows // 5,
        "tenth": rows // 10,
        "words": list(WORDS),
        "numbers": [number.pk for number in numbers],
        "version": make_version(numbers[0]).pk,
        "credentials": numbers[0].account.credentials_id,
        "kinds": sorted(KINDS),
        "user": Membership.objects.values_list("user", flat=True).get(workspace=workspace),
    }
    with connection.cursor() as cursor:
        for script in (PEOPLE, MESSAGES, WEBHOOKS, ALERTS):
            for statement in script.strip().removesuffix(";").split(";\n"):
                cursor.execute(statement, params)
        cursor.execute("VACUUM ANALYZE")


def _numbers(workspace: Workspace) -> list[PhoneNumber]:
    """Ten numbers of two portfolios; nothing was heard of the first for a day."""
    now = clock.now()
    numbers = [make_number(workspace) for _place in range(NUMBERS)]
    for place, number in enumerate(numbers):
        heard_at = now - timedelta(days=1) if place == 0 else now
        WhatsAppAccount.objects.filter(pk=number.account_id).update(portfolio_id=f"p{place % 2}", heard_at=heard_at)
    for portfolio_id in ("p0", "p1"):
        Portfolio.objects.create(workspace=workspace, portfolio_id=portfolio_id, created_at=now)
    return numbers
