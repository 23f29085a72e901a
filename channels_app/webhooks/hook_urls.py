"""Addresses that Meta posts to."""

from django.urls import path

from channels_app.webhooks import hook_views

app_name = "hooks"
urlpatterns = [path("whatsapp/<uuid:webhook_key>/", hook_views.whatsapp, name="whatsapp")]
