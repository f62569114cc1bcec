/** The chart's numbers as a table: for screen readers, for exact values, for copying. */

import styles from "./chart.module.css";
import type { ChartSpec } from "./chart-spec.ts";
import { useFormat } from "./format.ts";
import { useKitText } from "./kit-text.ts";

export function ChartTable({ spec }: { readonly spec: ChartSpec }) {
  const text = useKitText();
  const format = useFormat();
  const newestFirst = spec.days.map((day, at) => ({ day, at })).toReversed();

  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">{text("day")}</th>
          {spec.series.map(({ label }) => (
            <th key={label} scope="col">
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {newestFirst.map(({ day, at }) => (
          <tr key={day}>
            <th scope="row">
              <time dateTime={day}>{format.longDay(day)}</time>
              {spec.lastIncomplete && at === spec.days.length - 1 && <span className={styles.soFar}> {text("soFar")}</span>}
            </th>
            {spec.series.map(({ label, values }) => (
              <td key={label}>{format.number(values[at] ?? 0)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
