"""The journal of objects: what is answered is kept, and what is gone leaves nothing."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium.journals.errors import NotWritten, Unusable
from podium.journals.objects import Objects, Upload

MIB = 1 << 20


def left(path: Path) -> dict[str, int]:
    database = sqlite3.connect(path)
    try:
        tables = ("objects", "uploads", "parts", "contents", "pieces", "made_of")
        return {table: database.execute(f"select count(*) from {table}").fetchone()[0] for table in tables}
    finally:
        database.close()


def test_an_object_outlives_the_process_and_what_is_deleted_leaves_no_piece(tmp_path):
    path = tmp_path / "objects.db"
    first = Objects(path)
    first.put("b", "k", b"x" * 3 * MIB, 1.5, {"ContentType": "text/plain"})
    first.put("b", "k", b"y" * 2 * MIB, 2.5, {})
    upload = Upload(id="u", bucket="b", key="big", started=1.0, headers={})
    first.begin(upload)
    kept = first.put_part(upload, 1, b"a" * MIB, 1.0)
    first.put_part(upload, 2, b"never", 1.0)
    first.complete(upload, [kept], 3.0)
    first.close()
    again = Objects(path)
    found = again.find("b", "k")
    assert found is not None
    assert (found.size, found.modified, again.read(found, 0, 3)) == (2 * MIB, 2.5, b"yyy")
    assert path.stat().st_mode & 0o777 == 0o600
    assert left(path) == {"objects": 2, "uploads": 0, "parts": 0, "contents": 2, "pieces": 3, "made_of": 2}
    again.delete("b", "k")
    again.forget_all()
    assert set(left(path).values()) == {0}
    again.close()


def test_a_file_that_is_none_of_ours_is_said_to_be_unusable(tmp_path):
    path = tmp_path / "objects.db"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(Unusable, match="cannot be opened for objects"):
        Objects(path)


def test_a_file_of_a_later_version_is_left_alone(tmp_path):
    path = tmp_path / "objects.db"
    Objects(path).close()
    database = sqlite3.connect(path)
    database.execute("update meta set value = 2 where name = 'format'")
    database.commit()
    database.close()
    before = path.read_bytes()
    with pytest.raises(Unusable, match=r"newer Podium \(format 2; this one knows 1\).*S3's objects are lost"):
        Objects(path)
    assert path.read_bytes() == before


def test_what_could_not_be_written_is_told_and_leaves_the_last_object_as_it_was(tmp_path):
    objects = Objects(tmp_path / "objects.db")
    objects.put("b", "k", b"old", 1.0, {})
    objects._database.execute("pragma max_page_count = 1")
    with pytest.raises(NotWritten, match="Objects were not saved"):
        objects.put("b", "k", b"new" * MIB, 2.0, {})
    found = objects.find("b", "k")
    assert found is not None
    assert objects.read(found, 0, 10) == b"old"
    objects.close()


KEYS = st.text(st.sampled_from("ab/é\U0010fffe"), min_size=1, max_size=6)


@settings(max_examples=60)
@given(
    st.sets(KEYS, max_size=12),
    st.text(st.sampled_from("ab/"), max_size=2),
    st.sampled_from(["", "/", "a"]),
    st.integers(1, 4),
)
def test_pages_together_are_the_list_that_sorting_and_grouping_give(keys, prefix, delimiter, limit):
    objects = Objects(":memory:")
    for key in keys:
        objects.put("b", key, b"", 0.0, {})
    found, after, pages = [], "", 0
    while True:
        page = objects.page("b", prefix, delimiter, after, limit)
        found += [one.key for one in page.objects] + list(page.prefixes)
        assert len(page.objects) + len(page.prefixes) <= limit
        pages += 1
        if page.last is None:
            break
        after = page.last
    objects.close()
    wanted = set()
    for key in (key for key in keys if key.startswith(prefix)):
        head, mark, _ = key[len(prefix) :].partition(delimiter) if delimiter else (key, "", "")
        wanted.add(prefix + head + mark if mark else key)
    assert sorted(found) == sorted(wanted)
