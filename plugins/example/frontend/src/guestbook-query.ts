/**
 * The question of the page, and its answer.
 *
 * `graphql` of the kit knows the fields of `docs/schema.graphql`, which a plugin of your own is not in: say what you ask for yourself.
 */

import { gql } from "urql";

export interface GuestbookProject {
  readonly token: string;
  readonly guestbook: { readonly nodes: readonly Entry[] };
}

export interface Entry {
  readonly uuid: string;
  /** ISO 8601, UTC. */
  readonly signedAt: string;
  readonly guestName: string;
  readonly message: string;
  readonly thanks: string | null;
}

export const GuestbookQuery = gql<{ readonly project: GuestbookProject | null }, { readonly project: number }>(`
  query Guestbook($project: Int!) {
    project(number: $project) {
      token
      guestbook(first: 50) {
        nodes {
          uuid
          signedAt
          guestName
          message
          thanks
        }
      }
    }
  }
`);
