"""Which column of a file goes where: the targets, the guess from names in English and Korean, and its checks. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from console.audiences import attributes

TARGETS: dict[str, str | Promise] = {
    "": _("Do not import"),
    "phone": _("Phone number"),
    "external_id": _("External id"),
    "name": _("Name"),
    "language": _("Language"),
    "country": _("Country"),
    "time_zone": _("Time zone"),
    "is_test": _("Test profile"),
    "consent:marketing": _("Consent to marketing"),
    "consent:utility": _("Consent to utility"),
    "consent:authentication": _("Consent to authentication"),
    "attribute": _("Attribute"),
}
KNOWN_NAMES: dict[str, str] = {
    name: target
    for target, names in {
        "phone": "phone, phone number, phonenumber, mobile, mobile number, mobile phone, cell, cell phone, cellphone, msisdn, "
        "telephone, tel, whatsapp, whatsapp number, wa id, number, e164, contact number, "
        "전화, 전화번호, 휴대폰, 휴대폰번호, 휴대전화, 휴대전화번호, 핸드폰, 핸드폰번호, 연락처, 모바일",
        "external_id": "external id, externalid, id, customer id, customerid, user id, userid, crm id, contact id, member id, "
        "고객번호, 고객아이디, 고객id, 회원번호, 회원아이디, 회원id, 아이디, 외부id",
        "name": "name, full name, fullname, customer name, display name, 이름, 성명, 고객명, 회원명, 성함",
        "language": "language, lang, locale, preferred language, 언어, 선호언어",
        "country": "country, country code, region code, 국가, 국가코드, 나라",
        "time_zone": "time zone, timezone, tz, 시간대, 타임존",
        "is_test": "test, is test, test profile, 테스트, 테스트프로필",
        "consent:marketing": "consent, marketing consent, opt in, optin, opted in, whatsapp opt in, marketing opt in, "
        "marketing, subscribed, 동의, 수신동의, 마케팅동의, 마케팅수신동의, 광고수신동의",
        "consent:utility": "utility consent, service consent, 서비스동의, 알림동의",
        "consent:authentication": "authentication consent, 인증동의",
    }.items()
    for name in (part.strip() for part in names.split(","))
}
REFUSED_COLUMN = "refused_because"  # of our own files of refused rows: never imported again


@dataclass(frozen=True)
class Target:
    """Where one column goes: a field of the profile, or `attribute` with its key and kind."""

    field: str
    key: str = ""
    kind: str = "text"


class MappingError(ValueError):
    """A mapping that can't be used; `column` is the index of the column it is about, or None."""

    def __init__(self, code: str, sentence: str | Promise, column: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.column = column


def guess(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> dict[str, dict[str, str]]:
    """A mapping to start from: known names to fields (once each), every other named column to an attribute."""
    used: set[str] = set()
    keys: set[str] = set()
    mapping: dict[str, dict[str, str]] = {}
    for index, name in enumerate(columns):
        if name == REFUSED_COLUMN:
            continue
        words = re.sub(r"[\s_\-./]+", " ", name.strip().lower())
        field = KNOWN_NAMES.get(words) or KNOWN_NAMES.get(words.replace(" ", ""), "")
        if field and field not in used:
            used.add(field)
            mapping[str(index)] = {"field": field}
            continue
        key = attributes.key_of(name)
        if key and key not in keys and not name.startswith("#"):
            keys.add(key)
            cells = [row[index] for row in samples if index < len(row)]
            mapping[str(index)] = {"field": "attribute", "key": key, "kind": attributes.guess_kind(cells)}
    return mapping


def check(mapping: Mapping[str, Mapping[str, str]], columns: Sequence[str]) -> dict[int, Target]:
    """The mapping by column index. Raises MappingError for doubles, bad keys, and when no column identifies a person."""
    targets: dict[int, Target] = {}
    seen: dict[str, int] = {}
    for text, entry in mapping.items():
        field = entry.get("field", "")
        if not field:
            continue
        index = int(text)
        if field not in TARGETS or not 0 <= index < len(columns):
            raise MappingError("unknown_target", _("This column can't go there."), index)
        target = Target(field)
        if field == "attribute":
            target = Target(field, entry.get("key", "").strip(), entry.get("kind", "text"))
            if not attributes.KEY.fullmatch(target.key) or target.kind not in attributes.KINDS:
                raise MappingError(
                    "bad_key", _("An attribute's key has letters, digits and _ only and begins with a letter."), index
                )
        name = f"{field}:{target.key}"
        if name in seen:
            raise MappingError("twice", _("Two columns go to the same place. Keep one of them."), index)
        seen[name] = index
        targets[index] = target
    if "phone:" not in seen and "external_id:" not in seen:
        raise MappingError(
            "no_identity",
            _("No column is the phone number or the external id, so no row could become a profile. Choose one."),
        )
    return targets
