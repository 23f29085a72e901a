"""Addresses of profiles, suppressions, audiences and imports, below /w/<workspace_slug>/."""

from django.urls import path

from console.audiences.views import audiences, imports, merges, phone_fields, profiles, suppressions

app_name = "audiences"
urlpatterns = [
    path("profiles/", profiles.profiles, name="profiles"),
    path("profiles/new/", profiles.profile_new, name="profile_new"),
    path("profiles/bulk/", profiles.profiles_bulk, name="profiles_bulk"),
    path("profiles/<int:pk>/", profiles.profile, name="profile"),
    path("profiles/<int:pk>/edit/", profiles.profile_edit, name="profile_edit"),
    path("profiles/<int:pk>/test/", profiles.profile_test, name="profile_test"),
    path("profiles/<int:pk>/consent/", profiles.profile_consent, name="profile_consent"),
    path("profiles/<int:pk>/delete/", profiles.profile_delete, name="profile_delete"),
    path("profiles/duplicates/", merges.duplicates, name="duplicates"),
    path("profiles/<int:pk>/merge/", merges.merge_find, name="merge_find"),
    path("profiles/<int:pk>/merge/<int:other>/", merges.merge, name="merge"),
    path("profiles/merges/<int:pk>/undo/", merges.merge_undo, name="merge_undo"),
    path("suppressions/", suppressions.suppressions, name="suppressions"),
    path("suppressions/new/", suppressions.suppression_new, name="suppression_new"),
    path("suppressions/bulk/", suppressions.suppressions_bulk, name="suppressions_bulk"),
    path("settings/phone-fields/", phone_fields.phone_fields, name="phone_fields"),
    path("audiences/", audiences.audience_list, name="list"),
    path("audiences/new/list/", audiences.new_list, name="new_list"),
    path("audiences/new/rule/", audiences.new_rule, name="new_rule"),
    path("audiences/<int:pk>/", audiences.detail, name="detail"),
    path("audiences/<int:pk>/rule/", audiences.edit_rule, name="edit_rule"),
    path("audiences/<int:pk>/members/", audiences.members_bulk, name="members_bulk"),
    path("audiences/<int:pk>/recount/", audiences.recount, name="recount"),
    path("audiences/<int:pk>/archive/", audiences.archive, name="archive"),
    path("imports/", imports.imports, name="imports"),
    path("imports/new/", imports.import_new, name="import_new"),
    path("imports/<int:pk>/", imports.import_detail, name="import"),
    path("imports/<int:pk>/mapping/", imports.import_mapping, name="import_mapping"),
    path("imports/<int:pk>/start/", imports.import_start, name="import_start"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/refused.csv", imports.import_refused, name="import_refused"),
]
