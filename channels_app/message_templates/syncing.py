"""Writes batches of Meta's template nodes: set-based, safe to repeat, a version only where the content changed.

Belongs to actions.py, which opens the connection, counts and audits.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Max, OuterRef, Subquery

from channels_app.accounts.models import WhatsAppAccount
from channels_app.message_templates.models import MessageTemplate, TemplateTranslation, TemplateVersion
from channels_app.message_templates.nodes import Node
from channels_app.message_templates.slots import dump, slots_of
from channels_app.message_templates.states import TEMPLATE
from channels_app.message_templates.telling import Face, face_of, tell_changes

Key = tuple[str, str]  # name and language
_COLUMNS = ("category", "parameter_format", "rejected_reason", "quality_score", "meta_id", "facts")
# Facts that only webhooks tell: a listing does not take them away while the status stands.
_KEPT_FACTS = ("rejection", "note")
_TOLD = "told_at"  # when Meta told the last event of each kind: never Meta's list's affair


@dataclass
class Found:
    """What a sync saw, in languages of templates."""

    seen: int = 0
    new: int = 0
    changed: int = 0
    deleted: int = 0

    def add(self, other: "Found") -> None:
        self.seen += other.seen
        self.new += other.new
        self.changed += other.changed
        self.deleted += other.deleted


def apply_batch(account: WhatsAppAccount, nodes: Sequence[Node], *, at: datetime) -> Found:
    """Makes our rows equal to these nodes. About ten statements per batch, plus one per status that occurs."""
    by_key = {(node.name, node.language): node for node in nodes}  # Meta's paging may repeat a node
    with transaction.atomic():
        templates = _templates(account, by_key.values(), at)
        _free_ids(account, by_key.values())
        existing = _existing(templates, by_key)
        fresh = [node for key, node in by_key.items() if key not in existing]
        changed = {key for key, row in existing.items() if _differs(row, by_key[key])}
        faces = {key: face_of(existing[key]) for key in changed}
        _update(existing, by_key, changed)
        _create(account, templates, fresh, at)
        rows = _existing(templates, by_key)
        _move(rows, by_key, at)
        changed |= _add_versions(rows, by_key, at) - {(node.name, node.language) for node in fresh}
        TemplateTranslation.objects.filter(pk__in=[row.pk for row in rows.values()], seen_at__lt=at).update(seen_at=at)
        _tell(account, faces, rows, by_key)
        _touch(templates, {name for name, _language in changed} | {node.name for node in fresh}, by_key, at)
    return Found(seen=len(by_key), new=len(fresh), changed=len(changed))


def mark_deleted(account: WhatsAppAccount, *, before: datetime) -> int:
    """Languages that a complete sync did not see any more are gone from Meta. Two statements."""
    gone = TemplateTranslation.objects.filter(template__account=account, seen_at__lt=before).exclude(status="DELETED")
    ids = list(gone.values_list("pk", flat=True))
    if not ids:
        return 0
    rows = TemplateTranslation.objects.filter(pk__in=ids)
    with transaction.atomic():
        MessageTemplate.objects.filter(translations__in=ids).update(updated_at=before)
        faces = [(row, face_of(row)) for row in rows.select_related("template")]
        moved = TEMPLATE.move_all(rows, "report_deleted", status_changed_at=before)
        for row, face in faces:
            tell_changes(account.workspace, row, row.template.name, face, replace(face, status="DELETED"))
    return moved


def _tell(
    account: WhatsAppAccount,
    faces: dict[Key, Face],
    rows: dict[Key, TemplateTranslation],
    by_key: dict[Key, Node],
) -> None:
    """What the workspace hears of: a language that is new to us is no news of Meta's."""
    for key, before in faces.items():
        node, row = by_key[key], rows[key]
        said = {"reason": node.rejected_reason, **{name: row.facts[name] for name in _KEPT_FACTS if name in row.facts}}
        pending = str(node.facts.get("pending_category") or "")
        after = Face(node.status, node.quality_score, node.category[:16], pending, said)
        tell_changes(account.workspace, row, key[0], before, after)


def _templates(account: WhatsAppAccount, nodes: Iterable[Node], at: datetime) -> dict[str, MessageTemplate]:
    categories = {node.name: node.category for node in nodes}
    MessageTemplate.objects.bulk_create(
        [
            MessageTemplate(
                workspace_id=account.workspace_id,
                account=account,
                name=name,
                category=category[:16],
                created_at=at,
                updated_at=at,
            )
            for name, category in categories.items()
        ],
        ignore_conflicts=True,
    )
    return {row.name: row for row in MessageTemplate.objects.filter(account=account, name__in=categories)}


def _free_ids(account: WhatsAppAccount, nodes: Iterable[Node]) -> None:
    """A row whose id Meta now lists under another name or language no longer stands for it: what was bound to it is gone."""
    by_id = {node.meta_id: node for node in nodes}
    rows = TemplateTranslation.objects.filter(meta_id__in=by_id).select_related("template")
    stale = [
        row
        for row in rows
        if (row.template.account_id, row.template.name, row.language)
        != (account.pk, by_id[row.meta_id].name, by_id[row.meta_id].language)
    ]
    for row in stale:
        TemplateTranslation.objects.filter(pk=row.pk).update(meta_id=f"gone-{row.pk}")


def _existing(templates: dict[str, MessageTemplate], by_key: dict[Key, Node]) -> dict[Key, TemplateTranslation]:
    names = {template.pk: name for name, template in templates.items()}
    rows = TemplateTranslation.objects.filter(template__in=names).select_related("version")
    keyed = {(names[row.template_id], row.language): row for row in rows}
    return {key: row for key, row in keyed.items() if key in by_key}


def _facts(row: TemplateTranslation, node: Node) -> dict[str, object]:
    kept = {name: row.facts[name] for name in _KEPT_FACTS if name in row.facts and row.status == node.status}
    told = {_TOLD: row.facts[_TOLD]} if _TOLD in row.facts else {}
    return {**kept, **told, **node.facts}


def _differs(row: TemplateTranslation, node: Node) -> bool:
    return row.status != node.status or any(
        getattr(row, name) != (_facts(row, node) if name == "facts" else getattr(node, name)) for name in _COLUMNS
    )


def _update(existing: dict[Key, TemplateTranslation], by_key: dict[Key, Node], changed: set[Key]) -> None:
    for key in changed:
        row, node = existing[key], by_key[key]
        row.facts = _facts(row, node)
        for name in _COLUMNS[:-1]:
            setattr(row, name, getattr(node, name))
    TemplateTranslation.objects.bulk_create(
        [existing[key] for key in changed],
        update_conflicts=True,
        unique_fields=["template", "language"],
        update_fields=_COLUMNS,
    )


def _create(account: WhatsAppAccount, templates: dict[str, MessageTemplate], fresh: list[Node], at: datetime) -> None:
    TemplateTranslation.objects.bulk_create(
        TemplateTranslation(
            template=templates[node.name],
            workspace_id=account.workspace_id,
            language=node.language,
            meta_id=node.meta_id,
            status=node.status,
            category=node.category[:16],
            parameter_format=node.parameter_format,
            rejected_reason=node.rejected_reason,
            quality_score=node.quality_score,
            facts=node.facts,
            seen_at=at,
            status_changed_at=at,
        )
        for node in fresh
    )


def _move(rows: dict[Key, TemplateTranslation], by_key: dict[Key, Node], at: datetime) -> None:
    targets: dict[str, list[int]] = {}
    for key, row in rows.items():
        if row.status != by_key[key].status:
            targets.setdefault(by_key[key].status, []).append(row.pk)
    for status, ids in targets.items():
        moved = TemplateTranslation.objects.filter(pk__in=ids)
        TEMPLATE.move_all(moved, f"report_{status.lower()}", status_changed_at=at)


def _add_versions(rows: dict[Key, TemplateTranslation], by_key: dict[Key, Node], at: datetime) -> set[Key]:
    """A new version for each row whose content is not the one it has; gives their keys."""
    wanted = {
        key: row
        for key, row in rows.items()
        if row.version is None or row.version.content_hash != by_key[key].content_hash
    }
    if not wanted:
        return set()
    ids = [row.pk for row in wanted.values()]
    counted = TemplateVersion.objects.filter(translation__in=ids).values_list("translation")
    numbers = dict(counted.annotate(last=Max("number")))
    TemplateVersion.objects.bulk_create(
        TemplateVersion(
            translation=row,
            number=numbers.get(row.pk, 0) + 1,
            components=by_key[key].components,
            slots=dump(slots_of(by_key[key].components, by_key[key].parameter_format)),
            content_hash=by_key[key].content_hash,
            created_at=at,
        )
        for key, row in wanted.items()
    )
    newest = TemplateVersion.objects.filter(translation=OuterRef("pk")).order_by("-number").values("pk")[:1]
    TemplateTranslation.objects.filter(pk__in=ids).update(version=Subquery(newest))
    return set(wanted)


def _touch(templates: dict[str, MessageTemplate], names: set[str], by_key: dict[Key, Node], at: datetime) -> None:
    """The logical template carries the category of its languages (they are the same in practice) and the last change."""
    category_of = {name: by_key[name, language].category for name, language in by_key}
    by_category: dict[str, list[int]] = {}
    for name in names:
        by_category.setdefault(category_of[name][:16], []).append(templates[name].pk)
    for category, ids in by_category.items():
        MessageTemplate.objects.filter(pk__in=ids).update(category=category, updated_at=at)
