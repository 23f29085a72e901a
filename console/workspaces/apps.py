"""App configuration: the label is part of the database and never changes."""

from importlib import import_module

from django.apps import AppConfig


class WorkspacesConfig(AppConfig):
    name = "console.workspaces"
    label = "workspaces"
    verbose_name = "Workspaces"

    def ready(self) -> None:
        # Its receivers need allauth's models, which are there only now.
        import_module("console.workspaces.sign_in_audit")
