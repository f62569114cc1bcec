/** The kit's own words. */

import { defineText } from "./text.ts";
import de from "./text/de.json";
import en from "./text/en.json";

export const useKitText = defineText("kit", { en, de });
