/** A button: says the verb and the thing. */

import type { ButtonHTMLAttributes } from "react";

import styles from "./button.module.css";

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `primary` for the one next step of a page. */
  readonly look?: "primary" | "plain" | "quiet";
}

export function Button({ look = "plain", type = "button", className, ...rest }: ButtonProps) {
  return <button type={type} className={[styles.button, styles[look], className].filter(Boolean).join(" ")} {...rest} />;
}
