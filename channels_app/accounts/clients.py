"""Clients of the Cloud API for what is stored here."""

from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient


def management_client(credentials: ApiCredentials) -> ManagementClient:
    """A client with these credentials' token, each call proven with the app secret. Use it with `with`."""
    return ManagementClient(credentials.access_token, credentials.app_secret)
