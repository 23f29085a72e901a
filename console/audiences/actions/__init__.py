"""Everything that can be done to profiles, consent, audiences and imports; one function per verb."""

from console.audiences.actions.audiences import (
    add_people,
    archive_audience,
    change_members,
    count_audience,
    create_list,
    remove_people,
    save_rule_audience,
)
from console.audiences.actions.consent import record_consent, refresh_consent, suppress, unsuppress
from console.audiences.actions.identities import learn_identities, unexplained
from console.audiences.actions.imports import (
    cancel_import,
    configure_import,
    start_import,
    upload_file,
)
from console.audiences.actions.merging import keep_apart, merge_profiles
from console.audiences.actions.profiles import delete_profile, save_profile, set_test_flag
from console.audiences.actions.unmerging import undo_merge

__all__ = [
    "add_people",
    "archive_audience",
    "cancel_import",
    "change_members",
    "configure_import",
    "count_audience",
    "create_list",
    "delete_profile",
    "keep_apart",
    "learn_identities",
    "merge_profiles",
    "record_consent",
    "refresh_consent",
    "remove_people",
    "save_profile",
    "save_rule_audience",
    "set_test_flag",
    "start_import",
    "suppress",
    "undo_merge",
    "unexplained",
    "unsuppress",
    "upload_file",
]
