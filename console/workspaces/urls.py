"""Addresses of the workspace's settings: members, audit trail."""

from django.urls import URLPattern

app_name = "workspaces"
urlpatterns: list[URLPattern] = []
