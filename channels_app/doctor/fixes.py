"""What to press when a check did not pass: a page of this workspace, a page at Meta, or a command to copy."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Fix:
    """One way out. `capability` is what the page it leads to asks for."""

    label: Text
    url_name: str = ""
    is_of_credentials: bool = False
    capability: str = ""
    url: str = ""
    command: str = ""


FIXES: dict[str, Fix] = {
    "add_credentials": Fix(_("Add credentials"), "accounts:new", capability="accounts.manage"),
    "access": Fix(_("Open credentials"), "accounts:access", True, "accounts.view"),
    "senders": Fix(_("Open accounts"), "accounts:senders", True, "accounts.view"),
    "webhook": Fix(_("Open webhook"), "accounts:webhook", True, "accounts.view"),
    "accounts": Fix(_("Open Meta accounts"), "accounts:accounts", capability="accounts.view"),
    "channels": Fix(_("Open channels"), "accounts:channels", capability="accounts.view"),
    "webhooks": Fix(_("Open webhooks"), "webhooks:list", capability="accounts.view"),
    "templates": Fix(_("Open templates"), "message_templates:list", capability="templates.view"),
    "get_started": Fix(_("Open Get started"), "home:get_started", capability="workspace.view"),
    "import": Fix(_("Import people"), "audiences:import_new", capability="profiles.import"),
    "alerts": Fix(_("Choose what to hear of"), "alerts:subscriptions", capability="workspace.view"),
    "endpoints": Fix(_("Open outgoing webhooks"), "alerts:endpoints", capability="workspace.manage"),
    "billing": Fix(_("Open Meta's billing"), url="https://business.facebook.com/billing_hub"),
    "migrate": Fix(_("Copy the command"), command="python manage.py migrate"),
    "workers": Fix(_("Copy the command"), command="python manage.py workers"),
    "sync_schedules": Fix(_("Copy the command"), command="python manage.py sync_schedules"),
}


def url_of(result: Mapping[str, Any], slug: str) -> str:
    """The address of a result's fix; empty when it is a command, or when there is none."""
    fix = FIXES.get(str(result.get("fix") or ""))
    if fix is None:
        return ""
    if not fix.url_name:
        return fix.url
    if fix.is_of_credentials and result.get("fix_pk") is None:
        return ""
    kwargs: dict[str, Any] = {"workspace_slug": slug}
    if fix.is_of_credentials:
        kwargs["pk"] = result["fix_pk"]
    try:
        return reverse(fix.url_name, kwargs=kwargs)
    except NoReverseMatch:
        return ""
