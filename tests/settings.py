"""The settings of the tests: the real ones, with a data directory, a Redis database and a cache of each test process's own."""

import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
os.environ.setdefault(
    "WAYMARK_DATA_DIR", str(Path(tempfile.gettempdir()) / f"waymark-tests-{os.getuid()}" / str(_worker))
)
if os.environ.get("REDIS_URL"):
    # Two test processes on one Redis database would answer each other's bell.
    _redis = urlsplit(os.environ["REDIS_URL"])
    os.environ["REDIS_URL"] = _redis._replace(path=f"/{int(_redis.path.strip('/') or 0) + _worker}").geturl()

from console.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
