// Names that schemas, the command line and its help share. They stand apart from the schemas, so that a usage text is printed
// without loading a schema library.

export const profiles = ["smoke", "quick", "standard", "thorough"] as const;
export const codecs = ["json", "sbe", "raw"] as const;
export const slowConsumerPolicies = ["disconnect", "drop", "conflate"] as const;
export const feedPresets = ["quiet", "open", "burst", "flash-crash", "flat", "flat-poisson"] as const;
