"""Who may open what: every address of the console, by name. A new view needs a row here.

A value is a capability of console.workspaces.roles.CAPABILITIES (a page of a workspace), or
PUBLIC      anybody
SIGNED_IN   anybody who is signed in
STAFF       staff; for everybody else it does not exist
"""

PUBLIC = "public"
SIGNED_IN = "signed-in"
STAFF = "staff"

MATRIX: dict[str, str] = {
    # outside any workspace
    "root:index": SIGNED_IN,
    "root:healthz": PUBLIC,
    "root:readyz": PUBLIC,
    "hooks:whatsapp": PUBLIC,  # Meta: proves itself by the signature
    "me:account": SIGNED_IN,
    "me:language": PUBLIC,  # the sign-in page has the switch too
    "me:theme": SIGNED_IN,
    "me:columns": SIGNED_IN,
    "me:end_sessions": SIGNED_IN,
    "staff:workspaces": STAFF,
    "staff:new_workspace": STAFF,
    "staff:people": STAFF,
    "staff:new_person": STAFF,
    "staff:set_active": STAFF,
    "staff:set_staff": STAFF,
    "staff:styleguide": STAFF,
    # sign-in (allauth)
    "account_login": PUBLIC,
    "account_signup": PUBLIC,  # leads to sign-in
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "account_email": PUBLIC,  # leads to the account page
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "mfa_authenticate": PUBLIC,  # between password and code
    "mfa_login_webauthn": PUBLIC,
    "mfa_index": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    # a workspace: home and settings
    "home:get_started": "workspace.view",
    "home:search": "workspace.view",
    "home:check": "accounts.manage",
    "home:accept_policies": "policies.accept",
    "workspaces:settings": "workspace.manage",
    "workspaces:members": "workspace.manage",
    "workspaces:change_role": "workspace.manage",
    "workspaces:remove_member": "workspace.manage",
    "workspaces:invite_again": "workspace.manage",
    "workspaces:audit": "audit.view",
    # profiles, audiences, imports
    "audiences:profiles": "profiles.view",
    "audiences:profile_new": "profiles.edit",
    "audiences:profiles_bulk": "profiles.edit",
    "audiences:profile": "profiles.view",
    "audiences:profile_edit": "profiles.edit",
    "audiences:profile_test": "profiles.edit",
    "audiences:profile_consent": "profiles.edit",
    "audiences:profile_delete": "profiles.edit",
    "audiences:suppressions": "profiles.view",
    "audiences:suppression_new": "profiles.edit",
    "audiences:suppressions_bulk": "profiles.edit",
    "audiences:list": "audiences.view",
    "audiences:new_list": "audiences.edit",
    "audiences:new_rule": "audiences.edit",
    "audiences:detail": "audiences.view",
    "audiences:edit_rule": "audiences.edit",
    "audiences:members_bulk": "audiences.edit",
    "audiences:recount": "audiences.edit",
    "audiences:archive": "audiences.edit",
    "audiences:imports": "profiles.import",
    "audiences:import_new": "profiles.import",
    "audiences:import": "profiles.import",
    "audiences:import_mapping": "profiles.import",
    "audiences:import_start": "profiles.import",
    "audiences:import_cancel": "profiles.import",
    "audiences:import_refused": "profiles.import",
    # Meta accounts, channels, webhooks
    "accounts:accounts": "accounts.view",
    "accounts:new": "accounts.manage",
    "accounts:access": "accounts.view",
    "accounts:check": "accounts.manage",
    "accounts:renew": "accounts.manage",
    "accounts:delete": "accounts.manage",
    "accounts:senders": "accounts.view",
    "accounts:refresh": "accounts.manage",
    "accounts:webhook": "accounts.view",
    "accounts:subscribe": "accounts.manage",
    "accounts:channels": "accounts.view",
    "accounts:new_channel": "accounts.manage",
    "accounts:channel": "accounts.view",
    "accounts:edit_channel": "accounts.manage",
    "accounts:submit_channel": "accounts.manage",
    "accounts:deactivate_channel": "accounts.manage",
    "webhooks:list": "accounts.view",
    "webhooks:body": "accounts.manage",
    "webhooks:apply_again": "accounts.manage",
    # templates
    "message_templates:list": "templates.view",
    "message_templates:sync": "templates.manage",
    "message_templates:sync_status": "templates.view",
    "message_templates:detail": "templates.view",
    # content
    "content:picker": "campaigns.view",
    "content:preview": "campaigns.view",
    # delivery
    "delivery:message": "delivery.view",
    # campaigns
    "campaigns:list": "campaigns.view",
    "campaigns:create": "campaigns.edit",
    "campaigns:live": "campaigns.view",
    "campaigns:proof": "campaigns.view",
    "campaigns:edit": "campaigns.edit",
    "campaigns:count": "campaigns.view",
    "campaigns:people": "campaigns.view",
    "campaigns:review": "campaigns.view",
    "campaigns:activate": "campaigns.activate",
    "campaigns:pause": "campaigns.activate",
    "campaigns:resume": "campaigns.activate",
    "campaigns:stop": "campaigns.activate",
    "campaigns:release_template": "campaigns.activate",
    "campaigns:unschedule": "campaigns.activate",
    "campaigns:duplicate": "campaigns.edit",
    "campaigns:archive": "campaigns.edit",
}
