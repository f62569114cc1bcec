/** The contract between the shell and a page: plain functions and values, so that a page may use any framework or none. */

/** What the default export of a page's entry module is. */
export interface PageModule {
  /** Draw the page into an empty element. Called once per element. */
  mount(element: HTMLElement, context: PageContext): void;
  /** Take everything away again: listeners, timers, drawings. The element is thrown away afterwards. */
  unmount(element: HTMLElement): void;
}

/** What the shell tells a page. The same for as long as the page is mounted; what changes meanwhile is a `Live` value. */
export interface PageContext {
  readonly project: PageProject;
  /** Where the page lives, for example `/project/1/insights`. */
  readonly basePath: string;
  readonly location: Live<PageLocation>;
  /** Language tag of the interface, for example `de`. */
  readonly locale: Live<string>;
  readonly theme: Live<Theme>;
  /**
   * Go to an address of Jackfield, read as a link on this page would be: `?days=7` or `/project/1`.
   *
   * A plain `<a href>` within the page does the same.
   */
  navigate(to: string, options?: NavigateOptions): void;
  /** Give up: the shell replaces the page by a card that names the plugin and this error. */
  fail(error: unknown): void;
}

export interface PageProject {
  readonly number: number;
  readonly name: string;
  /** IANA zone in which the project's days begin. */
  readonly timezone: string;
}

export interface PageLocation {
  /** What follows `basePath`: empty, or begins with `/`. */
  readonly path: string;
  /** Empty, or begins with `?`. */
  readonly search: string;
}

export interface NavigateOptions {
  /** Take the place of the current entry of the history instead of adding one. */
  readonly replace?: boolean;
}

export type Theme = "light" | "dark";

/** A value that changes. `current()` gives the identical value until it does. */
export interface Live<Value> {
  current(): Value;
  /** Call `listener` after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}
