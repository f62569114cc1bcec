/** The proof that a request comes from our own pages. */

/** The token that the server set as a cookie along with the shell; sent back as `X-CSRFToken`. */
export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}
