"""App configuration: the label is part of the database and never changes."""

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "console.workspaces"
    label = "workspaces"
    verbose_name = "Workspaces"
