"""Addresses of the workspace's own pages: get started, search."""

from django.urls import path

from console.home import views

app_name = "home"
urlpatterns = [
    path("", views.get_started, name="get_started"),
    path("check/", views.check, name="check"),
    path("policies/", views.accept, name="accept_policies"),
    path("search", views.search, name="search"),
]
