"""`manage.py bootstrap`: the first staff member and workspace of a fresh installation."""

import os
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction

from console.workspaces import actions, people
from console.workspaces.actors import Actor
from console.workspaces.invitations import set_password_link
from console.workspaces.models import Workspace


class Command(BaseCommand):
    help = (
        "Make the first staff member, who also owns the first workspace. Run it again and nothing changes. "
        "Without a password, the link to set one is printed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True, help="the person's e-mail address")
        parser.add_argument("--name", default="", help="the person's name")
        parser.add_argument("--workspace", default="", help="name of the first workspace; without it none is made")
        secret = parser.add_mutually_exclusive_group()
        secret.add_argument("--password-file", help="a file that holds the password")
        secret.add_argument("--password-env", help="the environment variable that holds the password")

    def handle(self, *args: Any, **options: Any) -> None:
        password = self._password(options)
        try:
            validate_email(options["email"])
            if password is not None:
                validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        actor = Actor.system("bootstrap")
        with transaction.atomic():
            person = people.create_person(
                actor=actor, email=options["email"], name=options["name"], is_staff=True, password=password
            ).person
            if not person.is_staff:
                people.set_staff(actor=actor, person=person, is_staff=True)
            name = options["workspace"].strip()
            if name and not Workspace.objects.filter(name=name).exists():
                actions.create_workspace(actor=actor, name=name, owner=person)
        self.stdout.write(f"{person.email} runs this installation.")
        if not person.has_usable_password():
            self.stdout.write(f"Set a password here: {set_password_link(person)}")

    def _password(self, options: dict[str, Any]) -> str | None:
        if options["password_file"]:
            try:
                return Path(options["password_file"]).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise CommandError(f"The password file can't be read: {error}") from error
        if options["password_env"]:
            password = os.environ.get(options["password_env"], "")
            if not password:
                raise CommandError(f"The environment variable {options['password_env']} is empty.")
            return password
        return None
