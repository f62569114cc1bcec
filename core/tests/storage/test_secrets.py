"""Stored secrets can be read with the same key, and with no other."""

import pytest

from jackfield.storage.secrets import decrypt, encrypt
from jackfield_sdk import Misconfigured


def test_a_secret_can_be_read_with_its_key() -> None:
    tokens = [encrypt("key", "Žofie's password") for _ in range(2)]

    assert [decrypt("key", token) for token in tokens] == ["Žofie's password"] * 2
    assert tokens[0] != tokens[1]
    assert "password" not in tokens[0]


@pytest.mark.parametrize("token", [encrypt("old key", "secret"), "no token", ""])
def test_another_key_is_named_as_the_cause(token: str) -> None:
    with pytest.raises(Misconfigured, match="JACKFIELD_SECRET_KEY"):
        decrypt("new key", token)
