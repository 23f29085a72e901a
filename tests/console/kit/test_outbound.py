"""The door to addresses that a customer typed, against a real HTTP server on this machine."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from console.kit import outbound
from tests.support.receiver import Server

NAME = "hooks.example"


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Says what a name resolves to; the list that comes back tells what was asked."""

    def resolve_to(*answers: list[str]) -> list[str]:
        asked: list[str] = []

        def getaddrinfo(host: str, port: int, *_args: object, **_options: object) -> list[Any]:
            found = answers[min(len(asked), len(answers) - 1)]
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    return resolve_to


@pytest.fixture(autouse=True)
def _strict(settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = False


def test_posts_body_and_headers_and_gives_the_answer(server: Server) -> None:
    server.status, server.body = 202, b'{"taken": true}'
    answer = outbound.post(
        f"http://127.0.0.1:{server.port}/in?a=b#c", b"{}", {"Waymark-Id": "7"}, timeout_s=5, allow_private=True
    )
    assert (answer.status, answer.body, answer.is_success) == (202, b'{"taken": true}', True)
    assert answer.took_ms >= 0
    command, path, headers, body = server.seen[0]
    assert (command, path, body) == ("POST", "/in?a=b", b"{}")
    assert headers["waymark-id"] == "7" and headers["host"] == f"127.0.0.1:{server.port}"
    assert headers["accept-encoding"] == "identity" and headers["user-agent"] == "waymark"


def test_get_and_a_status_of_refusal_are_answers(server: Server) -> None:
    server.status = 410
    answer = outbound.get(f"http://127.0.0.1:{server.port}/", timeout_s=5, allow_private=True)
    assert answer.status == 410 and not answer.is_success


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:{port}/", "private"),
        ("http://[::ffff:127.0.0.1]:{port}/", "private"),
        ("http://2130706433:{port}/", "private"),
        ("http://localhost:{port}/", "private"),
        ("http://169.254.169.254/latest/meta-data/", "private"),
        ("http://[::ffff:169.254.169.254]/", "private"),
        ("file:///etc/passwd", "scheme"),
        ("ftp://files.example/", "scheme"),
        ("gopher://127.0.0.1:{port}/", "scheme"),
        ("//hooks.example/", "scheme"),
        ("", "scheme"),
        ("http://ada:secret@hooks.example/", "credentials"),
        ("https:///path", "no_host"),
        ("http://hooks.example:99999/", "unreadable"),
        ("http://hooks.example\n/", "unreadable"),
    ],
)
def test_other_addresses_are_refused_before_anything_is_sent(server: Server, url: str, code: str) -> None:
    url = url.format(port=server.port)
    for call in (lambda: outbound.post(url, b"", timeout_s=2), lambda: outbound.judge(url)):
        with pytest.raises(outbound.AddressRefused) as refused:
            call()
        assert refused.value.code == code
        assert "secret" not in str(refused.value)
    assert server.seen == []


def test_a_name_that_leads_into_a_private_network_is_refused(server: Server, names: Callable[..., list[str]]) -> None:
    names(["127.0.0.1"])
    outbound.judge(f"http://{NAME}:{server.port}/")
    with pytest.raises(outbound.AddressRefused):
        outbound.post(f"http://{NAME}:{server.port}/", b"", timeout_s=2)
    assert server.seen == []


def test_an_answer_that_changes_after_the_judging_changes_nothing(
    server: Server, names: Callable[..., list[str]], settings: Any
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True  # so that the first answer may be this machine
    asked = names(["127.0.0.1"], ["198.51.100.9"])
    outbound.post(f"http://{NAME}:{server.port}/", b"", timeout_s=5)
    assert asked == [NAME]  # resolved once, and connected to that answer
    assert server.seen[0][2]["host"] == f"{NAME}:{server.port}"


def test_a_redirect_into_a_private_network_is_an_answer_not_a_way(server: Server) -> None:
    server.status, server.headers = 302, {"Location": "http://169.254.169.254/"}
    answer = outbound.get(f"http://127.0.0.1:{server.port}/", timeout_s=5, allow_private=True)
    assert answer.status == 302 and len(server.seen) == 1


def test_only_the_beginning_of_an_answer_is_read(server: Server) -> None:
    server.body = b"x" * (outbound.MAX_ANSWER_BYTES * 20)
    answer = outbound.get(f"http://127.0.0.1:{server.port}/", timeout_s=5, allow_private=True)
    assert len(answer.body) == outbound.MAX_ANSWER_BYTES


def test_an_answer_that_drips_ends_with_the_timeout(server: Server) -> None:
    server.drip_s = 0.05
    started = time.monotonic()
    with pytest.raises(outbound.Timeout):
        outbound.get(f"http://127.0.0.1:{server.port}/", timeout_s=0.4, allow_private=True)
    assert time.monotonic() - started < 2


def test_nobody_listens_and_no_such_name(names: Callable[..., list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(outbound.NotConnected) as refused:
        outbound.get(f"http://127.0.0.1:{port}/", timeout_s=2, allow_private=True)
    assert refused.value.code == "not_connected"

    def nothing(*_args: object, **_options: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nothing)
    with pytest.raises(outbound.NotConnected) as refused:
        outbound.get("http://nowhere.example/", timeout_s=2)
    assert refused.value.code == "not_resolved"


def test_the_second_address_of_a_name_is_tried(server: Server, names: Callable[..., list[str]], settings: Any) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    names(["127.0.0.2", "127.0.0.1"])  # the server listens on the second only
    assert outbound.get(f"http://{NAME}:{server.port}/", timeout_s=5).status == 200


def certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize(("of", "is_right"), [(NAME, True), ("other.example", False)])
def test_the_certificate_is_checked_against_the_name_not_the_address(
    tmp_path: Path,
    names: Callable[..., list[str]],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    of: str,
    is_right: bool,
) -> None:
    settings.ALLOW_PRIVATE_ADDRESSES = True
    names(["127.0.0.1"])
    file = certificate(tmp_path, of)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    monkeypatch.setattr(outbound, "_tls", lambda: ssl.create_default_context(cafile=str(file)))
    server = Server(context)
    try:
        if is_right:
            assert outbound.post(f"https://{NAME}:{server.port}/", b"{}", timeout_s=5).status == 200
        else:
            with pytest.raises(outbound.NotConnected):
                outbound.post(f"https://{NAME}:{server.port}/", b"{}", timeout_s=5)
    finally:
        server.close()
    assert asked == [NAME]
