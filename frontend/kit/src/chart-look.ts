/** Reads how charts look from the theme's `--jf-…` variables. */

import type { ChartLook } from "./chart-option.ts";

const seriesCount = 6;

/** Colours and font as the element inherits them, so that themes of users count too. */
export function readChartLook(element: Element): Omit<ChartLook, "format"> {
  const style = getComputedStyle(element);
  const variable = (name: string): string => style.getPropertyValue(`--jf-${name}`).trim();

  return {
    series: Array.from({ length: seriesCount }, (_, index) => variable(`series-${index + 1}`)),
    text: variable("text-muted"),
    grid: variable("line"),
    axis: variable("line-strong"),
    font: variable("font"),
    animate: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  };
}
