"""Static files: hashed names where they were collected (production), plain ones where not (laptop, tests)."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which needs no `collectstatic` before the first page."""

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.hashed_files else name
