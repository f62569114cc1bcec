/** How many events came on each day. */

import { Field, FieldGroup, FilterInput, Notice, Page, Select, useProject, useQuery, useSearchParam } from "@jackfield/kit";

import { useAnalyticsText } from "./analytics-text.ts";
import { TrendAnswer } from "./trend-answer.tsx";
import { TrendQuery } from "./trend-query.ts";

const ranges = [7, 30, 90];

export function EventsPerDay() {
  const text = useAnalyticsText();
  const project = useProject();
  const [typed, setTyped] = useSearchParam("event", "");
  const event = typed.trim();
  const [daysParam, setDays] = useSearchParam("days", "30");
  const days = ranges.find((range) => String(range) === daysParam) ?? 30; // an address may say anything
  const trend = useQuery(TrendQuery, { project: project.number, event: event || null, days }, { refreshSeconds: 10 });

  return (
    <Page
      title={text("title")}
      query={trend}
      controls={
        <FieldGroup>
          <Field label={text("event")}>
            <FilterInput type="search" value={typed} placeholder={text("allEvents")} onCommit={setTyped} />
          </Field>
          <Field label={text("range")}>
            <Select value={String(days)} onChange={setDays} options={ranges.map((range) => ({ value: String(range), label: text("lastDays", { days: range }) }))} />
          </Field>
        </FieldGroup>
      }
    >
      {({ project: found }) =>
        found ? <TrendAnswer trend={found.trend} event={event} days={days} /> : <Notice kind="attention">{text("noProject")}</Notice>
      }
    </Page>
  );
}
