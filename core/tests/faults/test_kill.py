"""kill -9 at any moment: what was acknowledged is there, and nothing is there twice.

`JACKFIELD_FAULT_ROUNDS` sets how many rounds, `JACKFIELD_FAULT_REPORT` names a file to which each test appends what it has seen;
`python -m bench --only faults` uses both.
"""

import json
import os
import random
from collections import Counter
from pathlib import Path

import pytest
from tests.faults.conftest import Install
from tests.faults.installation import Installation
from tests.faults.senders import Senders

ROUNDS = int(os.environ.get("JACKFIELD_FAULT_ROUNDS", "3"))
EVENTS_PER_ROUND = 12_000
SECONDS_PER_ROUND = 12.0


@pytest.mark.timeout(60 + ROUNDS * SECONDS_PER_ROUND)
def test_no_event_is_lost_or_doubled_when_the_web_worker_is_killed(install: Install) -> None:
    installation = install()
    senders = Senders(installation.port)

    for _ in range(ROUNDS):
        senders.start(EVENTS_PER_ROUND)
        senders.wait_for(random.randrange(1, EVENTS_PER_ROUND * 3 // 4))
        installation.kill("web")
        senders.finish()

    _expect_each_once(installation, senders)
    assert senders.cut >= ROUNDS, "a kill met no request on its way"
    _report("web", senders, ROUNDS, 0)


@pytest.mark.timeout(60 + ROUNDS * SECONDS_PER_ROUND)
def test_no_event_is_lost_or_doubled_when_the_engine_is_killed(install: Install) -> None:
    installation = install()
    senders = Senders(installation.port)

    for number in range(1, ROUNDS + 1):
        senders.start(EVENTS_PER_ROUND)
        senders.wait_for(random.randrange(1, EVENTS_PER_ROUND * 3 // 4))
        installation.kill("engine")
        installation.order("die-after-insert")  # between the insert and the log's delete
        installation.wait_until(lambda number=number: len(installation.deaths("after-insert")) == number)
        senders.finish()

    _expect_each_once(installation, senders)
    _report("engine", senders, 2 * ROUNDS, ROUNDS)


def _expect_each_once(installation: Installation, senders: Senders) -> None:
    installation.wait_until_empty()
    stored = Counter(installation.stored())
    assert [uuid for uuid in senders.acknowledged if uuid not in stored] == []
    assert [uuid for uuid, times in stored.items() if times > 1] == []
    assert installation.dead_letters() == []


def _report(victim: str, senders: Senders, kills: int, proven: int) -> None:
    if path := os.environ.get("JACKFIELD_FAULT_REPORT"):
        figures = {
            "victim": victim,
            "rounds": ROUNDS,
            "kills": kills,
            "between_insert_and_delete": proven,
            "acknowledged": len(senders.acknowledged),
            "cut": senders.cut,
        }
        with Path(path).open("a") as report:
            report.write(json.dumps(figures) + "\n")
