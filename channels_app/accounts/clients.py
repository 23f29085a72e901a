"""Clients of the Cloud API for what is stored here."""

from channels_app.accounts.models import ApiCredentials
from channels_app.cloud_api.client import ManagementClient


def management_client(credentials: ApiCredentials) -> ManagementClient:
    """A client with these credentials' token, each call proven with the app secret. Use it with `with`."""
    return ManagementClient(credentials.access_token, credentials.app_secret)


def candidate_client(credentials: ApiCredentials) -> ManagementClient:
    """A client with the token that waits to replace the one that serves, and the app secret it came with."""
    return ManagementClient(credentials.next_access_token, credentials.next_app_secret or credentials.app_secret)
