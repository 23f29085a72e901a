"""Addresses of message templates."""

from django.urls import path

from channels_app.message_templates import views

app_name = "message_templates"
urlpatterns = [
    path("", views.template_list, name="list"),
    path("sync/", views.sync, name="sync"),
    path("sync/status/", views.sync_status, name="sync_status"),
    path("<int:pk>/", views.template_detail, name="detail"),
]
