"""Addresses outside any workspace: the root, health."""

from django.urls import path

from console.home import health, views

app_name = "root"
urlpatterns = [
    path("", views.index, name="index"),
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
]
