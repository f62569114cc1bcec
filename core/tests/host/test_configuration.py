"""Core's own settings: what is refused, by name."""

from pathlib import Path

import pytest

from jackfield.host.configuration import CORE_SETTINGS, read_configuration
from jackfield_sdk import Misconfigured


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("PORT", "65536", "0 to 65535"),
        ("PORT", "-1", "0 to 65535"),
        ("WEB_WORKERS", "0", "1 to"),
        ("LOG_MAX_BYTES", "0", "1 to"),
        ("BATCH_MAX_EVENTS", "-5", "1 to"),
        ("BATCH_MAX_BYTES", "0", "1 to"),
        ("BATCH_MAX_WAIT_MS", "-1", "0 to"),
        ("STORE_MEMORY_BYTES", "0", "1 to"),
        ("DJANGO_THREADS", "0", "1 to"),
        ("QUERY_SECONDS", "nan", "0.001 to"),
        ("BODY_SECONDS", "inf", "0.001 to"),
    ],
)
def test_a_number_out_of_its_range_is_refused_by_name(tmp_path: Path, name: str, value: str, allowed: str) -> None:
    with pytest.raises(Misconfigured, match=f"JACKFIELD_{name} is .*; it must be from {allowed}"):
        read_configuration({"JACKFIELD_DATA_DIR": str(tmp_path), f"JACKFIELD_{name}": value})


def test_a_data_folder_that_cannot_be_made_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Misconfigured, match=f"{tmp_path}/file/data cannot be used: Not a directory"):
        read_configuration({"JACKFIELD_DATA_DIR": str(tmp_path / "file" / "data")})


def test_a_new_data_folder_is_its_owners_alone(tmp_path: Path) -> None:
    configuration = read_configuration({"JACKFIELD_DATA_DIR": str(tmp_path / "deep" / "data")})

    assert configuration.data_dir.stat().st_mode & 0o777 == 0o700


def test_the_address_of_the_database_is_a_secret_for_it_holds_a_password() -> None:
    (setting,) = [setting for setting in CORE_SETTINGS if setting.name == "database_url"]

    assert setting.secret
