"""The map: includes only. Everything of a workspace lives under /w/<workspace_slug>/."""

from django.urls import include, path

workspace_patterns = [
    path("", include("console.home.urls")),
    path("", include("console.audiences.urls")),
    path("configure/", include("channels_app.accounts.urls")),
    path("templates/", include("channels_app.message_templates.urls")),
    path("content/", include("channels_app.content.urls")),
    path("messages/", include("channels_app.delivery.urls")),
    path("webhooks/", include("channels_app.webhooks.urls")),
    path("doctor/", include("channels_app.doctor.urls")),
    path("campaigns/", include("campaigns.urls")),
    path("alerts/", include("console.alerts.urls")),
    path("settings/", include("console.workspaces.urls")),
]

urlpatterns = [
    path("", include("console.home.root_urls")),
    path("w/<slug:workspace_slug>/", include(workspace_patterns)),
    path("accounts/", include("console.workspaces.account_urls")),
    path("me/", include("console.workspaces.me_urls")),
    path("staff/", include("console.workspaces.staff_urls")),
    path("hooks/", include("channels_app.webhooks.hook_urls")),
]

handler400 = "console.home.errors.bad_request"
handler403 = "console.home.errors.permission_denied"
handler404 = "console.home.errors.page_not_found"
handler429 = "console.home.errors.too_many_requests"  # allauth asks for it
handler500 = "console.home.errors.server_error"
