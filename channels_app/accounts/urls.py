"""Addresses of the Configure step."""

from django.urls import path

from channels_app.accounts import channel_views, number_views, sender_views, views, webhook_views

app_name = "accounts"
urlpatterns = [
    path("", views.accounts, name="accounts"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.access_page, name="access"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/renew/", views.renew, name="renew"),
    path("<int:pk>/renew/retry/", views.retry, name="retry"),
    path("<int:pk>/renew/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/delete/", views.delete, name="delete"),
    path("<int:pk>/senders/", sender_views.senders, name="senders"),
    path("<int:pk>/senders/choose/", sender_views.choose_senders, name="choose_senders"),
    path("<int:pk>/senders/<int:account_pk>/refresh/", sender_views.refresh, name="refresh"),
    path("<int:pk>/webhook/", webhook_views.webhook, name="webhook"),
    path("<int:pk>/webhook/subscribe/", webhook_views.subscribe, name="subscribe"),
    path("<int:pk>/webhook/read/", webhook_views.read, name="read_webhook"),
    path("<int:pk>/webhook/override/", webhook_views.override, name="override"),
    path("<int:pk>/webhook/remove-override/", webhook_views.remove_override, name="remove_override"),
    path("<int:pk>/webhook/unsubscribe/", webhook_views.unsubscribe, name="unsubscribe"),
    path("<int:pk>/webhook/disconnect/", webhook_views.disconnect, name="disconnect_webhook"),
    path("<int:pk>/webhook/silence/", webhook_views.silence, name="silence"),
    path("numbers/", number_views.numbers, name="numbers"),
    path("numbers/new/", number_views.new, name="new_number"),
    path("numbers/<int:pk>/", number_views.number, name="number"),
    path("numbers/<int:pk>/request-code/", number_views.request_code, name="request_code"),
    path("numbers/<int:pk>/verify-code/", number_views.verify_code, name="verify_code"),
    path("numbers/<int:pk>/register/", number_views.register, name="register_number"),
    path("numbers/<int:pk>/deregister/", number_views.deregister, name="deregister_number"),
    path("numbers/<int:pk>/pin/", number_views.set_pin, name="set_pin"),
    path("numbers/<int:pk>/refresh/", number_views.refresh, name="refresh_number"),
    path("channels/", channel_views.channels, name="channels"),
    path("channels/new/", channel_views.new, name="new_channel"),
    path("channels/<int:pk>/", channel_views.channel, name="channel"),
    path("channels/<int:pk>/edit/", channel_views.edit, name="edit_channel"),
    path("channels/<int:pk>/submit/", channel_views.submit, name="submit_channel"),
    path("channels/<int:pk>/deactivate/", channel_views.deactivate, name="deactivate_channel"),
    path("channels/<int:pk>/discard/", channel_views.discard, name="discard_channel_update"),
    path("channels/<int:pk>/back/<int:number>/", channel_views.go_back, name="go_back_channel"),
]
