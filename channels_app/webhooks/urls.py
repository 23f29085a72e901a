"""Addresses of the webhook vault inside a workspace."""

from django.urls import path

from channels_app.webhooks import views

app_name = "webhooks"
urlpatterns = [
    path("", views.vault, name="list"),
    path("<int:pk>/", views.body, name="body"),
    path("items/<int:pk>/apply/", views.apply_again, name="apply_again"),
]
