"""Every environment variable is documented, and nothing is documented that does not exist."""

import re
from pathlib import Path

from django.conf import settings

from console.environment import env

DOCUMENT = Path(settings.BASE_DIR) / "docs" / "settings.md"


def test_the_document_and_the_settings_name_the_same_variables() -> None:
    documented = set(re.findall(r"^#{2,4} `([A-Z][A-Z0-9_]+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert documented == env.names
