"""Phone numbers: one form for one person, however it was written; a sentence for what is none."""

import pytest

from console.audiences.phones import SENTENCES, PhoneError, normalize


@pytest.mark.parametrize(
    ("raw", "country", "e164", "iso", "zone"),
    [
        ("+82 10-1234-5678", "", "+821012345678", "KR", "Asia/Seoul"),
        ("010.1234.5678", "KR", "+821012345678", "KR", "Asia/Seoul"),
        ("0082 10 1234 5678", "", "+821012345678", "KR", "Asia/Seoul"),
        ("821012345678", "KR", "+821012345678", "KR", "Asia/Seoul"),
        ("821012345678.0", "", "+821012345678", "KR", "Asia/Seoul"),
        ("０１０－１２３４－５６７８", "KR", "+821012345678", "KR", "Asia/Seoul"),
        ("tel:+49-152-1234-5678", "", "+4915212345678", "DE", "Europe/Berlin"),
        ("'+447700900341", "", "+447700900341", "GB", "Europe/London"),
        ("07700 900341", "GB", "+447700900341", "GB", "Europe/London"),
        ("+5215512345678", "", "+525512345678", "MX", "America/Mexico_City"),
        ("55 1234 5678", "MX", "+525512345678", "MX", "America/Mexico_City"),
        ("+541123456789", "", "+5491123456789", "AR", "America/Argentina/Buenos_Aires"),
        ("011 15-2345-6789", "AR", "+5491123456789", "AR", "America/Argentina/Buenos_Aires"),
        ("+551187654321", "", "+5511987654321", "BR", "America/Sao_Paulo"),
        ("(11) 98765-4321", "BR", "+5511987654321", "BR", "America/Sao_Paulo"),
        ("+34 612 34 56 78", "", "+34612345678", "ES", "Europe/Madrid"),
        ("+91 98765 43210", "", "+919876543210", "IN", "Asia/Kolkata"),
        ("(202) 555-0123", "US", "+12025550123", "US", "America/New_York"),
    ],
)
def test_every_way_to_write_a_number_gives_one(raw: str, country: str, e164: str, iso: str, zone: str) -> None:
    phone = normalize(raw, country)
    assert (phone.e164, phone.country, phone.time_zone) == (e164, iso, zone)
    assert normalize(phone.e164) == phone


@pytest.mark.parametrize(
    ("raw", "country", "code"),
    [
        ("  ", "KR", "empty"),
        ("8.21E+11", "KR", "scientific"),
        ("8,21015E+11", "", "scientific"),
        ("call me", "KR", "letters"),
        ("1-800-FLOWERS", "US", "letters"),
        ("+1 202 555 0123 ext. 7", "", "extension"),
        ("010-1234-5678", "", "no_country"),
        ("+999123456789", "", "no_country"),
        ("+1202555", "", "too_short"),
        ("+12025550123456", "", "too_long"),
        ("+447000000000000000000", "", "too_long"),
        ("+551100000000", "", "impossible"),
    ],
)
def test_what_is_no_number_is_refused_with_its_own_sentence(raw: str, country: str, code: str) -> None:
    with pytest.raises(PhoneError) as caught:
        normalize(raw, country)
    assert caught.value.code == code
    assert str(caught.value.sentence) == str(SENTENCES[code])
