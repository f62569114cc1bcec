/** The question of the page. */

import { graphql, type ResultOf } from "@jackfield/kit";

export const TrendQuery = graphql(`
  query Trend($project: Int!, $event: String, $days: Int!) {
    project(number: $project) {
      trend(event: $event, days: $days) {
        buckets
        elapsedMilliseconds
        rowsRead
        series {
          label
          total
          values
        }
      }
    }
  }
`);

export type Trend = NonNullable<ResultOf<typeof TrendQuery>["project"]>["trend"];
