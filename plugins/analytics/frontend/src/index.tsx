/** The entry of the analytics page; holds nothing else, so that a development server can swap components in place. */

import { definePage } from "@jackfield/kit";

import { EventsPerDay } from "./events-per-day.tsx";

export default definePage(EventsPerDay);
