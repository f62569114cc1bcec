/** The page's words. */

import { defineText } from "@jackfield/kit";

import de from "./text/de.json";
import en from "./text/en.json";

export const useGuestbookText = defineText("example", { en, de });
