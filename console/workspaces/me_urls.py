"""Addresses of one's own account: language, theme, sessions."""

from django.urls import path

from console.kit.views import save_columns
from console.workspaces import me_views

app_name = "me"
urlpatterns = [
    path("", me_views.account, name="account"),
    path("language", me_views.language, name="language"),
    path("theme", me_views.theme, name="theme"),
    path("columns", save_columns, name="columns"),
    path("sessions/end", me_views.end_sessions, name="end_sessions"),
]
