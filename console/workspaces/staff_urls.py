"""Addresses for staff, who run the installation."""

from django.urls import URLPattern

app_name = "staff"
urlpatterns: list[URLPattern] = []
