"""The template versions a sender needs, read once per task and kept ready for building payloads."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from channels_app.content.payload import PayloadError, template_payload
from channels_app.delivery.claims import Claim
from channels_app.message_templates.models import TemplateVersion
from channels_app.message_templates.slots import Slot, slots_of


@dataclass(frozen=True, slots=True)
class _Template:
    name: str
    language: str
    components: list[dict[str, Any]]
    slots: list[Slot]


class Catalog:
    """Builds payloads. `learn` reads versions it has not seen (one query); `payload` never touches the database."""

    def __init__(self) -> None:
        self._templates: dict[int, _Template] = {}

    def learn(self, claims: Iterable[Claim]) -> None:
        wanted = {one.template_version_id for one in claims if one.template_version_id} - self._templates.keys()
        if not wanted:
            return
        versions = TemplateVersion.objects.filter(pk__in=wanted).select_related("translation__template")
        for version in versions:
            translation = version.translation
            self._templates[version.pk] = _Template(
                translation.template.name,
                translation.language,
                version.components,
                slots_of(version.components, translation.parameter_format),
            )

    def payload(self, claim: Claim) -> dict[str, Any]:
        """The body of the send. Raises PayloadError when the message can't be put together."""
        template = self._templates.get(claim.template_version_id or 0)
        if template is None:
            raise PayloadError("template")
        return template_payload(
            recipient=claim.recipient,
            template_name=template.name,
            language=template.language,
            components=template.components,
            slots=template.slots,
            params=claim.params,
            callback_data=claim.callback_data,
        )
