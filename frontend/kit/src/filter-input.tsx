/** A line of text that takes effect while it is typed: no button, no Enter needed. */

import { useEffect, useRef, useState } from "react";

import type { NavigateOptions } from "./page-contract.ts";
import { TextInput, type TextInputProps } from "./text-input.tsx";

const pauseMilliseconds = 400;

export interface FilterInputProps extends Omit<TextInputProps, "value" | "onChange"> {
  readonly value: string;
  /**
   * Called when typing pauses, at Enter and on leaving.
   *
   * From the second pause on, `replace` is set: Back should undo the whole entry, not its last letters.
   */
  readonly onCommit: (value: string, options: NavigateOptions) => void;
}

export function FilterInput({ value, onCommit, ...rest }: FilterInputProps) {
  const [draft, setDraft] = useState<string | null>(null); // null: nothing typed that is not committed
  const [committed, setCommitted] = useState(false);
  const timer = useRef<number>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  function commit(text: string): void {
    window.clearTimeout(timer.current);
    setDraft(null);
    if (text === value) return;
    setCommitted(true);
    onCommit(text, { replace: committed });
  }

  return (
    <TextInput
      autoComplete="off"
      spellCheck={false}
      {...rest}
      value={draft ?? value}
      onChange={(event) => {
        const text = event.target.value;
        setDraft(text);
        window.clearTimeout(timer.current);
        timer.current = window.setTimeout(() => commit(text), pauseMilliseconds);
      }}
      onKeyDown={(event) => {
        if (event.key === "Enter") commit(event.currentTarget.value);
      }}
      onBlur={(event) => {
        commit(event.currentTarget.value);
        setCommitted(false);
      }}
    />
  );
}
