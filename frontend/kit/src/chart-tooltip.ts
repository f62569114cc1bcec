/** What hovering over a day shows: all series at that day, largest first. */

import styles from "./chart.module.css";
import type { ChartSpec } from "./chart-spec.ts";
import type { Format } from "./format.ts";

/**
 * Build the tooltip's content.
 *
 * It is made of elements: ECharts' own is a string with inline styles, which the content security policy refuses.
 */
export function buildTooltip(spec: ChartSpec, at: number, format: Format, soFar: string): HTMLElement {
  const unfinished = spec.lastIncomplete && at === spec.days.length - 1;
  const rows = spec.series
    .map(({ label, values }, index) => ({ label, value: values[at] ?? 0, index }))
    .toSorted((one, other) => other.value - one.value)
    .map(({ label, value, index }) => {
      const mark = element("span", styles.mark);
      mark.dataset["series"] = String(index % 6);
      return element("div", styles.tooltipRow, mark, element("span", styles.tooltipLabel, label), element("span", styles.tooltipValue, format.number(value)));
    });

  const day = format.longDay(spec.days[at] ?? "");
  return element("div", styles.tooltip, element("div", styles.tooltipDay, unfinished ? `${day} (${soFar})` : day), ...rows);
}

function element(tag: string, className: string | undefined, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  made.className = className ?? "";
  made.append(...children);
  return made;
}
