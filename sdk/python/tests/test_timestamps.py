"""Texts and numbers of clients become microseconds since 1970."""

import pytest

from jackfield_sdk.timestamps import microseconds


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-01-02T00:04:05Z", 1_767_312_245_000_000),
        (" 2026-01-02T02:04:05.123456789+02:00\n", 1_767_312_245_123_456),
        ("2026-01-02 00:04:05", 1_767_312_245_000_000),
        ("2026-01-02", 1_767_312_000_000_000),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200_000_000),
        (0, 0),
        (1_767_312_245, 1_767_312_245_000_000),
        (1_767_312_245.1, 1_767_312_245_100_000),
        (1_767_312_245_250, 1_767_312_245_250_000),
        (-1.5, -1_500_000),
        (10**400, 10**403),
    ],
)
def test_many_spellings_are_read(value: str | float, expected: int) -> None:
    assert microseconds(value) == expected


@pytest.mark.parametrize("value", ["", "soon", "1767312245", "2026-13-01", "2026-01-02T25:00:00Z", 1e308, float("inf"), float("nan")])
def test_what_is_no_time_is_refused(value: str | float) -> None:
    with pytest.raises(ValueError):
        microseconds(value)
