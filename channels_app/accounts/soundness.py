"""What is sound by what Meta said last, as conditions of queries: the checks of a configuration and the setup doctor
judge Meta's fresh answers by the same words.
"""

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, NullIf

from channels_app.accounts.channel_inspection import MILD_STANDINGS, NAMES_GOOD, NAMES_WAITING
from channels_app.accounts.models import PhoneNumber
from console.alerts.models import Alert
from console.workspaces.models import Workspace

ACCOUNT = Q(review_status="APPROVED", standing__in=("", *MILD_STANDINGS)) & ~Q(health_word="BLOCKED")
NUMBER = (
    Q(is_sender=True, status="CONNECTED", name_status__in=(*NAMES_GOOD, *NAMES_WAITING))
    & ~Q(health_word="BLOCKED")
    & ~Q(account__health_word="BLOCKED")
)
SUBSCRIPTION = "account__credentials__subscription"


def heard_numbers(workspace: Workspace) -> QuerySet[PhoneNumber]:
    """Senders whose messages Meta posts here, after its handshake, and about which it is not silent."""
    silences = Alert.objects.filter(
        workspace=OuterRef("workspace"),
        kind="webhooks.silence",
        key=Cast(OuterRef("pk"), CharField()),
        resolved_at__isnull=True,
    )
    overridden = Coalesce(
        NullIf(F("override_callback_url"), Value("")), NullIf(F("account__override_callback_url"), Value(""))
    )
    is_ours = Q(override=F("ours")) | Q(override__isnull=True, app=F("ours"), **{f"{SUBSCRIPTION}__is_active": True})
    rows = PhoneNumber.objects.filter(workspace=workspace, is_sender=True, account__is_subscribed=True)
    rows = rows.filter(account__credentials__webhook_verified_at__isnull=False)
    app, ours = (KeyTextTransform(key, SUBSCRIPTION) for key in ("callback_url", "ours"))
    rows = rows.alias(override=overridden, app=app, ours=ours)
    return rows.filter(is_ours).exclude(Exists(silences))
