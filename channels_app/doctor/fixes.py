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
    of: str = ""  # "credentials" or "number": whose page it is
    capability: str = ""
    url: str = ""
    command: str = ""


FIXES: dict[str, Fix] = {
    "add_credentials": Fix(_("Add credentials"), "accounts:new", capability="accounts.manage"),
    "access": Fix(_("Open credentials"), "accounts:access", "credentials", "accounts.view"),
    "senders": Fix(_("Open accounts"), "accounts:senders", "credentials", "accounts.view"),
    "webhook": Fix(_("Open webhook"), "accounts:webhook", "credentials", "accounts.view"),
    "number": Fix(_("Open number"), "accounts:number", "number", "accounts.view"),
    "watch": Fix(_("Open connection"), "webhooks:watch", "credentials", "accounts.view"),
    "self_test": Fix(_("Run the self-test"), "webhooks:watch", "credentials", "accounts.manage"),
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
    kwargs: dict[str, Any] = {"workspace_slug": slug}
    if fix.of:
        kwargs["pk"] = (result.get("pks") or {}).get(fix.of)
    try:
        return reverse(fix.url_name, kwargs=kwargs)
    except NoReverseMatch:
        return ""
