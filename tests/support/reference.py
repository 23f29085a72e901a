"""Where the reference files are that stand beside a developer's checkout; a user's machine has none of them."""

import os
from pathlib import Path

_BESIDE = Path(__file__).resolve().parents[3] / "shared" / "reference"
REFERENCE = Path(os.environ.get("WAYMARK_REFERENCE_DIR", _BESIDE))
OPENAPI = REFERENCE / "business-messaging-api_v23.0.yaml"
CLOUD_API = REFERENCE / "meta-cloud-api.md"
