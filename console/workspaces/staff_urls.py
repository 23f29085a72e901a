"""Addresses for staff, who run the installation."""

from django.urls import path

from console.kit.styleguide import styleguide
from console.workspaces import staff_views
from console.workspaces.access import staff_view

app_name = "staff"
urlpatterns = [
    path("", staff_views.workspaces, name="workspaces"),
    path("workspaces/new/", staff_views.new_workspace, name="new_workspace"),
    path("styleguide/", staff_view(styleguide), name="styleguide"),
    path("people/", staff_views.people_list, name="people"),
    path("people/new/", staff_views.new_person, name="new_person"),
    path("people/<int:pk>/active/", staff_views.set_active, name="set_active"),
    path("people/<int:pk>/staff/", staff_views.set_staff, name="set_staff"),
]
