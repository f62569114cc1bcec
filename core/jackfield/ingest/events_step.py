"""The definition of the events table: light at import, for every process collects it."""

from typing import Final

from jackfield_sdk import ClickHouseStep, ClickHouseTable

EVENTS_TABLE: Final = "events"

EVENTS_STEP: Final = ClickHouseStep(
    number=1,
    name="events",
    tables=[ClickHouseTable(name=EVENTS_TABLE)],
    statements=[
        """CREATE TABLE IF NOT EXISTS {database}.events (
    uuid UUID,
    team_id Int64,
    event LowCardinality(String),
    distinct_id String CODEC(ZSTD(1)),
    person_id UUID,
    timestamp DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    created_at DateTime64(6, 'UTC') CODEC(Delta(8), ZSTD(1)),
    properties String CODEC(ZSTD(1)),
    elements_chain String DEFAULT '' CODEC(ZSTD(1)),
    person_mode LowCardinality(String) DEFAULT 'full',
    session_uuid UUID,
    group_0 LowCardinality(String) DEFAULT '',
    group_1 LowCardinality(String) DEFAULT '',
    group_2 LowCardinality(String) DEFAULT '',
    group_3 LowCardinality(String) DEFAULT '',
    group_4 LowCardinality(String) DEFAULT '',
    INDEX i_distinct_id distinct_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX i_person_id person_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX i_uuid uuid TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX i_created_at created_at TYPE minmax GRANULARITY 1
) ENGINE = MergeTree
PARTITION BY toYYYYMM(timestamp)
ORDER BY (team_id, toDate(timestamp), event, cityHash64(distinct_id), cityHash64(uuid))
SETTINGS default_compression_codec = 'ZSTD(1)', non_replicated_deduplication_window = 1000, min_bytes_for_wide_part = 268435456"""
    ],
)
