"""Addresses of single messages of the ledger."""

from django.urls import URLPattern

app_name = "delivery"
urlpatterns: list[URLPattern] = []
