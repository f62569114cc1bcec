/** What a chart shows, free of how it is drawn. */

export interface ChartSpec {
  readonly kind: "line" | "bar";
  /** Calendar days from left to right, each as `2026-11-24`. */
  readonly days: readonly string[];
  readonly series: readonly ChartSeries[];
  /** The last day is not over: its numbers still grow, and are drawn so. */
  readonly lastIncomplete?: boolean;
}

export interface ChartSeries {
  readonly label: string;
  /** One number for each day. */
  readonly values: readonly number[];
}
