"""The navigation of a workspace: from the role table, so that nobody sees what they may not open."""

from typing import Any

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Context for the shell: sections and items of the workspace that the request is in."""
    return {}
