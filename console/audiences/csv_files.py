"""Reads CSV files as people's programs write them: encoding, delimiter, rows with their byte offsets. Pure."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SAMPLE_BYTES = 256 * 1024
MAX_FIELD = 64 * 1024
MAX_RECORD = 1024 * 1024  # bytes of one row with all its lines: more would fill the memory
MAX_COLUMNS = 300
DELIMITERS = ",;\t|"
csv.field_size_limit(MAX_FIELD)  # of the process; nothing else here reads CSV
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What else programs write: Windows in Western Europe and in Korea. charset-normalizer decides between them.
LEGACY = ["cp949", "cp1252"]

SENTENCES: dict[str, str | Promise] = {
    "empty": _("The file is empty."),
    "binary": _(
        "This is not a CSV file but a binary one, perhaps an Excel workbook. "
        "Save it as “CSV UTF-8” and upload that file."
    ),
    "encoding": _("The characters of this file can't be read. Save it as “CSV UTF-8” and upload that file."),
    "line_ends": _(
        "The file has the line ends of old Macintosh computers. Save it as “CSV UTF-8” and upload that file."
    ),
    "header_only": _("The file has a header row but no rows below it."),
    "no_header": _("The first row must hold the names of the columns."),
    "too_many_columns": _("The file has more than 300 columns. Remove those that you don't need."),
    "quotes": _(
        "A quotation mark that opens near row %(row)s is never closed, so the rows can't be told apart. "
        "Nothing was imported. Correct that row and upload the file again."
    ),
    "too_long": _("A cell near row %(row)s is longer than 64 KB. Shorten it and upload the file again."),
}


class CsvError(ValueError):
    """A file that can't be read as CSV; `row` is near where, when that is known."""

    def __init__(self, code: str, row: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.row = row

    @property
    def sentence(self) -> str:
        return str(SENTENCES[self.code]) % {"row": self.row}


@dataclass(frozen=True)
class Shape:
    """How a file is written: Python's name of the encoding, the delimiter, and where the text begins after a BOM."""

    encoding: str
    delimiter: str
    start_byte: int


def sniff(file: BinaryIO) -> Shape:
    """Encoding and delimiter from the first 256 KB. Raises CsvError for an empty or binary file."""
    file.seek(0)
    sample = file.read(SAMPLE_BYTES)
    if not sample.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise CsvError("empty")
    encoding, start = _encoding(sample)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(sample[start:])
    if sum(text.count(sign) for sign in map(chr, (0, 1, 2, 3, 4, 5, 6, 14, 15, 16))) > 0:
        raise CsvError("binary")
    if "\n" not in text and "\r" in text.rstrip("\r"):
        raise CsvError("line_ends")
    return Shape(encoding, _delimiter(text), start)


def _encoding(sample: bytes) -> tuple[str, int]:
    for bom, name in BOMS:
        if sample.startswith(bom):
            return name, len(bom)
    if sample[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF") or sample[:2] == b"\x1f\x8b":
        raise CsvError("binary")
    if b"\x00" in sample:
        for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
            if zeros.count(0) > len(zeros) * 0.4:
                return name, 0
        raise CsvError("binary")
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        best = from_bytes(sample, cp_isolation=LEGACY, threshold=0.9).best()
        return ("cp949" if best and best.encoding in ("cp949", "euc_kr", "johab") else "cp1252"), 0
    return "utf-8", 0


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines into the same, largest number of pieces; a comma when there is one column."""
    lines = [line[:4096] for line in text.splitlines()[:50] if line.strip()][:20]
    best, best_score = ",", 0.0
    for sign in DELIMITERS:
        widths = [len(next(csv.reader([line], delimiter=sign), [])) for line in lines]
        head = widths[0] if widths else 1
        if head > 1:
            score = sum(width == head for width in widths) / len(widths) + min(head, 50) / 1000
            if score > best_score:
                best, best_score = sign, score
    return best


def rows(file: BinaryIO, shape: Shape, *, start_byte: int = 0, first_row: int = 1) -> Iterator[tuple[list[str], int]]:
    """Each record and the byte behind it, so that reading can go on from there. Blank lines are passed over.

    `first_row` numbers the first record for error messages. Raises CsvError; reads line by line, never the whole file.
    """
    position = start_byte or shape.start_byte
    file.seek(position)
    counter = [position, position]
    reader = csv.reader(_lines(file, shape.encoding, counter), delimiter=shape.delimiter, strict=True)
    number = first_row
    while True:
        try:
            record = next(reader, None)
        except csv.Error as error:
            raise CsvError("too_long" if "field larger" in str(error) else "quotes", number) from error
        except _RecordTooLong:
            raise CsvError("too_long", number) from None
        counter[1] = counter[0]
        if record is None:
            return
        if not record or (len(record) == 1 and not record[0].strip()):
            continue
        yield record, counter[0]
        number += 1


class _RecordTooLong(Exception):
    """More than MAX_RECORD bytes since the last whole record."""


def _lines(file: BinaryIO, encoding: str, counter: list[int]) -> Iterator[str]:
    """Text lines; `counter[0]` is the byte behind the last one given out, `counter[1]` behind the last whole record.

    Bytes outside the encoding become U+FFFD. Raises _RecordTooLong.
    """
    if encoding.startswith("utf-16"):
        yield from _wide_lines(file, encoding, counter)
        return
    # 0x0A is never part of a longer character in these encodings
    while line := file.readline(MAX_RECORD + 1):
        counter[0] += len(line)
        _check_record(counter)
        yield line.decode(encoding, errors="replace").replace("\x00", "")


def _wide_lines(file: BinaryIO, encoding: str, counter: list[int]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    rest = ""
    while chunk := file.read(64 * 1024):
        *lines, rest = re.split(r"(?<=\n)", rest + decoder.decode(chunk))
        for line in lines:
            counter[0] += len(line.encode(encoding, errors="surrogatepass"))
            _check_record(counter)
            yield line.replace("\x00", "")
        if len(rest) > MAX_RECORD:
            raise _RecordTooLong
    if rest:
        counter[0] += len(rest.encode(encoding, errors="surrogatepass"))
        yield rest


def _check_record(counter: list[int]) -> None:
    if counter[0] - counter[1] > MAX_RECORD:
        raise _RecordTooLong


def read_header(file: BinaryIO, shape: Shape) -> tuple[list[str], int]:
    """Column names, made distinct, and the byte behind them. Raises CsvError."""
    for record, end in rows(file, shape):
        if len(record) > MAX_COLUMNS:
            raise CsvError("too_many_columns")
        if not any(cell.strip() for cell in record):
            raise CsvError("no_header")
        names: list[str] = []
        for index, cell in enumerate(record, 1):
            name = cell.strip()[:120] or f"#{index}"
            names.append(f"{name} ({index})" if name in names else name)
        return names, end
    raise CsvError("empty")
