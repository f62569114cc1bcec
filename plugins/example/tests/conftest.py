"""Every test starts with the guestbook alone."""

from collections.abc import Sequence

import pytest


@pytest.fixture
def jackfield_plugins() -> Sequence[str]:
    return ["example"]
