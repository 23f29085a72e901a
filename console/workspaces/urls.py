"""Addresses of the workspace's settings: members, audit trail."""

from django.urls import path

from console.workspaces import views

app_name = "workspaces"
urlpatterns = [
    path("", views.settings, name="settings"),
    path("members/", views.members, name="members"),
    path("members/<int:pk>/role/", views.change_role, name="change_role"),
    path("members/<int:pk>/remove/", views.remove_member, name="remove_member"),
    path("members/<int:pk>/invite/", views.invite_again, name="invite_again"),
    path("audit/", views.audit_trail, name="audit"),
]
