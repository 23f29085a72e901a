"""What an expression can read: `profile`, `workspace` and `now`. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from channels_app.content.filters import known_zone
from console.kit import clock

# What profiles always have; attributes come beside them.
PROFILE_FIELDS = ("phone", "external_id", "name", "attributes", "language", "country", "time_zone")
STANDARD = ("name", "first_name", "last_name", "phone", "language", "country", "external_id", "time_zone")


def profile_context(
    profile_values: Mapping[str, Any], *, workspace_name: str = "", now: datetime | None = None
) -> dict[str, Any]:
    """The context of one profile.

    `profile_values` has the columns of a profile that matter here (name, phone, language, country, external_id,
    time_zone, attributes: dict); missing ones count as empty. `now` is given in the person's time zone.
    """
    attributes = profile_values.get("attributes") or {}
    name = str(profile_values.get("name") or attributes.get("name") or "").strip()
    zone = profile_values.get("time_zone") or ""
    profile: dict[str, Any] = {
        **attributes,
        "name": name,
        "first_name": attributes.get("first_name") or name.partition(" ")[0],
        "last_name": attributes.get("last_name") or (name.rpartition(" ")[2] if " " in name else ""),
        "phone": profile_values.get("phone") or "",
        "language": profile_values.get("language") or "",
        "country": profile_values.get("country") or "",
        "external_id": profile_values.get("external_id") or "",
        "time_zone": zone,
    }
    return {
        "profile": profile,
        "workspace": {"name": workspace_name},
        "now": (now or clock.now()).astimezone(known_zone(str(zone))),
    }


def profile_values(profile: Any) -> dict[str, Any]:
    """What expressions read of a loaded profile: the argument of `profile_context`."""
    return {name: getattr(profile, name) for name in PROFILE_FIELDS}


def suggestions(attribute_names: Sequence[str]) -> list[tuple[str, str]]:
    """(expression, what it is) for the chips and the list of an expression field: standard ones first."""
    names = [*STANDARD[:3], "language", "country", "external_id", *(n for n in attribute_names if n not in STANDARD)]
    return [(f"{{{{ profile.{name} }}}}", name.replace("_", " ").capitalize()) for name in names if name.isidentifier()]
