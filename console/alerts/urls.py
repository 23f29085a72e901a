"""Addresses of the notification centre inside a workspace."""

from django.urls import path

from console.alerts import endpoint_views, views

app_name = "alerts"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("bell/", views.bell, name="bell"),
    path("read/", views.mark_all_read, name="mark_all_read"),
    path("<int:pk>/go/", views.go, name="go"),
    path("<int:pk>/read/", views.mark_read, name="mark_read"),
    path("subscriptions/", views.subscriptions, name="subscriptions"),
    path("subscriptions/reset/", views.reset_subscriptions, name="reset_subscriptions"),
    path("webhooks/", endpoint_views.endpoints, name="endpoints"),
    path("webhooks/new/", endpoint_views.new_endpoint, name="new_endpoint"),
    path("webhooks/<int:pk>/", endpoint_views.endpoint, name="endpoint"),
    path("webhooks/<int:pk>/edit/", endpoint_views.edit_endpoint, name="edit_endpoint"),
    path("webhooks/<int:pk>/switch/", endpoint_views.switch_endpoint, name="switch_endpoint"),
    path("webhooks/<int:pk>/secret/", endpoint_views.roll_secret, name="roll_secret"),
    path("webhooks/<int:pk>/test/", endpoint_views.try_endpoint, name="try_endpoint"),
    path("webhooks/<int:pk>/delete/", endpoint_views.delete_endpoint, name="delete_endpoint"),
    path("deliveries/<int:pk>/again/", endpoint_views.send_again, name="send_again"),
]
