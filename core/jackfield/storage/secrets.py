"""Encrypts what must not lie readable in the metadata database, with a key derived from `JACKFIELD_SECRET_KEY`."""

import base64
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from jackfield_sdk import Misconfigured

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

PURPOSE: Final = b"jackfield: stored settings"


def encrypt(secret_key: str, text: str) -> str:
    """Encrypt a text; the same text gives another result each time."""
    return _cipher(secret_key).encrypt(text.encode()).decode()


def decrypt(secret_key: str, token: str) -> str:
    """Return the text that was encrypted.

    Raises:
        Misconfigured: it was encrypted with another secret key, or changed since.
    """
    from cryptography.fernet import InvalidToken

    try:
        return _cipher(secret_key).decrypt(token.encode()).decode()
    except InvalidToken as problem:
        raise Misconfigured(
            "A stored secret cannot be read: JACKFIELD_SECRET_KEY (or secret.key in the data folder) is not the one that it was encrypted with. "
            "Put the old key back, or enter the secret again."
        ) from problem


@lru_cache(maxsize=4)
def _cipher(secret_key: str) -> "Fernet":
    from cryptography.fernet import Fernet  # inside: most processes never need it, and it is slow to load
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return Fernet(base64.urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(secret_key.encode())))
