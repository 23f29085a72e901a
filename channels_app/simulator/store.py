"""The simulator's own small store: one SQLite file, written in batches, read once at start."""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .entities import RECORD_KINDS, Record
from .ledger import Message

log = logging.getLogger(__name__)

FLUSH_EVERY_S = 0.2
_SCHEMA = """
CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, data TEXT NOT NULL, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS media_bytes (id TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS message (sequence INTEGER PRIMARY KEY, phone_id TEXT, recipient TEXT, template_id TEXT,
    callback TEXT, at REAL, by_bsuid INTEGER, stage INTEGER, code INTEGER, steps TEXT);
CREATE TABLE IF NOT EXISTS bubble (number INTEGER PRIMARY KEY, phone_id TEXT, person TEXT, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS delivery (id INTEGER PRIMARY KEY, data TEXT NOT NULL, body BLOB NOT NULL);
"""
_KINDS = {kind.kind: kind for kind in RECORD_KINDS}
Statement = tuple[str, list[tuple[Any, ...]]]


class Store:
    """Collects changes in memory and writes them about five times a second. Without a path it does nothing."""

    def __init__(self, path: str | None) -> None:
        self.path = path
        self._records: dict[tuple[str, str], str | None] = {}
        self._media: dict[str, bytes | None] = {}
        self._messages: dict[int, Message] = {}
        self._bubbles: dict[int, tuple[str, str, str]] = {}
        self._deliveries: dict[int, tuple[str, bytes] | None] = {}
        self._wipe = False
        self._lock = asyncio.Lock()
        self._connection: sqlite3.Connection | None = None
        if path:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.executescript(_SCHEMA)

    # --- noting changes -------------------------------------------------------------------------------------------
    def note(self, record: Record) -> None:
        """Remember that a record is new or changed."""
        if self._connection:
            self._records[record.kind, record.id] = json.dumps(record.dump())

    def note_value(self, key: str, value: Any) -> None:
        """Remember a single named value (clock, knobs, seed)."""
        if self._connection:
            self._records["value", key] = json.dumps(value)

    def forget(self, record: Record) -> None:
        """Remember that a record is gone."""
        if self._connection:
            self._records[record.kind, record.id] = None
            if record.kind == "media":
                self._media[record.id] = None

    def note_media(self, media_id: str, data: bytes) -> None:
        """Remember the bytes of an upload."""
        if self._connection:
            self._media[media_id] = data

    def note_message(self, message: Message) -> None:
        """Remember that a ledger row is new or changed; it is read when the batch is written."""
        if self._connection:
            self._messages[message.sequence] = message

    def note_bubble(self, number: int, phone_id: str, person: str, data: dict[str, Any]) -> None:
        """Remember one line of a conversation."""
        if self._connection:
            self._bubbles[number] = (phone_id, person, json.dumps(data))

    def note_delivery(self, delivery_id: int, data: dict[str, Any] | None, body: bytes = b"") -> None:
        """Remember a webhook that is still to be delivered; None when it is done."""
        if self._connection:
            self._deliveries[delivery_id] = None if data is None else (json.dumps(data), body)

    def wipe(self) -> None:
        """Throw away everything stored, with the next batch."""
        self._records, self._media, self._messages, self._bubbles, self._deliveries = {}, {}, {}, {}, {}
        self._wipe = True

    # --- writing --------------------------------------------------------------------------------------------------
    async def run(self) -> None:
        """Write batches until cancelled."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            try:
                await self.flush()
            except sqlite3.Error:
                log.exception("simulator: the store could not be written")

    async def flush(self) -> None:
        """Write what has gathered, in one transaction, off the event loop."""
        async with self._lock:
            statements = self._take()
            if statements and self._connection:
                await asyncio.to_thread(self._write, statements)

    def _take(self) -> list[Statement]:
        statements: list[Statement] = []
        if self._wipe:
            tables = ("record", "media_bytes", "message", "bubble", "delivery")
            statements += [(f"DELETE FROM {table}", [()]) for table in tables]  # noqa: S608 (fixed names)
        records = [(kind, key, data) for (kind, key), data in self._records.items() if data is not None]
        gone = [key for key, data in self._records.items() if data is None]
        media = [(key, data) for key, data in self._media.items() if data is not None]
        messages = [
            (m.sequence, m.phone_id, m.to, m.template_id, m.callback, m.at, m.by_bsuid, m.stage, m.code,
             json.dumps(m.steps) if m.steps else None)
            for m in self._messages.values()
        ]  # fmt: skip
        deliveries = [(key, *value) for key, value in self._deliveries.items() if value is not None]
        for sql, rows in (
            ("INSERT OR REPLACE INTO record VALUES (?,?,?)", records),
            ("DELETE FROM record WHERE kind=? AND id=?", gone),
            ("INSERT OR REPLACE INTO media_bytes VALUES (?,?)", media),
            ("DELETE FROM media_bytes WHERE id=?", [(key,) for key, data in self._media.items() if data is None]),
            ("INSERT OR REPLACE INTO message VALUES (?,?,?,?,?,?,?,?,?,?)", messages),
            ("INSERT OR REPLACE INTO bubble VALUES (?,?,?,?)", [(key, *row) for key, row in self._bubbles.items()]),
            ("INSERT OR REPLACE INTO delivery VALUES (?,?,?)", deliveries),
            ("DELETE FROM delivery WHERE id=?", [(key,) for key, data in self._deliveries.items() if data is None]),
        ):
            if rows:
                statements.append((sql, list(rows)))
        self._records, self._media, self._messages, self._bubbles, self._deliveries = {}, {}, {}, {}, {}
        self._wipe = False
        return statements

    def _write(self, statements: list[Statement]) -> None:
        assert self._connection is not None
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            for sql, rows in statements:
                self._connection.executemany(sql, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    async def close(self) -> None:
        """Write the rest and let go of the file."""
        await self.flush()
        if self._connection:
            self._connection.close()
            self._connection = None

    # --- reading at start -----------------------------------------------------------------------------------------
    def _query(self, sql: str) -> Iterator[tuple[Any, ...]]:
        if self._connection:
            yield from self._connection.execute(sql)

    def values(self) -> dict[str, Any]:
        """Give all named values."""
        return {key: json.loads(data) for key, data in self._query("SELECT id, data FROM record WHERE kind='value'")}

    def records(self) -> Iterator[Record]:
        """Give all stored records."""
        for kind, data in self._query("SELECT kind, data FROM record WHERE kind<>'value'"):
            if kind in _KINDS:
                yield _KINDS[kind].load(json.loads(data))

    def media(self) -> Iterator[tuple[str, bytes]]:
        """Give the bytes of all uploads."""
        yield from ((str(media_id), data) for media_id, data in self._query("SELECT id, data FROM media_bytes"))

    def messages(self) -> Iterator[Message]:
        """Give the ledger in order."""
        for row in self._query("SELECT * FROM message ORDER BY sequence"):
            message = Message(row[0], row[1], row[2], row[3], row[4], row[5], bool(row[6]))
            message.stage, message.code = row[7], row[8]
            message.steps = tuple((at, stage, code) for at, stage, code in json.loads(row[9])) if row[9] else None
            yield message

    def bubbles(self, limit: int = 20_000) -> list[tuple[int, str, str, dict[str, Any]]]:
        """Give the newest lines of conversations, oldest first."""
        rows = list(self._query(f"SELECT * FROM bubble ORDER BY number DESC LIMIT {int(limit)}"))  # noqa: S608
        return [(number, phone_id, person, json.loads(data)) for number, phone_id, person, data in reversed(rows)]

    def deliveries(self) -> list[tuple[int, dict[str, Any], bytes]]:
        """Give the webhooks that were not delivered yet."""
        return [(key, json.loads(data), body) for key, data, body in self._query("SELECT * FROM delivery ORDER BY id")]
