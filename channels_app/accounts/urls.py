"""Addresses of the Configure step."""

from django.urls import URLPattern

app_name = "accounts"
urlpatterns: list[URLPattern] = []
