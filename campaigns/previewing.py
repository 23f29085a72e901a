"""The phone beside composer and review: the campaign's message as a chosen test profile will see it."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from campaigns import queries
from campaigns.models import Campaign
from channels_app.content.preview import version_preview
from channels_app.message_templates.models import TemplateVersion
from console.audiences.models import Profile


def previews(
    request: HttpRequest,
    campaign: Campaign,
    *,
    version: TemplateVersion | None = None,
    bindings: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Context of the preview: `test_profiles`, the chosen `preview_profile`, its neighbours, and `phone`. One query.

    `version` and `bindings` stand in for what is saved while somebody edits.
    """
    profiles = queries.test_profiles(campaign.workspace)
    wanted = request.POST.get("as") or request.GET.get("as") or ""
    at = next((at for at, profile in enumerate(profiles) if str(profile.pk) == wanted), 0)
    chosen = profiles[at] if profiles else None
    version = version or campaign.content.version
    phone = _phone(campaign, version, campaign.content.bindings if bindings is None else bindings, chosen)
    return {
        "test_profiles": profiles,
        "preview_profile": chosen,
        "preview_position": at + 1,
        "preview_previous": profiles[at - 1] if profiles else None,
        "preview_next": profiles[(at + 1) % len(profiles)] if profiles else None,
        "phone": phone,
    }


def _phone(
    campaign: Campaign, version: TemplateVersion | None, bindings: dict[str, Any], profile: Profile | None
) -> dict[str, Any]:
    if version is None:
        return {}
    channel = campaign.channel_configuration
    return version_preview(
        version,
        bindings,
        profile_values(profile) if profile else {},
        workspace_name=campaign.workspace.name,
        business_name=channel.phone_number.verified_name if channel else campaign.workspace.name,
        time=timezone.localtime(campaign.starts_at).strftime("%H:%M"),
    )


def profile_values(profile: Profile) -> dict[str, Any]:
    """What expressions read of a profile, as the preparation reads it."""
    names = ("id", "phone", "external_id", "bsuid", "name", "attributes", "language", "country", "time_zone", "is_test")
    return {name: getattr(profile, name) for name in names}
