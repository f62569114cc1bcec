/** Numbers and days as people of a language write them. */

import { useMemo } from "react";

import { useLive } from "./page-context.ts";
import { locale } from "./text.ts";

export interface Format {
  /** 12,345 */
  number(value: number): string;
  /** 12K: for axes, where the exact number would not fit. */
  shortNumber(value: number): string;
  /** Nov 24, of `2026-11-24`. */
  day(day: string): string;
  /** Tue, Nov 24, 2026 */
  longDay(day: string): string;
}

export function useFormat(): Format {
  const language = useLive(locale);
  return useMemo(() => createFormat(language), [language]);
}

export function createFormat(language: string): Format {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
  const shortNumber = new Intl.NumberFormat(language, { notation: "compact" });
  const day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone: "UTC" });
  const longDay = new Intl.DateTimeFormat(language, { weekday: "short", year: "numeric", month: "short", day: "numeric", timeZone: "UTC" });

  return {
    number: (value) => number.format(value),
    shortNumber: (value) => shortNumber.format(value),
    day: (text) => day.format(readDay(text)),
    longDay: (text) => longDay.format(readDay(text)),
  };
}

/** The calendar day that it is now in a zone, as `2026-11-24`. */
export function today(timezone: string, now: Date = new Date()): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
}

/** A calendar day has no zone: read and written in UTC it stays the day it is. */
function readDay(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}
