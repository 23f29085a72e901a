"""What is done to a content: made, given a template, bound."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from channels_app.content.liquid import ExpressionError, compile_expression
from channels_app.content.models import Content
from channels_app.message_templates import slots
from channels_app.message_templates.models import TemplateVersion
from console.kit import clock
from console.kit.errors import Refused
from console.workspaces import audit
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace

# What newcomers mean nearly always: a slot of this name is bound to the attribute of the same name.
_KNOWN = {"first_name", "last_name", "name", "language", "country", "external_id"}
Bindings = dict[str, dict[str, str]]


class ForeignTemplate(Refused):
    """The template version belongs to another workspace."""

    status = 404


def create_content(
    *,
    actor: Actor,
    workspace: Workspace,
    version: TemplateVersion | None = None,
    bindings: Mapping[str, Any] | None = None,
) -> Content:
    """A content, with or without a template; bindings are as `bind` wants them. One INSERT and the audit entry."""
    if version is not None:
        _require_own(workspace, version)
    kept = _kept(version, bindings or {}) if bindings is not None else suggested_bindings(version)
    _check(kept)
    with transaction.atomic():
        content = Content.objects.create(workspace=workspace, version=version, bindings=kept, updated_at=clock.now())
        audit.record(actor, workspace, "content.create", content, _facts(version, kept))
    return content


def choose_template(*, actor: Actor, workspace: Workspace, content: Content, version: TemplateVersion) -> Content:
    """Gives a content another template (or its newer version): bindings of slots that both have are kept."""
    _require_own(workspace, version)
    bindings = rebind(content.bindings, version)
    before = content.version_id
    with transaction.atomic():
        _write(content, version=version, bindings=bindings)
        audit.record(actor, workspace, "content.choose_template", content, {"version": [before, version.pk]})
    return content


def bind(*, actor: Actor, workspace: Workspace, content: Content, bindings: Mapping[str, Any]) -> Content:
    """Binds slots: {slot key: {"expression": Liquid, "fallback": text}}, keys the template does not have are dropped.

    Raises ExpressionError (422) when an expression can't be used; nothing is changed then.
    """
    kept = _kept(content.version, bindings)
    _check(kept)
    changed = sorted(key for key in {*kept, *content.bindings} if kept.get(key) != content.bindings.get(key))
    if not changed:
        return content
    with transaction.atomic():
        _write(content, bindings=kept)
        audit.record(actor, workspace, "content.bind", content, {"slots": changed})
    return content


def suggested_bindings(version: TemplateVersion | None) -> Bindings:
    """First bindings of a template just chosen: slots named like a standard attribute are bound to it. No query."""
    if version is None:
        return {}
    return {
        slot.key: {"expression": f"{{{{ profile.{slot.name} }}}}", "fallback": ""}
        for slot in slots.load(version.slots)
        if slot.name in _KNOWN
    }


def rebind(bindings: Mapping[str, Any], version: TemplateVersion) -> Bindings:
    """The bindings that still fit another version, and suggestions for its other slots. No query."""
    return {**suggested_bindings(version), **_kept(version, bindings)}


def _kept(version: TemplateVersion | None, bindings: Mapping[str, Any]) -> Bindings:
    keys = {slot.key for slot in slots.load(version.slots) if not slot.same_as} if version else set()
    return {
        key: {name: str(binding.get(name) or "") for name in ("expression", "fallback")}
        for key, binding in bindings.items()
        if key in keys and isinstance(binding, Mapping) and (binding.get("expression") or binding.get("fallback"))
    }


def _check(bindings: Bindings) -> None:
    for key, binding in bindings.items():
        try:
            compile_expression(binding["expression"])
        except ExpressionError as error:
            sentence = f"{key}: {error.sentence}"
            raise ExpressionError(error.code, sentence, position=error.position) from None


def _write(content: Content, **fields: object) -> None:
    fields["updated_at"] = clock.now()
    Content.objects.filter(pk=content.pk).update(**fields)
    for name, value in fields.items():
        setattr(content, name, value)


def _facts(version: TemplateVersion | None, bindings: Bindings) -> dict[str, Any]:
    return {"version": version.pk if version else None, "slots": sorted(bindings)}


def _require_own(workspace: Workspace, version: TemplateVersion) -> None:
    if version.translation.workspace_id != workspace.pk:
        raise ForeignTemplate("content.foreign_template", _("There is no such template in this workspace."))
