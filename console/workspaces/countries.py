"""Countries whose phone numbers we know, named in English or Korean. Names: the geodata of the phonenumbers package."""

from functools import lru_cache

from phonenumbers import SUPPORTED_REGIONS
from phonenumbers.geodata.locale import LOCALE_DATA


def country_name(region: str, language: str) -> str:
    """'DE', 'ko' -> '독일'; the region code itself where no name is known."""
    names = LOCALE_DATA.get(region, {})
    name = names.get(language[:2], "*en")
    for _hop in range(3):  # "*aa" means: the same as in that language
        if not name.startswith("*"):
            break
        name = names.get(name[1:], region)
    return name if not name.startswith("*") else region


@lru_cache(maxsize=4)
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """(code, name) sorted by name, for a select."""
    named = [(region, country_name(region, language)) for region in SUPPORTED_REGIONS]
    return tuple(sorted(named, key=lambda pair: pair[1]))
