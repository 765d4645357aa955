import type { InsideFigures } from "../../schemas/inside.ts";

/** A CPU profile as the inspector of V8 and that of Bun give it (Chrome DevTools Protocol, Profiler.Profile). */
export interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
}

const framesMax = 8;
/** Samples in which the program did not run. */
const notBusy = new Set(["(idle)", "(root)"]);
/** The instrument's own: the inspector, and the program inside the server, in its own file or bundled. */
const instruments = /^node:inspector$|(^|[/-])inside\.m?[jt]s$/;

/** The functions that were running, by their own share of the busy time: what they called counts for what was called. */
export function topFrames({ nodes, samples = [], timeDeltas = [] }: Profile): InsideFigures["profile"] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const selfTimes = new Map<string, { name: string; where: string; time: number }>();
  let busy = 0;
  let count = 0;
  for (const [i, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || notBusy.has(frame.functionName) || instruments.test(frame.url)) continue;
    const time = Math.max(0, timeDeltas[i] ?? 0);
    const name = frame.functionName === "" ? "(anonymous)" : frame.functionName;
    const where = whereOf(frame.url, frame.lineNumber);
    const known = selfTimes.get(`${name}\n${where}`) ?? { name, where, time: 0 };
    known.time += time;
    selfTimes.set(`${name}\n${where}`, known);
    busy += time;
    count += 1;
  }
  const top = [...selfTimes.values()].toSorted((a, b) => b.time - a.time).slice(0, framesMax);
  return {
    samples: count,
    frames: busy === 0 ? [] : top.map(({ name, where, time }) => ({ name, where, share: time / busy })),
  };
}

/** `ws/lib/sender.js:412` of a package's file, else the file's own name; nothing for what is the runtime's. */
function whereOf(url: string, lineNumber: number): string {
  if (url === "") return "";
  const path = url.split("?")[0] ?? "";
  const inPackage = path.lastIndexOf("node_modules/");
  const short = inPackage < 0 ? path.slice(path.lastIndexOf("/") + 1) : path.slice(inPackage + 13);
  return lineNumber < 0 ? short : `${short}:${lineNumber + 1}`;
}
