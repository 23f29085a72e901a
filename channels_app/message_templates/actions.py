"""What is done to message templates: synced from Meta, and changed by Meta's webhooks."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from channels_app.accounts.clients import management_client
from channels_app.accounts.models import WhatsAppAccount
from channels_app.cloud_api.codes import explain
from channels_app.cloud_api.errors import AddressRefused, CloudApiError, NoAnswer
from channels_app.message_templates import nodes
from channels_app.message_templates.models import MessageTemplate, TemplateSync, TemplateTranslation
from channels_app.message_templates.states import SYNC, TEMPLATE
from channels_app.message_templates.syncing import Found, apply_batch, mark_deleted
from channels_app.message_templates.telling import Face, face_of, tell_changes
from console.kit import clock, queue
from console.kit.batches import batched
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

BATCH_SIZE = 200
STALE_AFTER = timedelta(minutes=10)  # a sync that has not finished by then has lost its worker
Apply = Callable[[Actor, Workspace, TemplateTranslation, dict[str, Any]], Face | None]
SYNC_TASK: Final = "channels_app.message_templates.tasks.sync_templates"


class SyncFailed(Refused):
    """Meta did not give the whole list; what had come until then is kept, nothing was marked as deleted."""


def request_sync(*, actor: Actor, workspace: Workspace, account: WhatsAppAccount | None = None) -> int:
    """Asks a worker to sync one account, or all of the workspace; gives how many. Refused when there is none."""
    accounts = [account] if account else list(WhatsAppAccount.objects.filter(workspace=workspace))
    if not accounts:
        raise Refused(
            "message_templates.no_account", _("No WhatsApp Business Account is connected yet. Connect one first.")
        )
    now = clock.now()
    with transaction.atomic():
        for one in accounts:
            row, _created = TemplateSync.objects.get_or_create(
                account=one, defaults={"workspace": workspace, "requested_at": now}
            )
            rows = TemplateSync.objects.filter(pk=row.pk)
            SYNC.move_all(rows, "request", requested_at=now, failure="")
            queue.ring(SYNC_TASK, one.pk)
            audit.record(actor, workspace, "message_templates.request_sync", one)
    return len(accounts)


def sync_account(*, actor: Actor, account: WhatsAppAccount) -> Found | None:
    """Reads all templates of an account from Meta, page by page, and makes ours equal to them.

    None when another worker is at it. A list that broke off raises SyncFailed: what came until then is kept, and
    nothing counts as deleted. Safe to repeat; no transaction is open while Meta is asked.
    """
    started = clock.now()
    if not _claim(account, started):
        return None
    found = Found()
    try:
        with management_client(account.credentials) as client:
            for rows in batched(client.templates(account.waba_id), BATCH_SIZE):
                read = [node for node in map(nodes.read_node, rows) if node is not None]
                found.add(apply_batch(account, read, at=started))
                _show(account, found)
    except CloudApiError as error:
        sentence = failure_sentence(error)
        _finish(actor, account, found, "fail", sentence)
        raise SyncFailed("message_templates.sync_failed", sentence) from error
    found.deleted = mark_deleted(account, before=started)
    _finish(actor, account, found, "finish", "")
    return found


def failure_sentence(error: CloudApiError) -> str:
    """Why Meta's list could not be read, and what to do."""
    if isinstance(error, NoAnswer):
        return _(
            "Meta gave no answer that could be read. Waymark tries again within the hour; “Sync now” tries at once."
        )
    if isinstance(error, AddressRefused):
        return _("The address of Meta's API leads into a private network. Staff can change it in the settings.")
    explanation = explain(error.code, error.subcode)
    return f"{explanation.sentence} {explanation.remedy}"


def _claim(account: WhatsAppAccount, at: datetime) -> bool:
    TemplateSync.objects.get_or_create(
        account=account, defaults={"workspace_id": account.workspace_id, "requested_at": at}
    )
    rows = TemplateSync.objects.filter(Q(account=account), ~Q(status="running") | Q(started_at__lt=at - STALE_AFTER))
    counts = {"seen_count": 0, "new_count": 0, "changed_count": 0, "deleted_count": 0}
    return bool(SYNC.move_all(rows, "start", started_at=at, finished_at=None, failure="", **counts))


def _show(account: WhatsAppAccount, found: Found) -> None:
    """What the page shows while the sync runs."""
    TemplateSync.objects.filter(account=account).update(
        seen_count=found.seen, new_count=found.new, changed_count=found.changed
    )


def _finish(actor: Actor, account: WhatsAppAccount, found: Found, move: str, failure: str) -> None:
    now = clock.now()
    with transaction.atomic():
        SYNC.move_all(
            TemplateSync.objects.filter(account=account),
            move,
            finished_at=now,
            failure=failure[:300],
            seen_count=found.seen,
            new_count=found.new,
            changed_count=found.changed,
            deleted_count=found.deleted,
        )
        if not failure:
            WhatsAppAccount.objects.filter(pk=account.pk).update(templates_synced_at=now)
        facts = {"seen": found.seen, "new": found.new, "changed": found.changed, "deleted": found.deleted}
        audit.record(actor, account.workspace, f"message_templates.sync_{move}", account, facts)


# --- what Meta tells by webhook (meta-cloud-api.md 4.9) ---------------------------------------------------------


def apply_template_event(
    workspace: Workspace, field: str, value: dict[str, Any], *, at: datetime | None = None
) -> bool:
    """Records a template webhook; False when the template is unknown here (then a sync is asked for).

    Fields: message_template_status_update, message_template_quality_update, template_category_update,
    message_template_components_update. Doubled events change nothing, nor do those that Meta told (`at`) before the
    last one of their field: a replay tells nobody of what is long over.
    """
    actor = Actor.system("webhook")
    meta_id = str(value.get("message_template_id") or "")
    rows = TemplateTranslation.objects.filter(workspace=workspace, meta_id=meta_id)
    translation = rows.select_related("template__account").first()
    if translation is None:
        if WhatsAppAccount.objects.filter(workspace=workspace).exists():
            request_sync(actor=actor, workspace=workspace)
        return False
    apply: Apply | None = {
        "message_template_status_update": _apply_status,
        "message_template_quality_update": _apply_quality,
        "template_category_update": _apply_category,
    }.get(field)
    # Meta's page prints the status field for quality events: the value tells them apart.
    if "new_quality_score" in value:
        apply = _apply_quality
    with transaction.atomic():
        if apply is None:
            request_sync(actor=actor, workspace=workspace, account=translation.template.account)
        else:
            _apply_once(apply, actor, workspace, translation, value, at)
    return True


def _apply_once(
    apply: Apply,
    actor: Actor,
    workspace: Workspace,
    translation: TemplateTranslation,
    value: dict[str, Any],
    at: datetime | None,
) -> None:
    subject = apply.__name__.removeprefix("_apply_")
    told = translation.facts.get("told_at") or {}
    moment = int(at.timestamp()) if at is not None else 0
    if moment and moment < told.get(subject, 0):
        return
    if moment:
        translation.facts = {**translation.facts, "told_at": {**told, subject: moment}}
        TemplateTranslation.objects.filter(pk=translation.pk).update(facts=translation.facts)
    before = face_of(translation)
    after = apply(actor, workspace, translation, value)
    if after is not None:
        tell_changes(workspace, translation, translation.template.name, before, after)


def _apply_status(
    actor: Actor, workspace: Workspace, translation: TemplateTranslation, value: dict[str, Any]
) -> Face | None:
    event = str(value.get("event") or "").upper()
    facts = {name: item for name, item in translation.facts.items() if name not in ("rejection", "note", "raw_status")}
    if isinstance(value.get("rejection_info"), dict):
        facts["rejection"] = {
            name: str(value["rejection_info"].get(name) or "") for name in ("reason", "recommendation")
        }
    if isinstance(value.get("other_info"), dict):
        facts["note"] = {name: str(value["other_info"].get(name) or "") for name in ("title", "description")}
    elif event in nodes.ADVISORY_EVENTS:
        facts["note"] = {"title": event, "description": ""}
    status = translation.status if event in nodes.ADVISORY_EVENTS else nodes.known_status(event)
    if status == "OTHER":
        facts["raw_status"] = event[:60]
    reason = nodes.known_reason(value.get("reason"))
    before = translation.status
    if before == status and translation.facts == facts and translation.rejected_reason == reason:
        return None
    now = clock.now()
    changed_at = now if before != status else translation.status_changed_at
    TEMPLATE.move(
        translation, f"report_{status.lower()}", status_changed_at=changed_at, facts=facts, rejected_reason=reason
    )
    _changed(actor, workspace, translation, "status", [before, status], now)
    return replace(
        face_of(translation),
        said={"reason": reason, **{name: facts[name] for name in ("rejection", "note") if name in facts}},
    )


def _apply_quality(
    actor: Actor, workspace: Workspace, translation: TemplateTranslation, value: dict[str, Any]
) -> Face | None:
    score = nodes.known_quality(value.get("new_quality_score"))
    before = translation.quality_score
    if score == before:
        return None
    TemplateTranslation.objects.filter(pk=translation.pk).update(quality_score=score)
    _changed(actor, workspace, translation, "quality", [before, score], clock.now())
    return replace(face_of(translation), quality=score)


def _apply_category(
    actor: Actor, workspace: Workspace, translation: TemplateTranslation, value: dict[str, Any]
) -> Face | None:
    now, before = clock.now(), translation.category
    category = str(value.get("new_category") or before).upper()[:16]
    pending = str(value.get("correct_category") or "").upper()
    facts = {name: item for name, item in translation.facts.items() if not name.startswith("pending_category")}
    if pending and pending != category:
        facts["pending_category"] = pending
        facts["pending_category_at"] = _iso(value.get("category_update_timestamp"))
    elif category != before:
        facts["previous_category"] = before
    if category == before and facts == translation.facts:
        return None
    TemplateTranslation.objects.filter(pk=translation.pk).update(category=category, facts=facts)
    MessageTemplate.objects.filter(pk=translation.template_id).update(category=category)
    _changed(actor, workspace, translation, "category", [before, pending or category], now)
    announced = str(facts.get("pending_category") or "")
    return replace(face_of(translation), category=category, pending_category=announced)


def _iso(timestamp: object) -> str:
    try:
        return datetime.fromtimestamp(int(str(timestamp)), UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _changed(
    actor: Actor, workspace: Workspace, translation: TemplateTranslation, field: str, change: list[str], at: datetime
) -> None:
    MessageTemplate.objects.filter(pk=translation.template_id).update(updated_at=at)
    facts = {field: change, "language": translation.language}
    audit.record(actor, workspace, f"message_templates.{field}_changed", translation.template, facts)
