"""Refuses a request that is larger than any file may be before its body is read, whoever sends it."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

SLACK_BYTES = 1024 * 1024  # the form's other fields and the multipart frame


class SizeLimit(FileUploadHandler):
    """Stands first among the upload handlers: raises RequestDataTooBig (400) by the declared length, keeps nothing itself.

    Forms are parsed for the CSRF token, so this also stops people who are not signed in from filling the disk.
    """

    def handle_raw_input(self, *arguments: Any) -> None:
        """(input, headers, length, boundary, encoding), as Django's parser passes them."""
        if arguments[2] > settings.IMPORT_MAX_BYTES + SLACK_BYTES:
            raise RequestDataTooBig("The request is larger than the largest file.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
