/** Typed GraphQL documents: a field that the schema lacks does not compile. */

import { initGraphQLTada } from "gql.tada";

import type { introspection } from "./graphql-env.d.ts";

export const graphql = initGraphQLTada<{ introspection: introspection; scalars: { Date: string } }>();

export type { FragmentOf, ResultOf, VariablesOf } from "gql.tada";
