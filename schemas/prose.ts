import { z } from "zod";

/** Words for a reader. No code reads them: what may matter to one stands beside them as an enum or a number. */
export const prose = z.string().meta({ prose: true });
