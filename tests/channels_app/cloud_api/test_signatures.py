"""Signatures against the reference's test vectors."""

import pytest

from channels_app.cloud_api.signatures import appsecret_proof, sign, verify

EMPTY = b'{"object":"whatsapp_business_account","entry":[]}'
ESCAPED = (
    rb'{"object":"whatsapp_business_account","entry":[{"id":"210000000000002","changes":[{"value":'
    rb'{"messaging_product":"whatsapp","note":"caf\u00e9 \ud83d\ude00"},"field":"messages"}]}]}'
)


@pytest.mark.parametrize(
    ("body", "digest"),
    [
        (EMPTY, "bc905fee67e86250e46ead4d1b193c97047125f2d02654205c854126a661a243"),
        (ESCAPED, "73030603e7807807f0847044a4fe5dbe107fd9d8379eb59b778237bb566bef72"),
    ],
)
def test_vectors(body: bytes, digest: str) -> None:
    assert sign("sim_app_secret", body) == f"sha256={digest}"
    assert verify("sim_app_secret", body, f"sha256={digest}")
    assert not verify("sim_app_secret", body + b" ", f"sha256={digest}")


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha1=abc", "sha256=\u00e9", "bc905fee"])
def test_what_is_no_signature(header: str | None) -> None:
    assert not verify("sim_app_secret", EMPTY, header)


def test_empty_secret_verifies_nothing() -> None:
    assert not verify("", EMPTY, sign("", EMPTY))


def test_appsecret_proof_vector() -> None:
    proof = "43cf52eb459a2f80e3f3f67090493a7920fe54ede8b2d77fe26d56f736dbe0ac"
    assert appsecret_proof("sim_app_secret", "EAATESTTOKEN") == proof
