"""The one address of the kit: it keeps a person's choice of columns. Mount it as `kit:columns` or any other name."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from console.kit.lists import keep_columns


@login_required
@require_POST
def save_columns(request: HttpRequest) -> HttpResponse:
    """Keeps the posted `columns` for the list `key`, then returns to `next`."""
    key, following = request.POST.get("key", ""), request.POST.get("next", "/")
    if not key or len(key) > 60:
        return HttpResponseBadRequest()
    chosen = [name for name in request.POST.getlist("columns")[:50] if len(name) <= 60]
    keep_columns(request.user, key, chosen)
    is_ours = url_has_allowed_host_and_scheme(following, {request.get_host()}, require_https=request.is_secure())
    return HttpResponseRedirect(following if is_ours else "/")
