"""CSV import: every row in one bucket, once, whatever crashes; every bad file with its own sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.audiences import actions, tasks
from console.audiences.actions import import_batches
from console.audiences.actions.imports import FileRefused
from console.audiences.mapping import MappingError
from console.audiences.models import Audience, AudienceMember, ConsentEntry, Import, Profile
from console.kit import batches, clock
from console.kit.errors import MoveRefused, Refused
from console.workspaces.actors import Actor
from console.workspaces.models import Workspace
from tests.factories.audiences import make_import, make_profile


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "SIZE", 4)


@pytest.fixture
def imported(workspace: Workspace, actor: Actor) -> Callable[..., Import]:
    """Uploads, checks, starts and runs a file."""

    def run(text: str | bytes, **options: Any) -> Import:
        batch = checked(workspace, actor, text, **options)
        actions.start_import(actor=actor, workspace=workspace, batch=batch)
        tasks.run_import(batch.pk)
        batch.refresh_from_db()
        return batch

    return run


def checked(
    workspace: Workspace, actor: Actor, text: str | bytes, kinds: dict[str, str] | None = None, **options: Any
) -> Import:
    batch = make_import(workspace, text, actor=actor)
    for entry in batch.mapping.values():
        entry["kind"] = (kinds or {}).get(entry.get("key", ""), entry.get("kind", "text"))
    actions.configure_import(
        actor=actor, workspace=workspace, batch=batch, columns_to=batch.mapping, options={"country": "KR", **options}
    )
    tasks.preview_import(batch.pk)
    batch.refresh_from_db()
    return batch


def counts(batch: Import) -> tuple[int, int, int, int]:
    return batch.created_count, batch.updated_count, batch.skipped_count, batch.refused_count


def phone_rows(first: int, last: int) -> str:
    return "\n".join(f"010-2000-{n:04d},Person {n}" for n in range(first, last))


MIXED = """phone,id,name,points,consent,city
010-2000-0001,a1,Ada,10,yes,Seoul
010-2000-0002,a2,Bo,,no,Busan
,a3,Cy,3,,
010-2000-0001,a9,Twin,1,yes,
12,a4,Short,1,yes,
010-2000-0005,a5,Eve,many,yes,
,,Nobody,1,yes,
010-2000-0006,a6,Fay,1,perhaps,
"""


def test_every_row_ends_in_one_bucket_and_the_check_foretold_it(
    workspace: Workspace, imported: Callable[..., Import]
) -> None:
    make_profile(workspace, phone="+821020000002", name="Old", attributes={"city": "Daegu", "plan": "gold"})
    batch = imported(MIXED, kinds={"points": "number"})
    assert batch.status == "done"
    assert counts(batch) == (2, 1, 0, 5)
    assert sum(counts(batch)) == batch.row_count == 8
    assert batch.preview["counts"] == {"create": 2, "update": 1, "refuse": 5}
    codes = dict(batch.refusals.values_list("row_number", "code"))
    assert codes == {
        5: "duplicate", 6: "phone_too_short", 7: "bad_number", 8: "no_identity", 9: "bad_consent"
    }  # fmt: skip
    ada = Profile.objects.get(phone="+821020000001")
    assert (ada.name, ada.attributes, ada.country, ada.time_zone, ada.marketing_consent) == (
        "Ada", {"points": 10, "city": "Seoul"}, "KR", "Asia/Seoul", "granted"
    )  # fmt: skip
    bo = Profile.objects.get(external_id="a2")
    assert (bo.name, bo.attributes, bo.marketing_consent) == ("Bo", {"city": "Busan", "plan": "gold"}, "withdrawn")
    assert Profile.objects.get(external_id="a3").marketing_consent == ""
    assert ConsentEntry.objects.get(profile=ada).evidence == {"import": batch.pk, "file": "people.csv", "row": 2}


def test_profiles_that_exist_can_be_left_as_they_are_and_still_join(
    workspace: Workspace, imported: Callable[..., Import]
) -> None:
    make_profile(workspace, phone="+821020000001", name="Old")
    batch = imported(
        "phone,name\n01020000001,New\n01020000009,Nine\n", existing="skip", audience="new", audience_name="May"
    )
    assert counts(batch) == (1, 0, 1, 0)
    assert Profile.objects.get(phone="+821020000001").name == "Old"
    assert Audience.objects.get(name="May").profile_count == 2


def test_consent_is_never_implied_and_needs_words_of_evidence(
    workspace: Workspace, actor: Actor, imported: Callable[..., Import]
) -> None:
    imported("phone\n01020000001\n")
    assert Profile.objects.get().marketing_consent == ""
    with pytest.raises(Refused) as caught:
        checked(workspace, actor, "phone\n01020000002\n", consents=["marketing"])
    assert caught.value.code == "import.consent_note"
    imported("phone\n01020000002\n", consents=["marketing"], consent_note="Paper form, shop", consent_on="2026-05-01")
    entry = ConsentEntry.objects.get()
    assert (entry.profile.marketing_consent, entry.evidence["note"], entry.given_at.isoformat()) == (
        "granted", "Paper form, shop", "2026-05-01T00:00:00+00:00"
    )  # fmt: skip


def test_an_older_consent_from_a_file_does_not_undo_a_withdrawal(
    workspace: Workspace, actor: Actor, imported: Callable[..., Import]
) -> None:
    person = make_profile(workspace, phone="+821020000001")
    actions.record_consent(
        actor=actor, workspace=workspace, profile_ids=[person.pk], purpose="marketing", value="withdrawn",
        source="page", evidence={},
    )  # fmt: skip
    imported("phone\n01020000001\n", consents=["marketing"], consent_note="Old list", consent_on="2020-01-01")
    person.refresh_from_db()
    assert person.marketing_consent == "withdrawn"
    assert person.consent_entries.count() == 2


WITHDRAWN = """phone,id,consent,points
01020000001,,no,1
01020000002,,no,many
01020000003,,yes,1
01020000003,,no,1
01020000004,a9,no,1
01020000005,,yes,1
"""


@pytest.mark.parametrize("existing", ["skip", "update"])
def test_a_withdrawal_in_the_file_is_recorded_whatever_becomes_of_its_row(
    workspace: Workspace, actor: Actor, imported: Callable[..., Import], existing: str
) -> None:
    """Kept as it is, refused for another cell, doubled, or in conflict: nobody who said no stays on yes."""
    for number in (1, 2, 4, 5):
        make_profile(workspace, phone=f"+8210200000{number:02d}", external_id=f"x{number}")
    actions.record_consent(
        actor=actor, workspace=workspace, profile_ids=list(Profile.objects.values_list("pk", flat=True)),
        purpose="marketing", value="granted", source="page", evidence={},
    )  # fmt: skip
    batch = imported(WITHDRAWN, kinds={"points": "number"}, existing=existing, consent_on="2020-01-01")
    assert dict(batch.refusals.values_list("row_number", "code")) == {
        3: "bad_number", 5: "duplicate", 6: "identity_conflict"
    }  # fmt: skip
    consents = dict(Profile.objects.order_by("phone").values_list("phone", "marketing_consent"))
    assert [consents[f"+82102000000{number}"] for number in (1, 2, 3, 4)] == ["withdrawn"] * 4
    assert consents["+821020000005"] == "granted"
    entry = ConsentEntry.objects.get(profile__phone="+821020000001", source="import")
    assert (entry.value, entry.evidence["row"]) == ("withdrawn", 2)
    kept = ConsentEntry.objects.filter(profile__phone="+821020000005", source="import").exists()
    assert kept is (existing == "update"), "a yes changes nothing of a profile that is kept as it is"


def test_a_second_import_of_the_same_file_changes_nothing_but_its_receipts(
    workspace: Workspace, imported: Callable[..., Import]
) -> None:
    imported(MIXED, kinds={"points": "number"})
    before = list(Profile.objects.order_by("pk").values("name", "attributes", "marketing_consent", "updated_at"))
    batch = imported(MIXED, kinds={"points": "number"})
    assert counts(batch) == (0, 3, 0, 5)
    after = list(Profile.objects.order_by("pk").values("name", "attributes", "marketing_consent", "updated_at"))
    assert after == before
    imported(MIXED)
    assert Profile.objects.get(external_id="a1").attributes["points"] == "10"


def test_a_crash_in_the_middle_neither_loses_nor_doubles(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "phone,name\n" + phone_rows(0, 18) + "\n" + phone_rows(0, 2)
    batch = checked(workspace, actor, text, audience="new", audience_name="Crash")
    actions.start_import(actor=actor, workspace=workspace, batch=batch)
    real, calls = import_batches._advance, []

    def crash(*args: Any) -> None:
        calls.append(1)
        real(*args)
        if len(calls) in (3, 5):  # after the batch was written, before it was committed
            raise MemoryError

    monkeypatch.setattr(import_batches, "_advance", crash)
    with pytest.raises(MemoryError):
        tasks.run_import(batch.pk)
    batch.refresh_from_db()
    assert (batch.next_row, Profile.objects.count(), batch.created_count) == (8, 8, 8)
    tasks.run_import(batch.pk)
    assert Profile.objects.count() == 8, "the dead worker's lease still holds"
    for _ in range(2):
        Import.objects.update(lease_until=clock.now())
        try:
            tasks.run_import(batch.pk)
        except MemoryError:
            continue
    batch.refresh_from_db()
    assert batch.status == "done"
    assert counts(batch) == (18, 0, 0, 2)
    assert AudienceMember.objects.count() == Profile.objects.count() == 18
    assert list(batch.refusals.values_list("row_number", "code")) == [(20, "duplicate"), (21, "duplicate")]
    tasks.run_import(batch.pk)
    assert Profile.objects.count() == 18


def test_an_import_that_always_crashes_ends_as_failed(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked(workspace, actor, "phone\n01020000001\n")
    actions.start_import(actor=actor, workspace=workspace, batch=batch)
    monkeypatch.setattr(import_batches, "_write", lambda *_: 1 / 0)
    for _ in range(6):
        Import.objects.update(lease_until=None)
        try:
            tasks.run_import(batch.pk)
        except ZeroDivisionError:
            continue
    batch.refresh_from_db()
    assert (batch.status, batch.failure) == ("failed", "attempts:0")


def test_a_long_import_gives_way_and_rings_for_the_rest(
    workspace: Workspace,
    actor: Actor,
    monkeypatch: pytest.MonkeyPatch,
    bell: Callable[..., list[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr(import_batches, "SLICE_S", 0)
    batch = checked(workspace, actor, "phone,name\n" + phone_rows(0, 10))
    bell()
    with django_capture_on_commit_callbacks(execute=True):
        actions.start_import(actor=actor, workspace=workspace, batch=batch)
    for _ in range(4):
        with django_capture_on_commit_callbacks(execute=True):
            bell(limit=1)
    batch.refresh_from_db()
    assert (batch.status, counts(batch)) == ("done", (10, 0, 0, 0))


def test_canceling_keeps_what_is_in_and_stops_the_rest(
    workspace: Workspace, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked(workspace, actor, "phone,name\n" + phone_rows(0, 12))
    actions.start_import(actor=actor, workspace=workspace, batch=batch)
    real = import_batches._write

    def cancel_at_second(running: Import, records: Any) -> Any:
        if running.next_row == 4:
            actions.cancel_import(actor=actor, workspace=workspace, batch=Import.objects.get(pk=running.pk))
        return real(running, records)

    monkeypatch.setattr(import_batches, "_write", cancel_at_second)
    tasks.run_import(batch.pk)
    batch.refresh_from_db()
    # The cancel above joins the batch's own transaction, so it is undone with it; a real one comes from outside.
    assert Profile.objects.count() == batch.created_count
    Import.objects.update(status="importing", lease_until=None)
    actions.cancel_import(actor=actor, workspace=workspace, batch=Import.objects.get())
    with pytest.raises(MoveRefused):
        actions.cancel_import(actor=actor, workspace=workspace, batch=Import.objects.get())


def test_lost_work_is_rung_for_again(
    workspace: Workspace,
    actor: Actor,
    bell: Callable[..., list[str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    batch = make_import(workspace, "phone\n01020000001\n", actor=actor)
    actions.configure_import(
        actor=actor, workspace=workspace, batch=batch, columns_to=batch.mapping, options={"country": "KR"}
    )
    with django_capture_on_commit_callbacks(execute=True):
        tasks.due_imports()
    assert bell() == ["console.audiences.tasks.preview_import"]
    batch.refresh_from_db()
    assert batch.status == "ready"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "csv.empty"),
        (b"\xef\xbb\xbf\r\n", "csv.empty"),
        (b"phone,name\n", "csv.header_only"),
        (b"PK\x03\x04" + bytes(200), "csv.binary"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "csv.binary"),
        (b"phone,name\r+821012345678,A\r", "csv.line_ends"),
        (b"phone\n" + b'"' + b"x" * 70_000 + b'"\n', "csv.too_long"),
        (b'phone,name\n1,"never closed\n2,b\n', "csv.quotes"),
        (b",".join(b"c%d" % n for n in range(301)) + b"\n1\n", "csv.too_many_columns"),
    ],
)
def test_a_file_that_is_no_csv_is_refused_with_a_sentence(workspace: Workspace, data: bytes, code: str) -> None:
    with pytest.raises(FileRefused) as caught:
        make_import(workspace, data)
    assert caught.value.code == code
    assert str(caught.value.sentence) and not Import.objects.exists()


def test_quotes_that_never_close_far_down_fail_the_check_with_their_row(workspace: Workspace, actor: Actor) -> None:
    text = "phone,name\n" + phone_rows(0, 60) + '\n01020009999,"open\n' + phone_rows(100, 110)
    batch = checked(workspace, actor, text)
    assert (batch.status, batch.failure) == ("failed", "csv_quotes:62")
    assert not Profile.objects.exists()


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "김지우"),
        ("utf-8-sig", "김지우"),
        ("utf-16", "김지우"),
        ("cp949", "김지우"),
        ("latin-1", "Müller-Lüdenscheidt"),
    ],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_files_are_read_as_programs_write_them(
    workspace: Workspace, imported: Callable[..., Import], encoding: str, name: str, delimiter: str
) -> None:
    rows = [["전화번호" if name == "김지우" else "phone", "name"], *([f"010-2000-{n:04d}", name] for n in range(9))]
    batch = imported("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    assert counts(batch) == (9, 0, 0, 0)
    assert set(Profile.objects.values_list("name", flat=True)) == {name}


def test_a_file_without_an_identity_column_cannot_be_checked(workspace: Workspace, actor: Actor) -> None:
    with pytest.raises(MappingError) as caught:
        checked(workspace, actor, "first name,city\nAda,Seoul\n")
    assert caught.value.code == "no_identity"


def test_forty_columns_are_mapped(workspace: Workspace, imported: Callable[..., Import]) -> None:
    header = "phone," + ",".join(f"field {n}" for n in range(39))
    imported(f"{header}\n01020000001,{','.join(str(n) for n in range(39))}\n")
    assert len(Profile.objects.get().attributes) == 39


def test_a_row_that_ties_two_people_together_is_refused(workspace: Workspace, imported: Callable[..., Import]) -> None:
    make_profile(workspace, phone="+821020000001", external_id="a1")
    make_profile(workspace, phone="+821020000002", external_id="a2")
    batch = imported("phone,id\n01020000001,a2\n01020000002,zz\n01020000003,a1\n")
    assert list(batch.refusals.values_list("code", flat=True)) == ["identity_conflict", "identity_conflict"]
    assert Profile.objects.get(external_id="a1").phone == "+821020000003"


SAMPLES = Path(__file__).parents[3] / "docs" / "samples"


def test_the_sample_file_of_the_demo_adds_up(
    monkeypatch: pytest.MonkeyPatch, workspace: Workspace, imported: Callable[..., Import]
) -> None:
    monkeypatch.setattr(batches, "SIZE", 1000)
    batch = imported((SAMPLES / "profiles.csv").read_bytes())
    assert counts(batch) == (496, 0, 0, 4)
    codes = batch.refusals.order_by("code").values_list("code", flat=True)
    assert list(codes) == ["duplicate", "phone_letters", "phone_scientific", "phone_too_short"]
    assert Profile.objects.filter(marketing_consent="granted").count() > 430
    assert Profile.objects.filter(marketing_consent="withdrawn").exists()
    assert isinstance(Profile.objects.filter(external_id="C100001").get().attributes["points"], int)


@pytest.mark.parametrize(("name", "person"), [("bom.csv", "김지우"), ("latin1.csv", "Jürgen Groß")])
def test_sample_files_of_other_programs(name: str, person: str, imported: Callable[..., Import]) -> None:
    batch = imported((SAMPLES / name).read_bytes())
    assert batch.refused_count == 0
    assert Profile.objects.filter(name=person).exists()


def test_the_sample_without_a_phone_column_is_refused(workspace: Workspace, actor: Actor) -> None:
    with pytest.raises(MappingError):
        checked(workspace, actor, (SAMPLES / "no_phone_column.csv").read_bytes())
