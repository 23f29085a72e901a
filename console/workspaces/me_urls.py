"""Addresses of one's own account: language, theme, workspaces."""

from django.urls import URLPattern

app_name = "me"
urlpatterns: list[URLPattern] = []
