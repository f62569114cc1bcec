/** The entry of the guestbook page; holds nothing else, so that a development server can swap components in place. */

import { definePage } from "@jackfield/kit";

import { Guestbook } from "./guestbook.tsx";

export default definePage(Guestbook);
