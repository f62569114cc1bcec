/** The answer: total, chart, and what it cost to get. */

import { Button, Chart, type ChartSpec, EmptyState, today, useFormat, useProject, useSearchParam } from "@jackfield/kit";
import { useMemo } from "react";

import { useAnalyticsText } from "./analytics-text.ts";
import styles from "./trend-answer.module.css";
import type { Trend } from "./trend-query.ts";

export interface TrendAnswerProps {
  readonly trend: Trend;
  /** The event asked for; empty for all. */
  readonly event: string;
  readonly days: number;
}

export function TrendAnswer({ trend, event, days }: TrendAnswerProps) {
  const text = useAnalyticsText();
  const format = useFormat();
  const { number, timezone } = useProject();
  const [view, setView] = useSearchParam("view", "chart");
  const [, setEvent] = useSearchParam("event", "");
  const label = event || text("allEvents");
  const spec = useMemo(() => chartSpec(trend, label, timezone), [trend, label, timezone]);
  const total = trend.series.reduce((sum, series) => sum + series.total, 0);

  if (total === 0) {
    return (
      <EmptyState
        title={text("emptyTitle")}
        hint={event ? text("emptyHintEvent", { event, days }) : text("emptyHintAll")}
        action={
          event ? <Button onClick={() => setEvent("")}>{text("showAll")}</Button> : <a href={`/project/${number}`}>{text("howToSend")}</a>
        }
      />
    );
  }

  return (
    <>
      <p className={styles.total}>
        <strong>{format.number(total)}</strong> {text("total", { count: total })}
      </p>
      <Chart spec={spec} view={view === "table" ? "table" : "chart"} onViewChange={setView} />
      <p className={styles.cost}>
        {text("cost", { count: trend.rowsRead, rows: format.number(trend.rowsRead), milliseconds: format.number(Math.ceil(trend.elapsedMilliseconds)) })}
      </p>
    </>
  );
}

function chartSpec({ buckets, series }: Trend, label: string, timezone: string): ChartSpec {
  return {
    kind: "line",
    days: buckets,
    // One series is what was asked for, in the reader's language; the server's labels tell several apart.
    series: series.length === 1 ? [{ label, values: series[0]!.values }] : series,
    lastIncomplete: buckets.at(-1) === today(timezone),
  };
}
