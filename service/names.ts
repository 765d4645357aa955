// Names that the service's schemas and its command line share. They stand apart from the schemas, so that a usage text is printed
// without loading a schema library.

/** Where the store lies when nothing else is said; the records of runs lie beside it. */
export const defaultDatabase = "reports/tickbench.db";

/**
 * Where a run stands. `interrupted`: its service or its runner was killed, or the service was ended; `cancelled`: somebody asked for
 * its end. Both, and `failed`, keep what was measured, and can be resumed where their record is still there.
 */
export const runStates = ["queued", "running", "finished", "failed", "cancelled", "interrupted"] as const;
