/** Forms that a comparison of two runs can be written in; apart from what writes them, so that the help need not load it. */
export const diffFormNames = ["md", "html"] as const;
export type DiffForm = (typeof diffFormNames)[number];
