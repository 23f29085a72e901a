"""What people paste."""

import pytest

from channels_app.accounts.cleaning import clean_id, clean_secret
from console.kit.errors import Refused


@pytest.mark.parametrize(
    "raw",
    [
        "210000000000002",
        " 210 000 000 000 002\n",
        "\u200b210000000000002\u00a0",
        "\u2068210000000000002\u2069",  # isolates, from a right-to-left page
        "\ufeff2100\u00ad0000\t0000002\r\n",
        "２１００００００００００００２",  # typed with a Korean or Japanese keyboard
    ],
)
def test_ids_lose_spaces(raw: str) -> None:
    assert clean_id(raw) == "210000000000002"


@pytest.mark.parametrize(
    "raw", ["", " ", "abc", "+15550001111", "＋1555", "12a", "1.2", "-12", "1e5", "٣٤", "²", "1" * 33, "<b>1</b>"]
)
def test_what_is_no_id(raw: str) -> None:
    with pytest.raises(Refused):
        clean_id(raw)


def test_secrets_are_trimmed_and_never_joined() -> None:
    assert clean_secret("  EAAB\u200b\n") == "EAAB"
    for raw in ("", "EAA B", "EAA\nB", "é", "x" * 2001):
        with pytest.raises(Refused):
            clean_secret(raw)
