"""The one door: a view fetches by workspace and capability, or the answer is 404.

Strangers get 404 for everything of a workspace; members who lack a capability get 403 with an explanation.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from console.kit.errors import Refused
from console.workspaces import roles
from console.workspaces.models import Membership, User, Workspace

M = TypeVar("M", bound=Model)
LAST_WORKSPACE = "last_workspace_slug"


class WorkspaceRequest(HttpRequest):
    """A request that came through `workspace_view`: the typing of what it carries."""

    user: User
    workspace: Workspace
    membership: Membership
    htmx: Any


View = Callable[..., HttpResponseBase]


def workspace_view(capability: str, *, methods: tuple[str, ...] = ("GET",)) -> Callable[[View], View]:
    """Makes a view of /w/<workspace_slug>/...: sets request.workspace and request.membership, checks the capability.

    Signed out: to the sign-in page. No member: 404. Capability missing: 403. Wrong method: 405. A `Refused`
    raised by the view becomes a page (or part) with its sentence and status. One query for the membership.
    """
    if capability not in roles.CAPABILITIES:
        raise ValueError(f"{capability} is not in the table of roles.")

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: Any, workspace_slug: str, **kwargs: Any) -> HttpResponseBase:
            if request.method not in (*methods, "HEAD", "OPTIONS"):
                return HttpResponse(status=405, headers={"Allow": ", ".join(methods)})
            request.membership = get_object_or_404(
                Membership.objects.select_related("workspace"), user=request.user, workspace__slug=workspace_slug
            )
            request.workspace = request.membership.workspace
            require(request, capability)
            remember(request, request.workspace)
            with timezone.override(zone_of(request.workspace)):
                try:
                    return view(request, **kwargs)
                except Refused as refused:
                    return refusal(request, refused)

        guarded = login_required(wrapped)
        guarded.capability = capability  # type: ignore[attr-defined]  # read by the role matrix test
        guarded.methods = methods  # type: ignore[attr-defined]
        return guarded

    return decorate


def staff_view(view: View) -> View:
    """Makes a view for staff; everybody else gets 404, so that the page's existence stays unknown."""

    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if not getattr(request.user, "is_staff", False):
            raise Http404
        try:
            return view(request, **kwargs)
        except Refused as refused:
            return refusal(request, refused)

    guarded = login_required(wrapped)
    guarded.capability = "staff"  # type: ignore[attr-defined]
    return guarded


def remember(request: Any, workspace: Workspace) -> None:
    """Keeps in the session which workspace the person was in last, so that `/` leads back there."""
    if request.session.get(LAST_WORKSPACE) != workspace.slug:
        request.session[LAST_WORKSPACE] = workspace.slug


def zone_of(workspace: Workspace) -> ZoneInfo:
    """The workspace's time zone: pages show its local times. UTC when the name is unknown to this machine."""
    try:
        return ZoneInfo(workspace.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def require(request: Any, capability: str) -> None:
    """Raises PermissionDenied (403) unless the member's role has the capability. No query."""
    if not roles.can(request.membership.role, capability):
        raise PermissionDenied(capability)


def can(request: Any, capability: str) -> bool:
    """Whether the member of this request has a capability. No query."""
    membership = getattr(request, "membership", None)
    return membership is not None and roles.can(membership.role, capability)


def get(request: Any, source: type[M] | QuerySet[M], **lookup: Any) -> M:
    """One object of the request's workspace, or 404: the same for unknown ids and other workspaces' ids. One query."""
    return get_object_or_404(source, workspace=request.workspace, **lookup)


def refusal(request: Any, refused: Refused) -> HttpResponse:
    """The page (or, for htmx, the alert at the top of the page) that says why something was refused."""
    is_part = bool(getattr(request, "htmx", None)) and not request.htmx.boosted
    response = render(
        request,
        "kit/refused.html#alert" if is_part else "kit/refused.html",
        {"refused": refused},
        status=refused.status,
    )
    if is_part:
        response["HX-Retarget"] = ".wm-page-alerts"
        response["HX-Reswap"] = "innerHTML"
    return response
