"""The pages of this room: what a person sees, what a form refuses, who may do what."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from console.audiences import actions, tasks
from console.audiences.models import Audience, ConsentEntry, Import, Profile, Suppression
from console.workspaces.actors import Actor
from console.workspaces.models import User, Workspace
from console.workspaces.roles import Role
from tests.factories.audiences import make_import, make_list, make_profile, make_rule_audience
from tests.factories.workspaces import make_member, make_workspace

RULE = {
    "match": "any",
    "groups": [
        {"match": "all", "conditions": [{"field": "attribute", "key": "plan", "operator": "text_is", "value": "gold"}]},
        {"match": "all", "conditions": [{"field": "country", "operator": "one_of", "value": ["DE"]}]},
    ],
}


@pytest.fixture
def base(workspace: Workspace) -> str:
    return f"/w/{workspace.slug}"


def test_every_page_opens(owner_client: Client, workspace: Workspace, base: str, actor: Actor) -> None:
    person = make_profile(workspace, name="Ada", attributes={"plan": "gold", "points": 3, "vip": True})
    actions.record_consent(
        actor=actor, workspace=workspace, profile_ids=[person.pk], purpose="marketing", value="granted",
        source="page", evidence={"note": "Said so by phone"},
    )  # fmt: skip
    actions.suppress(actor=actor, workspace=workspace, addresses=[person.phone or ""], reason="Blocked us")
    one, two = make_list(workspace, [person]), make_rule_audience(workspace, RULE)
    batch = make_import(workspace, "phone,name,plan\n01020000001,Bo,gold\n", actor=actor)
    for path in (
        "/profiles/", f"/profiles/{person.pk}/", f"/profiles/{person.pk}/edit/", "/profiles/new/", "/suppressions/",
        "/audiences/", f"/audiences/{one.pk}/", f"/audiences/{two.pk}/", f"/audiences/{two.pk}/rule/",
        "/audiences/new/rule/", "/audiences/new/list/", "/imports/", "/imports/new/", f"/imports/{batch.pk}/mapping/",
        f"/profiles/?q=ada&language=&country=KR&consent=granted&test=false&audience={one.pk}",
    ):  # fmt: skip
        response = owner_client.get(base + path)
        assert response.status_code == 200, path
    assert "Said so by phone" in owner_client.get(f"{base}/profiles/{person.pk}/").content.decode()
    assert "plan is “gold”" in owner_client.get(f"{base}/audiences/{two.pk}/").content.decode()


def test_numbers_are_masked_unless_the_role_may_see_them(
    client_of: Callable[[User], Client], owner_client: Client, workspace: Workspace, base: str
) -> None:
    person = make_profile(workspace, phone="+821012340341")
    make_list(workspace, [person])
    viewer = client_of(make_member(workspace, Role.VIEWER))
    audience = Audience.objects.get()
    for path in ("/profiles/", f"/profiles/{person.pk}/", f"/audiences/{audience.pk}/"):
        assert "+821012340341" in owner_client.get(base + path).content.decode()
        text = viewer.get(base + path).content.decode()
        assert "0341" in text
        assert "1012340341" not in text
    assert viewer.get(f"{base}/audiences/{audience.pk}/?format=csv")["Content-Type"].startswith("text/html")
    assert viewer.get(f"{base}/profiles/{person.pk}/edit/").status_code == 403


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER])
def test_no_page_tells_a_full_number_to_who_may_not_see_numbers(
    client_of: Callable[[User], Client], workspace: Workspace, base: str, actor: Actor, role: str
) -> None:
    """Names, ids, attributes and notes are searched too: files put numbers everywhere."""
    people = [
        make_profile(workspace, phone="+821012340341"),
        make_profile(workspace, phone="+821012340342", external_id="010-1234-0342"),
        make_profile(workspace, phone="+821012340343", name="+82 10 1234 0343", attributes={"mobile": "01012340343"}),
    ]
    audience, rule = make_list(workspace, people), make_rule_audience(workspace, {"match": "all", "groups": []})
    ids = [person.pk for person in people]
    actions.record_consent(
        actor=actor, workspace=workspace, profile_ids=ids[2:], purpose="marketing", value="granted", source="page",
        evidence={"note": "Called 010 1234 0343"},
    )  # fmt: skip
    numbers = [person.phone or "" for person in people]
    actions.suppress(actor=actor, workspace=workspace, addresses=numbers, reason="Blocked us")
    reader = client_of(make_member(workspace, role))
    paths = [
        "/profiles/", "/profiles/?q=0341", "/profiles/?format=csv", f"/profiles/?audience={audience.pk}", "/audiences/",
        f"/audiences/{audience.pk}/", f"/audiences/{rule.pk}/", f"/audiences/{audience.pk}/?format=csv", "/suppressions/",
        "/suppressions/?q=0341", "/suppressions/?format=csv", "/imports/", "/audiences/new/rule/", "/profiles/new/",
        *(f"/profiles/{pk}/" for pk in ids),
    ]  # fmt: skip
    opened = 0
    for path in paths:
        response = reader.get(base + path)
        body = b"".join(response) if response.streaming else response.content  # type: ignore[arg-type]
        opened += response.status_code == 200
        digits = "".join(sign for sign in body.decode() if sign.isdigit())
        assert not any(f"101234034{n}" in digits for n in (1, 2, 3)), path
    assert opened == len(paths) - 3, "imports and forms belong to others"
    assert "•••• 0341" in reader.get(f"{base}/suppressions/?q=0341").content.decode()


def test_numbers_in_phone_fields_are_masked_too(
    client_of: Callable[[User], Client], workspace: Workspace, base: str
) -> None:
    attributes = {"mobile_2": "010 1234 0777", "desk": "+44 7700 900 118", "order": "01012340888"}
    person = make_profile(workspace, phone="+821012340341", attributes=attributes)
    Workspace.objects.filter(pk=workspace.pk).update(
        phone_fields=["phone", "attributes.mobile_2"], default_country="KR"
    )
    for role, sees in ((Role.VIEWER, False), (Role.APPROVER, False), (Role.MARKETER, True)):
        page = client_of(make_member(workspace, role)).get(f"{base}/profiles/{person.pk}/").content.decode()
        assert ("010 1234 0777" in page, "900 118" in page) == (sees, sees)
        assert "01012340888" in page, "not a number that anything is sent to"


def test_numbers_cannot_be_guessed_digit_by_digit(
    client_of: Callable[[User], Client], owner_client: Client, workspace: Workspace, base: str, actor: Actor
) -> None:
    make_profile(workspace, phone="+821012340341", name="Ada")
    actions.suppress(actor=actor, workspace=workspace, addresses=["+821012340341"], reason="Blocked us")
    reader = client_of(make_member(workspace, Role.VIEWER))
    for page, words in (("profiles", "Ada"), ("suppressions", "Blocked us")):
        for text, viewer_finds in (("0341", True), ("40341", False), ("+82 10 1234 0341", False)):
            assert words in owner_client.get(f"{base}/{page}/", {"q": text}).content.decode()
            assert (words in reader.get(f"{base}/{page}/", {"q": text}).content.decode()) is viewer_finds, text


def test_other_workspaces_people_are_not_found(owner_client: Client, base: str) -> None:
    stranger = make_profile(make_workspace())
    for path in ("", "edit/"):
        assert owner_client.get(f"{base}/profiles/{stranger.pk}/{path}").status_code == 404
    assert owner_client.post(f"{base}/profiles/{stranger.pk}/delete/").status_code == 404


def test_a_profile_is_made_changed_and_forgotten(owner_client: Client, workspace: Workspace, base: str) -> None:
    data: dict[str, Any] = {
        "name": "Ada", "phone": "+82 10-2000-0001", "attribute_key": ["plan", "points", ""],
        "attribute_kind": ["text", "number", "text"], "attribute_value": ["gold", "many", ""],
    }  # fmt: skip
    wrong = owner_client.post(f"{base}/profiles/new/", data)
    assert wrong.status_code == 422
    assert "The value does not fit the kind." in wrong.content.decode()
    data["attribute_value"] = ["gold", "12", ""]
    assert owner_client.post(f"{base}/profiles/new/", {**data, "do": "add-attribute"}).status_code == 200
    assert owner_client.post(f"{base}/profiles/new/", data).status_code == 302
    person = Profile.objects.get()
    assert (person.phone, person.attributes, person.time_zone) == (
        "+821020000001", {"plan": "gold", "points": 12}, "Asia/Seoul"
    )  # fmt: skip
    assert owner_client.post(f"{base}/profiles/new/", data).status_code == 422
    assert owner_client.post(f"{base}/profiles/new/", {"phone": "8.21E+11"}).status_code == 422
    owner_client.post(f"{base}/profiles/{person.pk}/test/", {"is_test": "1"})
    assert Profile.objects.get().is_test
    owner_client.post(f"{base}/profiles/{person.pk}/delete/")
    assert not Profile.objects.exists()
    entries = workspace.audit_entries.all()
    assert entries.filter(action="audiences.delete_profile").exists()
    assert not any("2000" in str(entry.changes) + entry.object_label for entry in entries)


def test_consent_by_hand_needs_words_and_leaves_a_receipt(
    owner_client: Client, workspace: Workspace, base: str
) -> None:
    person = make_profile(workspace)
    url = f"{base}/profiles/{person.pk}/consent/"
    assert owner_client.post(url, {"purpose": "marketing", "value": "granted", "note": ""}).status_code == 422
    owner_client.post(url, {"purpose": "marketing", "value": "granted", "note": "Asked at the fair"})
    person.refresh_from_db()
    assert person.marketing_consent == "granted"
    assert ConsentEntry.objects.get().evidence == {"note": "Asked at the fair"}


def test_many_people_at_once(owner_client: Client, workspace: Workspace, base: str) -> None:
    people = [make_profile(workspace) for _ in range(3)]
    make_profile(workspace, country="DE", phone="+4917604069001")
    ids = [person.pk for person in people[:2]]
    url = f"{base}/profiles/bulk/"
    assert "2 profiles" in owner_client.post(url, {"action": "list", "ids": ids}).content.decode()
    nameless = owner_client.post(url, {"action": "list", "ids": ids, "confirmed": "1", "audience": "new"})
    assert nameless.status_code == 422 and "Give the new list a name." in nameless.content.decode()
    owner_client.post(url, {"action": "list", "ids": ids[:1], "confirmed": "1", "audience": "new", "name": "Two"})
    two = Audience.objects.get(name="Two")
    owner_client.post(url, {"action": "list", "ids": ids, "confirmed": "1", "audience": two.pk})
    two.refresh_from_db()
    assert (two.members.count(), two.profile_count) == (2, 2)
    everybody = {"action": "list", "all_matching": "1", "confirmed": "1", "audience": two.pk}
    owner_client.post(f"{url}?country=DE&q=9001", everybody)
    assert two.members.count() == 3
    strange = make_list(make_workspace())
    refused = owner_client.post(url, {"action": "list", "ids": ids, "confirmed": "1", "audience": strange.pk})
    assert refused.status_code == 422 and not strange.members.exists()
    consent = {"action": "consent", "confirmed": "1", "purpose": "utility", "value": "withdrawn", "note": "Asked"}
    owner_client.post(f"{url}?country=KR", {**consent, "all_matching": "1"})
    assert Profile.objects.filter(utility_consent="withdrawn").count() == 3
    owner_client.post(url, {"action": "suppress", "ids": ids, "confirmed": "1", "reason": "Asked us"})
    assert Suppression.objects.count() == 2
    assert owner_client.post(url, {"action": "explode", "ids": ids}).status_code == 409


def test_suppressions_are_added_and_removed(owner_client: Client, workspace: Workspace, base: str) -> None:
    url = f"{base}/suppressions/"
    assert owner_client.post(f"{url}new/", {"address": "hello", "reason": "x"}).status_code == 422
    owner_client.post(f"{url}new/", {"address": "+82 10 2000 0001", "reason": "Wrong number"})
    row = Suppression.objects.get()
    assert (row.address, row.reason) == ("+821020000001", "Wrong number")
    remove: dict[str, Any] = {"action": "remove", "ids": [row.pk]}
    assert "Remove 1 suppression" in owner_client.post(f"{url}bulk/", remove).content.decode()
    assert owner_client.post(f"{url}bulk/", {**remove, "confirmed": "1", "note": " "}).status_code == 422
    assert Suppression.objects.exists()
    owner_client.post(f"{url}bulk/", {**remove, "confirmed": "1", "note": "New owner of the number"})
    assert not Suppression.objects.exists()
    entry = workspace.audit_entries.get(action="audiences.unsuppress")
    assert entry.changes == {"addresses": 1, "note": "New owner of the number"}


def test_a_rule_is_built_with_buttons_counted_and_saved(owner_client: Client, workspace: Workspace, base: str) -> None:
    make_profile(workspace, name="Ada", attributes={"plan": "gold"})
    make_profile(workspace, attributes={"plan": "free"})
    url = f"{base}/audiences/new/rule/"
    row = {
        "g0_match": "all", "g0_field": "attribute", "g0_key": "plan", "g0_operator": "text_is", "g0_value": "gold",
        "g0_list": "", "name": "Gold", "description": "",
    }  # fmt: skip
    counted = owner_client.post(url, {**row, "do": "count"}).content.decode()
    assert '<span class="wm-big">1</span>' in counted, "without a script the button counts"
    opened = owner_client.get(url).content.decode()
    assert "wm-big" not in opened and "load, input" in opened, "counting does not hold up the page"
    more = owner_client.post(url, {**row, "do": "add-condition:0"}).content.decode()
    assert more.count('name="g0_field"') == 2
    assert owner_client.post(url, {**row, "do": "add-group"}).content.decode().count('name="g1_field"') == 1
    assert owner_client.post(url, {**row, "do": "remove:0.0"}).status_code == 200
    part = owner_client.post(url, row, headers={"HX-Request": "true", "HX-Target": "rule-count"}).content.decode()
    assert "<html" not in part
    assert '<span class="wm-big">1</span>' in part and "Ada" in part
    wrong = owner_client.post(url, {**row, "g0_value": "", "do": "save"})
    assert wrong.status_code == 422 and "Fill in the text to compare with." in wrong.content.decode()
    assert owner_client.post(url, {**row, "do": "save"}).status_code == 302
    audience = Audience.objects.get()
    tasks.count_audience(audience.pk)
    audience.refresh_from_db()
    assert audience.profile_count == 1
    taken = owner_client.post(url, {**row, "do": "save"})
    assert taken.status_code == 422
    assert owner_client.post(f"{base}/audiences/{audience.pk}/recount/").status_code == 302
    assert owner_client.post(f"{base}/audiences/{audience.pk}/archive/").status_code == 302
    assert owner_client.post(f"{base}/audiences/{audience.pk}/archive/").status_code == 409


def test_members_leave_a_list_and_a_list_is_exported(owner_client: Client, workspace: Workspace, base: str) -> None:
    people = [make_profile(workspace, name="=HYPERLINK(1)"), make_profile(workspace)]
    audience = make_list(workspace, people)
    export = owner_client.get(f"{base}/audiences/{audience.pk}/?format=csv")
    text = b"".join(export.streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=HYPERLINK(1)" in text
    owner_client.post(f"{base}/audiences/{audience.pk}/members/", {"action": "remove", "ids": [people[0].pk]})
    assert list(audience.members.values_list("profile_id", flat=True)) == [people[1].pk]


def test_an_import_from_upload_to_refused_rows_and_back(owner_client: Client, workspace: Workspace, base: str) -> None:
    empty = SimpleUploadedFile("x.csv", b"")
    assert "The file is empty." in owner_client.post(f"{base}/imports/new/", {"file": empty}).content.decode()
    text = "전화번호,name,points\n+82 10-2000-0001,Ada,3\n12,Short,1\n+821020000001,Twin,1\n"
    upload = SimpleUploadedFile("people.csv", text.encode("cp949"))
    assert owner_client.post(f"{base}/imports/new/", {"file": upload}).status_code == 302
    batch = Import.objects.get()
    url = f"{base}/imports/{batch.pk}/"
    assert owner_client.get(url).status_code == 302
    data = {"existing": "update", "audience": "new", "c1_field": "name"}
    assert owner_client.post(f"{url}mapping/", data).status_code == 422
    data |= {"c0_field": "phone", "c2_field": "attribute", "c2_key": "points", "c2_kind": "number"}
    assert "Give the new audience a name." in owner_client.post(f"{url}mapping/", data).content.decode()
    assert owner_client.post(f"{url}mapping/", {**data, "audience_name": "Spring"}).status_code == 302
    assert "Checking the file" in owner_client.get(url).content.decode()
    assert owner_client.post(f"{url}start/").status_code == 409
    tasks.preview_import(batch.pk)
    page = owner_client.get(url).content.decode()
    assert "Import 1 row" in page and "earlier row of this file" in page
    assert owner_client.post(f"{url}start/").status_code == 302
    part = owner_client.get(url, headers={"HX-Request": "true", "HX-Target": "import-progress"})
    assert "<html" not in part.content.decode() and "HX-Refresh" not in part
    tasks.run_import(batch.pk)
    done = owner_client.get(url, headers={"HX-Request": "true", "HX-Target": "import-progress"})
    assert done["HX-Refresh"] == "true"
    assert Audience.objects.get(name="Spring").profile_count == 1
    refused = b"".join(owner_client.get(f"{url}refused.csv").streaming_content)  # type: ignore[attr-defined]
    lines = refused.decode("utf-8-sig").splitlines()
    assert lines[0] == "전화번호,name,points,refused_because"
    assert len(lines) == 3 and lines[2].startswith("'+821020000001,Twin,1,")
    again = make_import(workspace, refused)
    assert [entry["field"] for entry in again.mapping.values()] == ["phone", "name", "attribute"]
    assert owner_client.post(f"{url}cancel/").status_code == 409


def test_a_file_whose_quotes_never_close_says_so(owner_client: Client, workspace: Workspace, base: str) -> None:
    rows = "\n".join(f"0102000{n:04d},x" for n in range(60))
    batch = make_import(workspace, f'phone,name\n{rows}\n1,"open\n2,b\n')
    owner_client.post(f"{base}/imports/{batch.pk}/mapping/", {"existing": "skip", "c0_field": "phone", "country": "KR"})
    tasks.preview_import(batch.pk)
    assert "opens near row 62 is never closed" in owner_client.get(f"{base}/imports/{batch.pk}/").content.decode()


def test_search_finds_by_name_id_and_last_digits(owner_client: Client, workspace: Workspace, base: str) -> None:
    make_profile(workspace, name="Ada Lovelace", phone="+821012340341", external_id="CRM-1")
    make_profile(workspace, name="Bo", phone="+821099990342")
    for text, found in (("ada l", True), ("CRM-1", True), ("0341", True), ("010-1234-0341", True), ("love", False)):
        page = owner_client.get(f"{base}/profiles/", {"q": text}).content.decode()
        assert ("Ada Lovelace" in page, "Bo</a>" in page) == (found, False), text
