/** `@jackfield/kit`: what a page needs to look, read and behave like the rest of Jackfield. */

export type { Live, NavigateOptions, PageContext, PageLocation, PageModule, PageProject, Theme } from "./page-contract.ts";
export { constant, createLive, type LiveSource } from "./live.ts";

export { definePage } from "./define-page.tsx";
export { useLive, usePageContext, useProject } from "./page-context.ts";
export { useSearchParam } from "./search-param.ts";

export { graphql } from "./graphql.ts";
export type { FragmentOf, ResultOf, VariablesOf } from "./graphql.ts";
export { graphqlClient, signInAddress } from "./graphql-client.ts";
export { csrfToken } from "./csrf.ts";
export { useQuery, type Query, type QueryOptions } from "./query.ts";
export { useOnline } from "./online.ts";

export { defineText, locale, locales, setLocale, type Locale } from "./text.ts";
export { useFormat, today, type Format } from "./format.ts";

export { Button, type ButtonProps } from "./button.tsx";
export { Chart, type ChartProps, type ChartView } from "./chart.tsx";
export type { ChartSeries, ChartSpec } from "./chart-spec.ts";
export { Code } from "./code.tsx";
export { EmptyState } from "./empty-state.tsx";
export { Field, FieldGroup } from "./field.tsx";
export { FilterInput } from "./filter-input.tsx";
export { Notice } from "./notice.tsx";
export { Page, PageSkeleton } from "./page.tsx";
export { Select, type SelectOption } from "./select.tsx";
export { TextInput } from "./text-input.tsx";
