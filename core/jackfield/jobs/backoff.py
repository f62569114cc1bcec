"""How long to wait before something that failed is tried again."""

import random
from typing import Final

from jackfield_sdk import Retryable

FIRST_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 3600.0


def backoff_seconds(failures: int, problem: BaseException | None = None) -> float:
    """Return the wait after so many failures: doubled each time, with jitter, so that what failed together does not return together.

    Args:
        failures: from 1.
        problem: a `Retryable` may ask for more.
    """
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 20))
    asked = float(problem.retry_after_seconds) if isinstance(problem, Retryable) else 0.0
    return max(asked, random.uniform(0.5, 1.0) * longest)  # noqa: S311 - no secret
