"""Larger sample files of the shape of docs/samples/profiles.csv, for `make demo RECIPIENTS=n`. Same n, same file."""

import csv
import random
from pathlib import Path

FIRST_NAMES = (
    "Ada",
    "Ben",
    "Chloe",
    "Daniel",
    "Ella",
    "Finn",
    "Grace",
    "Hugo",
    "Iris",
    "Jonah",
    "서연",
    "민준",
    "지우",
    "하준",
)
CITIES = ("London", "Leeds", "Bristol", "Seoul", "Busan", "Berlin", "Madrid")
HEADER = ("external_id", "phone", "name", "first_name", "language", "city", "plan", "points", "marketing consent")


def _phone(number: int) -> str:
    """A valid British mobile number of nobody's; the last four digits stay clear of the simulator's magic ones."""
    return f"+4474{number // 9000:04d}{number % 9000 + 1000:04d}"


def write_profiles(path: Path, count: int) -> None:
    """A CSV file of `count` people with valid British mobile numbers; one in ten has not said yes."""
    chance = random.Random(count)  # noqa: S311  # samples, not secrets
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number in range(count):
            first = chance.choice(FIRST_NAMES)
            language = "ko" if ord(first[0]) > 0x1000 else "en"
            consent = chance.choices(("yes", "", "no"), (90, 7, 3))[0]
            writer.writerow(
                (
                    f"L{number:07d}",
                    _phone(number),
                    f"{first} {number}",
                    first,
                    language,
                    chance.choice(CITIES),
                    chance.choice(("basic", "plus")),
                    chance.randrange(2000),
                    consent,
                )
            )
