"""Addresses of other rooms' pages, by name: home knows every room, no room knows home."""

from django.urls import NoReverseMatch, reverse


def link(name: str, workspace_slug: str, **kwargs: object) -> str:
    """The address of a page of a workspace; empty when no page has this name, so that nothing links to nowhere."""
    try:
        return reverse(name, kwargs={"workspace_slug": workspace_slug, **kwargs})
    except NoReverseMatch:
        return ""
