"""What can be refused about people and workspaces.

Refused
├── LastOwner           a workspace always keeps one active owner
├── LastStaff           the installation always keeps one active staff member
├── OneselfRefused      nobody locks themselves out by mistake
├── AddressTaken        a workspace has this address already
└── AlreadyMember       the person is a member already
"""

from django.utils.translation import gettext_lazy as _

from console.kit.errors import Refused


class LastOwner(Refused):
    def __init__(self) -> None:
        super().__init__(
            "workspaces.last_owner",
            _("A workspace always keeps one owner. Make somebody else an owner first, then change this one."),
        )


class LastStaff(Refused):
    def __init__(self) -> None:
        super().__init__(
            "workspaces.last_staff",
            _("Somebody has to run this installation. Give staff rights to another person first."),
        )


class OneselfRefused(Refused):
    def __init__(self) -> None:
        super().__init__(
            "workspaces.oneself", _("You can't do this to your own account. Ask another staff member to do it.")
        )


class AddressTaken(Refused):
    def __init__(self, slug: str) -> None:
        super().__init__(
            "workspaces.address_taken",
            _("Another workspace has the address “%(slug)s”. Choose a different one.") % {"slug": slug},
        )


class AlreadyMember(Refused):
    def __init__(self, person: str) -> None:
        super().__init__(
            "workspaces.already_member",
            _("%(person)s is a member already. Change the role in the list instead.") % {"person": person},
        )
