"""Static files: hashed names in production, plain ones where nothing was collected yet."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class Storage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage; falls back to plain names without a manifest (laptop, tests)."""

    manifest_strict = False
