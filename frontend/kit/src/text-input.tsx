/** A line of text. */

import type { InputHTMLAttributes } from "react";

import styles from "./control.module.css";
import { useFieldLink } from "./field.tsx";

export type TextInputProps = InputHTMLAttributes<HTMLInputElement>;

export function TextInput({ type = "text", ...rest }: TextInputProps) {
  return <input type={type} className={styles.control} {...useFieldLink()} {...rest} />;
}
