"""Who a recipient is: phone digits, country, WhatsApp id, business-scoped user id. Pure, no state."""

from __future__ import annotations

import re

# Longest prefix wins. Enough for samples and pricing regions; anything else is "ZZ".
_PREFIXES: dict[str, str] = {
    "1": "US", "7": "RU", "20": "EG", "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES",
    "36": "HU", "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO",
    "48": "PL", "49": "DE", "51": "PE", "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO", "58": "VE",
    "60": "MY", "61": "AU", "62": "ID", "63": "PH", "64": "NZ", "65": "SG", "66": "TH", "81": "JP", "82": "KR",
    "84": "VN", "86": "CN", "90": "TR", "91": "IN", "92": "PK", "94": "LK", "212": "MA", "213": "DZ", "216": "TN",
    "221": "SN", "225": "CI", "233": "GH", "234": "NG", "237": "CM", "254": "KE", "255": "TZ", "256": "UG",
    "351": "PT", "352": "LU", "353": "IE", "354": "IS", "357": "CY", "358": "FI", "359": "BG", "370": "LT",
    "371": "LV", "372": "EE", "380": "UA", "381": "RS", "385": "HR", "386": "SI", "420": "CZ", "421": "SK",
    "593": "EC", "595": "PY", "598": "UY", "852": "HK", "880": "BD", "886": "TW", "962": "JO", "965": "KW",
    "966": "SA", "968": "OM", "971": "AE", "972": "IL", "973": "BH", "974": "QA",
}  # fmt: skip

# Area codes of the North American plan that are not in the United States (Canada and the Caribbean).
_NOT_US = frozenset(
    [
        "204",
        "226",
        "236",
        "249",
        "250",
        "263",
        "289",
        "306",
        "343",
        "354",
        "365",
        "367",
        "368",
        "382",
        "403",
        "416",
        "418",
        "428",
        "431",
        "437",
        "438",
        "450",
        "460",
        "468",
        "474",
        "506",
        "514",
        "519",
        "548",
        "579",
        "581",
        "584",
        "587",
        "604",
        "613",
        "639",
        "647",
        "672",
        "683",
        "705",
        "709",
        "742",
        "753",
        "778",
        "780",
        "782",
        "807",
        "819",
        "825",
        "867",
        "873",
        "879",
        "902",
        "905",
        "242",
        "246",
        "264",
        "268",
        "284",
        "345",
        "441",
        "473",
        "649",
        "658",
        "664",
        "721",
        "758",
        "767",
        "784",
        "809",
        "829",
        "849",
        "868",
        "869",
        "876",
    ]
)

_DIGITS = re.compile(r"^[1-9]\d{6,14}$")
_SEPARATORS = str.maketrans("", "", "+ -()")
_BSUID = re.compile(r"^([A-Z]{2})\.(ENT\.)?([A-Za-z0-9]{1,128})$")

# A phone and its BSUID map onto each other by one modular multiplication: no table to keep, and an invented BSUID
# decodes to nonsense, so it is noticed.
_PRIME = 10**19 + 51
_FACTOR = 6_364_136_223_846_793_005
_INVERSE = pow(_FACTOR, -1, _PRIME)


def clean_phone(raw: object) -> str | None:
    """Digits of a phone number as `to` allows it (`+`, spaces, `-`, `()`), or None when it cannot be one."""
    if not isinstance(raw, str):
        return None
    digits = raw.translate(_SEPARATORS)
    return digits if _DIGITS.match(digits) else None


def country_of(digits: str) -> str:
    """ISO country of phone digits; "ZZ" when the prefix is not known here."""
    for length in (3, 2, 1):
        country = _PREFIXES.get(digits[:length])
        if country:
            return "CA" if country == "US" and digits[1:4] in _NOT_US else country
    return "ZZ"


def is_us(digits: str) -> bool:
    """Whether the number has a United States area code (marketing is not delivered there)."""
    return digits.startswith("1") and len(digits) == 11 and digits[1:4] not in _NOT_US


def wa_id_of(digits: str) -> str:
    """Give the id WhatsApp answers with: Brazil's and Mexico's extra digit is rewritten for some numbers."""
    if digits.startswith("521") and len(digits) == 13:
        return "52" + digits[3:]
    if digits.startswith("55") and len(digits) == 13 and digits[4] == "9" and int(digits[2:4]) > 30:
        return digits[:4] + digits[5:]
    return digits


def bsuid_of(digits: str) -> str:
    """Give the business-scoped user id of a phone number, for example `GB.4812...`."""
    return f"{country_of(digits)}.4{int(digits) * _FACTOR % _PRIME:020d}"


def phone_of_bsuid(bsuid: object) -> str | None:
    """Give the phone digits behind a BSUID, or None when it was never ours."""
    match = _BSUID.match(bsuid) if isinstance(bsuid, str) else None
    if not match or match[2] or not match[3].isdigit() or len(match[3]) != 21:
        return None
    digits = str(int(match[3][1:]) * _INVERSE % _PRIME)
    return digits if _DIGITS.match(digits) and country_of(digits) == match[1] else None
