"""Addresses of the webhook vault inside a workspace."""

from django.urls import path

from channels_app.webhooks import replay_views, views, watch_views

app_name = "webhooks"
urlpatterns = [
    path("", views.vault, name="list"),
    path("<int:pk>/", views.body, name="body"),
    path("items/<int:pk>/apply/", views.apply_again, name="apply_again"),
    path("connections/<int:pk>/", watch_views.watch, name="watch"),
    path("connections/<int:pk>/test/", watch_views.start_test, name="start_test"),
    path("replays/", replay_views.replays, name="replays"),
    path("replays/<int:pk>/", replay_views.replay, name="replay"),
    path("replays/<int:pk>/cancel/", replay_views.cancel_replay, name="cancel_replay"),
]
