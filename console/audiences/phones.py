"""Phone numbers as people write them -> E.164, country and time zones. Pure: no database, no request.

Numbering facts come from the `phonenumbers` package (Google's libphonenumber metadata); the quirks of Mexico, Argentina
and Brazil from WhatsApp's help page "About international phone number format".
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat
from phonenumbers import timezone as number_zones
from phonenumbers.tzdata import TIMEZONE_DATA

SENTENCES: dict[str, str | Promise] = {
    "empty": _("There is no phone number."),
    "scientific": _(
        "The spreadsheet turned this number into scientific notation and lost its last digits. "
        "Format the column as text, fill the number in again and export the file again."
    ),
    "letters": _("A phone number has digits only; this has letters or other signs."),
    "extension": _("WhatsApp can't reach an extension. Give the number without it."),
    "no_country": _(
        "The country is missing. Begin the number with + and the country code, or choose a default country."
    ),
    "too_short": _("The number has too few digits for its country."),
    "too_long": _("The number has too many digits for its country."),
    "impossible": _("No such number can exist in its country."),
}

# National 8-digit mobile numbers got a 9 in front by 2016 (Anatel, Resolução 553/2010): area code, then 6 to 9.
BRAZIL_OLD_MOBILE = re.compile(r"[1-9][1-9][6-9]\d{7}")
# Ofcom keeps 07700 900000 to 900999 for film and television; libphonenumber calls them unassigned.
FICTION, FICTION_COUNTRY = {44: re.compile(r"7700900\d{3}")}, "GB"
SCIENTIFIC = re.compile(r"\+?\d+(?:[.,]\d+)?[eE]\+?\d+")
PREFIX = re.compile(r"(?:tel|whatsapp|sms|phone):(?://)?", re.IGNORECASE)
EXTENSION = re.compile(r"\d\s*(?:;?ext\.?|x|#)\s*=?\s*\d{1,6}$", re.IGNORECASE)
SEPARATORS = re.compile(r"[\s.\-\u2010-\u2015\u2212()/\[\]\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")

# The zone where most people of a country live, for countries whose mobile numbers don't tell the region.
MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires", "AU": "Australia/Sydney", "BR": "America/Sao_Paulo", "CA": "America/Toronto",
    "CD": "Africa/Kinshasa", "CL": "America/Santiago", "CN": "Asia/Shanghai", "CY": "Asia/Nicosia", "DE": "Europe/Berlin",
    "EC": "America/Guayaquil", "ES": "Europe/Madrid", "FR": "Europe/Paris", "GB": "Europe/London", "ID": "Asia/Jakarta",
    "IN": "Asia/Kolkata", "IT": "Europe/Rome", "KZ": "Asia/Almaty", "MX": "America/Mexico_City", "MY": "Asia/Kuala_Lumpur",
    "NO": "Europe/Oslo", "NZ": "Pacific/Auckland", "PG": "Pacific/Port_Moresby", "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow", "UA": "Europe/Kyiv", "US": "America/New_York", "UZ": "Asia/Tashkent", "VN": "Asia/Ho_Chi_Minh",
}  # fmt: skip
RENAMED_ZONES = {
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Europe/Kiev": "Europe/Kyiv",
}
ZONE_PREFIX_DIGITS = 9  # the longest prefix in the package's time zone table


class PhoneError(ValueError):
    """A text that is no phone number WhatsApp could reach; `code` is stable, `sentence` says what to do."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def sentence(self) -> str | Promise:
        return SENTENCES[self.code]


@dataclass(frozen=True, slots=True)
class Phone:
    """A number in E.164 with +, its ISO country ("" for international ranges), its likely zone and all possible ones."""

    e164: str
    country: str
    time_zone: str
    time_zones: tuple[str, ...] = ()


@lru_cache(maxsize=65_536)
def normalize(raw: str, default_country: str = "") -> Phone:
    """The one form of a number, so that the same person is found however it was written. About 40 µs, cached.

    Takes "+", "00", "tel:", full-width digits, separators, and national form when `default_country` is given.
    Mexico loses the old mobile 1 (+52 1), Argentina gains its mobile 9 (+54 9), Brazil its ninth digit: Meta accepts
    these forms and may answer with another `wa_id`. Raises PhoneError.
    """
    number, region = _parse(_clean(raw), default_country)
    if region is None:
        raise PhoneError(_why_impossible(number))
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    country = "" if region == "001" else region
    zones = _zones(e164[1 : _zone_digits(number.country_code or 0) + 1], country)
    return Phone(e164, country, zones[0] if zones else "", zones)


def place_of_country(country: str) -> tuple[str, str]:
    """The country when there is such a one, with the zone where most of its people live; ("", "") when not."""
    code = phonenumbers.country_code_for_region(country)
    if not code:
        return "", ""
    zones = _zones(str(code), country)
    return country, zones[0] if zones else ""


def _clean(raw: str) -> str:
    text = unicodedata.normalize("NFKC", raw).strip().strip("'\"`’ ")
    text = PREFIX.sub("", text, count=1)
    if not text:
        raise PhoneError("empty")
    if SCIENTIFIC.fullmatch(text):
        raise PhoneError("scientific")
    if EXTENSION.search(text):
        raise PhoneError("extension")
    text = re.sub(r"(?<=\d{6})\.0+$", "", text)  # a spreadsheet's float
    text = SEPARATORS.sub("", text)
    if not re.fullmatch(r"\+?[0-9]+", text):
        raise PhoneError("letters" if text else "empty")
    if len(text) > 20:
        raise PhoneError("too_long")
    return "+" + text[2:] if text.startswith("00") else text


def _parse(text: str, default_country: str) -> tuple[PhoneNumber, str | None]:
    """The number and where it exists: national form first when there is a country, else the digits with a + in front,
    because files often drop it."""
    try:
        if text.startswith("+"):
            return _with_region(phonenumbers.parse(text))
        if default_country:
            number, region = _with_region(phonenumbers.parse(text, default_country))
            if region is not None or len(text) < 10:
                return number, region
        elif text.startswith("0") or len(text) < 10:
            raise PhoneError("no_country")
        international = _with_region(phonenumbers.parse("+" + text))
    except NumberParseException as error:
        codes = {
            NumberParseException.INVALID_COUNTRY_CODE: "no_country" if not default_country else "impossible",
            NumberParseException.TOO_LONG: "too_long",
        }
        raise PhoneError(codes.get(error.error_type, "too_short")) from error
    if default_country and international[1] is None:
        return number, None
    return international


def _with_region(parsed: PhoneNumber) -> tuple[PhoneNumber, str | None]:
    """The number without its quirks, and the region it is valid in ("001": none of its own); None where it is not."""
    number = _quirks(parsed)
    fiction = FICTION.get(number.country_code or 0)
    if fiction and fiction.fullmatch(str(number.national_number)):
        return number, FICTION_COUNTRY
    region = phonenumbers.region_code_for_number(number)
    if region and phonenumbers.is_valid_number_for_region(number, region):
        return number, region
    return number, None


def _quirks(number: PhoneNumber) -> PhoneNumber:
    national = phonenumbers.national_significant_number(number)
    if number.country_code == 52 and len(national) == 11 and national[0] == "1":
        national = national[1:]
    elif number.country_code == 54 and len(national) == 10 and national[0] != "9":
        national = "9" + national
    elif number.country_code == 55 and len(national) == 10 and BRAZIL_OLD_MOBILE.fullmatch(national):
        national = national[:2] + "9" + national[2:]
    else:
        return number
    return PhoneNumber(country_code=number.country_code, national_number=int(national))


def _why_impossible(number: PhoneNumber) -> str:
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason in (phonenumbers.ValidationResult.TOO_SHORT, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return "too_short"
    if reason == phonenumbers.ValidationResult.TOO_LONG:
        return "too_long"
    return "impossible"


@lru_cache(maxsize=256)
def _zone_digits(calling_code: int) -> int:
    """How many digits of a number can matter for its zone: only the calling code where all of it is in the same ones."""
    code = str(calling_code)
    return len(code) if not any(key.startswith(code) and key != code for key in TIMEZONE_DATA) else ZONE_PREFIX_DIGITS


@lru_cache(maxsize=16_384)
def _zones(prefix: str, country: str) -> tuple[str, ...]:
    """The zones of a number's first digits, the country's main one first when it is among them or none is known."""
    known = number_zones.time_zones_for_number(phonenumbers.parse("+" + prefix.ljust(12, "0"))) if prefix else ()
    zones = [RENAMED_ZONES.get(zone, zone) for zone in known if zone != "Etc/Unknown"]
    zones = zones or [
        RENAMED_ZONES.get(zone, zone)
        for zone in number_zones.time_zones_for_geographical_number(phonenumbers.parse("+" + prefix.ljust(12, "0")))
        if zone != "Etc/Unknown"
    ]
    main = MAIN_ZONES.get(country, "")
    if main and (main in zones or not zones):
        zones = [main, *(zone for zone in zones if zone != main)]
    return tuple(zones)
