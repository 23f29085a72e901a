"""Addresses of content previews."""

from django.urls import URLPattern

app_name = "content"
urlpatterns: list[URLPattern] = []
