// Marp by itself, to be built into one file.
export { Marp } from "@marp-team/marp-core";
