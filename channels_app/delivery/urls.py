"""Addresses of single messages of the ledger, below /w/<workspace_slug>/messages/."""

from django.urls import path

from channels_app.delivery import views

app_name = "delivery"
urlpatterns = [path("<int:pk>/", views.message, name="message")]
