"""Reads of channel configurations and their versions."""

from collections.abc import Sequence

from django.db.models import Count, Prefetch, QuerySet

from channels_app.accounts.models import ChannelConfiguration, ChannelVersion
from console.workspaces.models import Workspace


def channels(workspace: Workspace) -> QuerySet[ChannelConfiguration]:
    """Channel configurations with sender, account, authors and `open_versions` (none or one). Two queries."""
    return (
        ChannelConfiguration.objects.filter(workspace=workspace)
        .select_related("workspace", "phone_number__account", "created_by", "updated_by")
        .prefetch_related(Prefetch("versions", open_versions(), to_attr="open_versions"))
        .order_by("-updated_at", "-id")
    )


def channel_counts(workspace: Workspace) -> dict[str, int]:
    """{status: how many, "": all}; one grouped query."""
    rows = ChannelConfiguration.objects.filter(workspace=workspace).values_list("status").annotate(n=Count("id"))
    counts = dict(rows.order_by())
    return counts | {"": sum(counts.values())}


def open_versions() -> QuerySet[ChannelVersion]:
    return (
        ChannelVersion.objects.exclude(status="passed")
        .select_related("phone_number__account__credentials", "created_by")
        .order_by("-number")
    )


def open_version(channel: ChannelConfiguration) -> ChannelVersion | None:
    """The version that is a draft, on its way or failed; None when the newest one has passed. One query."""
    return open_versions().filter(channel=channel).first()


def versions(channel: ChannelConfiguration) -> Sequence[ChannelVersion]:
    """All versions, newest first. One query."""
    return list(channel.versions.select_related("phone_number__account", "created_by").order_by("-number"))


def tags(workspace: Workspace) -> dict[str, list[int]]:
    """{tag: ids of the configurations that carry it}, by name. One query."""
    found: dict[str, list[int]] = {}
    for pk, carried in ChannelConfiguration.objects.filter(workspace=workspace).values_list("pk", "tags"):
        for tag in carried:
            found.setdefault(str(tag), []).append(pk)
    return dict(sorted(found.items(), key=lambda item: item[0].casefold()))
