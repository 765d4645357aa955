// Names that schemas, the command line and its help share. They stand apart from the schemas, so that a usage text is printed
// without loading a schema library.

/** By length, but for `open`: it measures what breaks at the market's open, and takes as long as that takes. */
export const profiles = ["smoke", "quick", "standard", "thorough", "open"] as const;
export const runtimeNames = ["node", "bun", "python"] as const;
export const codecs = ["json", "sbe", "raw"] as const;
export const slowConsumerPolicies = ["disconnect", "drop", "conflate"] as const;
export const feedPresets = ["quiet", "open", "burst", "flash-crash", "flat", "flat-poisson"] as const;
/** Trials beside the rounds. None of their figures is compared, and none enters a decision. */
export const extraKinds = ["why", "soak"] as const;
/** Processes of one server, at most. */
export const mostServerCores = 64;
