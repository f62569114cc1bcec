"""Conformance of blob stores."""

import threading
from pathlib import Path

import pytest

from jackfield.storage.blobs import FolderBlobs
from jackfield_sdk import Blobs, Refused


@pytest.fixture(params=["folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    """Each implementation in turn."""
    assert request.param == "folder"
    return FolderBlobs(tmp_path / "blobs")


def test_a_blob_comes_back_as_it_was(blobs: Blobs) -> None:
    blobs.put("recordings/7/2026-07-01.bin", b"\x00first")
    blobs.put("recordings/7/2026-07-01.bin", b"\x00second")
    blobs.put("empty", b"")

    assert blobs.get("recordings/7/2026-07-01.bin") == b"\x00second"
    assert blobs.get("empty") == b""


@pytest.mark.parametrize("key", ["missing", "a/b/missing", "a", "a/b.bin/c"])
def test_what_is_not_there_is_a_key_error(blobs: Blobs, key: str) -> None:
    blobs.put("a/b.bin", b"")

    with pytest.raises(KeyError):
        blobs.get(key)
    blobs.delete(key)

    assert list(blobs.keys("")) == ["a/b.bin"]


def test_a_deleted_blob_is_gone(blobs: Blobs) -> None:
    blobs.put("a/b/c", b"1")
    blobs.put("a/d", b"2")

    blobs.delete("a/b/c")

    assert list(blobs.keys("")) == ["a/d"]
    blobs.put("a/b", b"3")
    assert blobs.get("a/b") == b"3"


def test_keys_are_listed_by_prefix_in_the_order_of_their_bytes(blobs: Blobs) -> None:
    keys = ["a-b", "a.b", "a/b", "a/c/d", "a/c.d", "a/c0", "ab", "b/a", "Z"]
    for key in keys:
        blobs.put(key, b"")

    assert list(blobs.keys("")) == sorted(keys)
    assert list(blobs.keys("a/")) == ["a/b", "a/c.d", "a/c/d", "a/c0"]
    assert list(blobs.keys("a/c")) == ["a/c.d", "a/c/d", "a/c0"]
    assert list(blobs.keys("a/c/")) == ["a/c/d"]
    assert list(blobs.keys("a/b")) == ["a/b"]
    assert list(blobs.keys("nothing/here")) == []


@pytest.mark.parametrize(
    "key", ["", "/", "/etc/passwd", "../x", "a/../../x", "a//b", "a/", "./a", "a\\..\\b", "a\0b", "a\n", "ž", "a/.hidden", "x" * 1000]
)
def test_a_key_that_leads_elsewhere_is_refused(blobs: Blobs, key: str, tmp_path: Path) -> None:
    for use in (lambda: blobs.put(key, b"evil"), lambda: blobs.get(key), lambda: blobs.delete(key)):
        with pytest.raises(Refused):
            use()

    assert list(blobs.keys("")) == []


@pytest.mark.parametrize("prefix", ["../", "/", "a/../", ".unfinished/"])
def test_a_prefix_that_leads_elsewhere_is_refused(blobs: Blobs, prefix: str) -> None:
    with pytest.raises(Refused):
        list(blobs.keys(prefix))


def test_readers_never_see_half_a_blob(blobs: Blobs) -> None:
    versions = [bytes([number]) * 300_000 for number in range(20)]
    blobs.put("a/b", versions[0])
    writer = threading.Thread(target=lambda: [blobs.put("a/b", version) for version in versions])
    writer.start()

    while writer.is_alive():
        assert blobs.get("a/b") in versions
    writer.join()


def test_writers_and_deleters_do_not_meet_in_a_folder(blobs: Blobs) -> None:
    def churn(name: str) -> None:
        for _ in range(50):
            blobs.put(f"a/b/{name}", b"")
            blobs.delete(f"a/b/{name}")

    threads = [threading.Thread(target=churn, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(blobs.keys("")) == []


def test_in_a_folder_a_key_is_no_folder_of_others(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    blobs.put("a/b", b"")

    with pytest.raises(Refused, match="cannot both be"):
        blobs.put("a", b"")
    with pytest.raises(Refused, match="cannot both be"):
        blobs.put("a/b/c", b"")

    assert list((tmp_path / ".unfinished").iterdir()) == []
