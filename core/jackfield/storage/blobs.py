"""Files by key, in a folder."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import uuid4

from jackfield_sdk import Refused, Retryable

MAX_KEY_BYTES: Final = 900
KEY: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._=@+-]{0,199}(/[A-Za-z0-9_][A-Za-z0-9._=@+-]{0,199})*")
UNFINISHED: Final = ".unfinished"


class FolderBlobs:
    """Implements the SDK's `Blobs`.

    A key is one or more names, separated by `/`, of letters, digits and `._=@+-`; a name begins with a letter, a digit or `_`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (folder / UNFINISHED).mkdir(parents=True, exist_ok=True)

    def put(self, key: str, data: bytes) -> None:
        """Write a blob; when this returns, it survives a power cut.

        Raises:
            Refused: the key is not acceptable, or other blobs' keys begin with it and a slash.
            Retryable: the disk is full.
        """
        path = self._path(key)
        unfinished = self._folder / UNFINISHED / uuid4().hex
        try:
            with unfinished.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _move(unfinished, path)
        except (IsADirectoryError, NotADirectoryError, FileExistsError) as problem:
            raise Refused(f"Blob {key!r} and another one cannot both be: one key is the other's folder.") from problem
        except OSError as problem:
            raise Retryable(f"Blob {key!r} cannot be written now: {problem}.") from problem
        finally:
            unfinished.unlink(missing_ok=True)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise KeyError(key) from None

    def delete(self, key: str) -> None:
        path = self._path(key)
        try:
            path.unlink()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return
        for parent in path.parents:
            if parent == self._folder:
                break
            try:
                parent.rmdir()
            except OSError:  # not empty
                break

    def keys(self, prefix: str) -> Iterator[str]:
        """List keys that begin with a text, in the order of their bytes, while they are read from the disk."""
        folder, slash, _ = prefix.rpartition("/")
        if slash:
            self._path(folder)
        return _keys(self._folder / folder, f"{folder}/" if folder else "", prefix)

    def _path(self, key: str) -> Path:
        if len(key) > MAX_KEY_BYTES or not KEY.fullmatch(key):
            raise Refused(f"{key[:200]!r} is no key: names of letters, digits and ._=@+-, separated by /, each beginning with a letter, digit or _.")
        return self._folder / key


def _move(unfinished: Path, path: Path) -> None:
    """Put a finished file in its place, and make the place durable."""
    new_folders = [folder for folder in path.parents if not folder.exists()]
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            unfinished.replace(path)
        except FileNotFoundError:  # somebody deleted the folder's last blob, and the folder, in between
            if not unfinished.exists():
                raise
            continue
        break
    for folder in (path.parent, *(folder.parent for folder in new_folders)):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _keys(folder: Path, start: str, prefix: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(f"{entry.name}/" if entry.is_dir() else entry.name for entry in entries if entry.name != UNFINISHED)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        key = start + name
        if not (key.startswith(prefix) or prefix.startswith(key)):
            continue
        if name.endswith("/"):
            yield from _keys(folder / name, key, prefix)
        elif key.startswith(prefix):
            yield key
