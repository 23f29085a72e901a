"""Files made to fill the memory or to keep a process busy are refused after a megabyte, without reading on."""

import io
import time

import pytest

from console.audiences import csv_files
from console.audiences.csv_files import MAX_RECORD, CsvError, Shape, read_header, rows

PIECES = 12


class Counting(io.BytesIO):
    """A file that knows how far it was read."""

    @property
    def furthest(self) -> int:
        return self.tell()


LINES = {
    "one line without end": b"phone," + b"a,b" * 2_000_000,
    "a row of countless quoted lines": b"phone\n" + b'"x\n",' * 2_000_000,
    "a field without end": b'phone\n"' + b"x\n" * 2_000_000,
}


@pytest.mark.parametrize("name", sorted(LINES))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_record_without_end_is_refused_early(name: str, encoding: str) -> None:
    file = Counting(LINES[name] if encoding == "utf-8" else LINES[name].decode().encode(encoding))
    began = time.process_time()
    with pytest.raises(CsvError) as refused:
        for _record in rows(file, Shape(encoding, ",", 0)):
            pass
    assert refused.value.code == "too_long"
    assert refused.value.sentence
    assert file.furthest < 3 * MAX_RECORD
    assert time.process_time() - began < 2


def test_many_ordinary_rows_are_no_long_record() -> None:
    file = io.BytesIO(b"phone,name\n" + b'+447700900341,"Ada\nLovell"\n' * 100_000)
    shape = csv_files.sniff(file)
    _names, end = read_header(file, shape)
    assert sum(1 for _row in rows(file, shape, start_byte=end)) == 100_000
