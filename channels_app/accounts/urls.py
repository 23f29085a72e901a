"""Addresses of the Configure step."""

from django.urls import path

from channels_app.accounts import channel_views, views, webhook_views

app_name = "accounts"
urlpatterns = [
    path("", views.accounts, name="accounts"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.access_page, name="access"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/renew/", views.renew, name="renew"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/senders/", views.senders, name="senders"),
    path("<int:pk>/senders/<int:account_pk>/refresh/", views.refresh, name="refresh"),
    path("<int:pk>/webhook/", webhook_views.webhook, name="webhook"),
    path("<int:pk>/webhook/subscribe/", webhook_views.subscribe, name="subscribe"),
    path("channels/", channel_views.channels, name="channels"),
    path("channels/new/", channel_views.new, name="new_channel"),
    path("channels/<int:pk>/", channel_views.channel, name="channel"),
    path("channels/<int:pk>/edit/", channel_views.edit, name="edit_channel"),
    path("channels/<int:pk>/submit/", channel_views.submit, name="submit_channel"),
    path("channels/<int:pk>/deactivate/", channel_views.deactivate, name="deactivate_channel"),
]
