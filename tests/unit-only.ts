import { guard } from "./unit-guard.ts";

guard(Bun);
