/** Values that change and can be listened to, without any framework. */

import type { Live } from "./page-contract.ts";

export interface LiveSource<Value> extends Live<Value> {
  set(value: Value): void;
}

/** Make a value that its owner can change. */
export function createLive<Value>(initial: Value): LiveSource<Value> {
  const listeners = new Set<() => void>();
  let value = initial;

  return {
    current: () => value,
    set(next) {
      if (Object.is(value, next)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Make a live value that never changes, for tests and previews. */
export function constant<Value>(value: Value): Live<Value> {
  return { current: () => value, subscribe: () => () => undefined };
}
