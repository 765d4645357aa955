import type { RuntimeName } from "../../../schemas/plan.ts";

/**
 * Last days of support by line. Node: schedule.json of nodejs/Release, and for lines from 16 on the table at
 * nodejs.org/en/about/previous-releases. Python: the table of the Python developer's guide, devguide.python.org/versions,
 * which gives a month.
 */
const lastDays: Readonly<Record<Exclude<RuntimeName, "bun">, Readonly<Record<string, string>>>> = {
  node: {
    "14": "2023-04-30",
    "15": "2021-06-01",
    "16": "2023-09-11",
    "17": "2022-06-01",
    "18": "2025-04-30",
    "19": "2023-06-01",
    "20": "2026-04-30",
    "21": "2024-06-01",
    "22": "2027-04-30",
    "23": "2025-06-01",
    "24": "2028-04-30",
    "25": "2026-06-01",
    "26": "2029-04-30",
  },
  python: {
    "3.8": "2024-10-07",
    "3.9": "2025-10-31",
    "3.10": "2026-10-31",
    "3.11": "2027-10-31",
    "3.12": "2028-10-31",
    "3.13": "2029-10-31",
  },
};

/**
 * Why a version no longer gets fixes on a day; null where it does, or where that is not known. Bun has no lines of
 * long support: fixes go into the newest minor version, so that anything below `newestBun` is past its end.
 */
export function endOfLife(
  runtime: RuntimeName,
  version: string,
  day: Date,
  newestBun: string = Bun.version,
): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (runtime === "bun") {
    const [newMajor = 0, newMinor = 0] = newestBun.split(".").map(Number);
    if (major > newMajor || (major === newMajor && minor >= newMinor)) return null;
    return `bun ${version} is below ${newMajor}.${newMinor}: Bun has no long-term support and fixes only its newest minor version`;
  }
  const line = runtime === "node" ? `${major}` : `${major}.${minor}`;
  const lines = lastDays[runtime];
  const oldest = Object.keys(lines).toSorted(
    (a, b) => Number(a.split(".").at(-1)) - Number(b.split(".").at(-1)),
  )[0];
  const last = lines[line];
  if (last === undefined) {
    const before = runtime === "node" && major < Number(oldest);
    return before ? `node ${version} is older than any supported line` : null;
  }
  // The last day itself still counts.
  if (day.toISOString().slice(0, 10) <= last) return null;
  return `${runtime} ${version} has had no fixes since ${last}, the end of the ${line} line`;
}
