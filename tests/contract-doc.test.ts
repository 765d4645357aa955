import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJson, encodeJson, SEQUENCE_OFFSET, SEQUENCE_WIDTH } from "../schemas/codec/json.ts";
import { encodeSbe } from "../schemas/codec/sbe.ts";
import * as layout from "../schemas/codec/sbe-layout.ts";
import {
  controlErrorCodes,
  controlReply,
  parseControl,
  pushRequest,
  subscribeRequest,
} from "../schemas/control.ts";
import { typicalQuote } from "../schemas/quote.ts";
import { rawTemplate, writeRawSequence } from "../schemas/raw.ts";
import { readyLine } from "../schemas/ready.ts";
import { endpoints, feedQuery, publishQuery } from "../servers/gateway/admission.ts";
import { readSettings } from "../servers/gateway/settings.ts";

const text = readFileSync(join(import.meta.dir, "..", "docs", "CONTRACT.md"), "utf8");
const section = (heading: string) => text.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
const blocks = (heading: string, language: string) =>
  [...section(heading).matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"))].map(
    ([, block = ""]) => block,
  );
/** Cells of all table rows of a section, without head and rule. */
const rows = (heading: string) =>
  section(heading)
    .split("\n")
    .filter((line) => line.startsWith("| ") && !line.startsWith("| ---"))
    .map((line) =>
      line
        .slice(2, -2)
        .split(" | ")
        .map((cell) => cell.trim()),
    );
const words = (cell: string | undefined) => [...(cell ?? "").matchAll(/`([^`]*)`/g)].map(([, word]) => word);
const hex = (heading: string) => blocks(heading, "hex").map((block) => block.replace(/\s/g, ""));
/** `x` i64 @8, … → { x: 8 } */
const offsets = (cell: string | undefined) =>
  Object.fromEntries(
    [...(cell ?? "").matchAll(/`(\w+)` \w+ @(\d+)/g)].map(([, name, at]) => [name, Number(at)]),
  );

describe("docs/CONTRACT.md", () => {
  test("process: the ready line is one, and the variables have the defaults of the program", () => {
    for (const block of blocks("Process", "json"))
      expect(() => readyLine.parse(JSON.parse(block))).not.toThrow();
    const settings = readSettings({});
    const shown = rows("Process").flatMap(([name, value]) =>
      words(name).length ? [[words(name)[0], value]] : [],
    );
    const numbers = [
      ...["PORT", "SLOW_CONSUMER", "BACKPRESSURE_LIMIT_BYTES", "MAX_PAYLOAD_BYTES"],
      ...["REPLAY_MESSAGES", "REPLAY_BYTES", "SERVER_CORES"],
    ].map((name) => [name, `\`${settings[name as "PORT"]}\``]);
    expect(Object.fromEntries(shown)).toEqual({
      ...Object.fromEntries(numbers),
      CANDIDATE: "the program's id",
      DEFLATE: settings.DEFLATE ? "`on`" : "`off`",
      TLS_CERT_FILE: settings.TLS_CERT_FILE ?? "none",
      TLS_KEY_FILE: settings.TLS_KEY_FILE ?? "none",
    });
  });

  test("HTTP: endpoints, parameters, their values and defaults", () => {
    for (const endpoint of endpoints) expect(section("HTTP")).toContain(`\`/${endpoint}\``);
    const parameters = rows("HTTP").filter(
      (row) => row.length === 4 && /^`\/(feed|publish)`$/.test(row[0] ?? ""),
    );
    const documented = parameters.map(([, name, values]) => [words(name)[0], words(values)]);
    const { from, ...fields } = { ...feedQuery.shape, ...publishQuery.shape };
    const free = documented.findIndex(([name]) => name === "from");
    for (const one of documented.splice(free, 1).flatMap(([, values]) => values ?? [])) {
      expect(from.safeParse(one).success).toBe(true);
    }
    expect(documented.map(([name]) => name)).toEqual(Object.keys(fields));
    for (const [name, field] of Object.entries(fields)) {
      const values: readonly string[] = field.unwrap().options;
      expect(documented.find(([one]) => one === name)?.[1]).toEqual([
        field.parse(undefined),
        ...values.slice(1),
      ]);
    }
  });

  test("/push: the request, its bounds and the raw pattern", () => {
    for (const block of blocks("`/push`", "json"))
      expect(pushRequest.safeParse(JSON.parse(block)).success).toBe(true);
    for (const name of ["count", "bytes", "seed"] as const) {
      const { minValue, maxValue } = pushRequest.shape[name];
      const least = name === "count" ? 1 : minValue;
      const row = rows("`/push`").find(([cell]) => words(cell)[0] === name);
      expect(row?.[1]).toStartWith(`${least} to ${maxValue}`);
    }
    const raw = rawTemplate(24, 1);
    writeRawSequence(raw, 7);
    expect(hex("`/push`")).toEqual([Buffer.from(raw).toString("hex")]);
  });

  test("/feed: requests are taken, mistakes get the code and the id that are shown", () => {
    let mistakes = 0;
    for (const [request = "", answer = ""] of rows("`/feed`")) {
      const [asked = "", told = ""] = [words(request)[0], words(answer)[0]];
      if (asked === "") continue;
      expect(controlReply.safeParse(JSON.parse(told)).success).toBe(true);
      const outcome = parseControl(asked);
      if (!told.includes('"error"')) {
        expect(outcome).not.toHaveProperty("error");
        continue;
      }
      mistakes += 1;
      expect(outcome).toEqual(JSON.parse(told, (key, value) => (key === "msg" ? expect.any(String) : value)));
    }
    expect(mistakes).toBe(6);
    const longestName = "x".repeat(126);
    const request = (params: string[], id: string) =>
      subscribeRequest.safeParse({ method: "SUBSCRIBE", params, id });
    expect(section("`/feed`")).toContain("1 to 1024 names");
    expect(request(Array(1024).fill(`${longestName}@a`), "i".repeat(36)).success).toBe(true);
    expect(request(Array(1025).fill("a@a"), "i").success).toBe(false);
    expect(request([`${longestName}x@a`], "i").success).toBe(false);
    expect(request(["a@a"], "i".repeat(37)).success).toBe(false);
  });

  test("resume: the code of a sequence that is gone", () => {
    const answers = rows("Resume").map(([, answer]) =>
      controlReply.safeParse(JSON.parse(words(answer)[0] ?? "null")),
    );
    const [head, ...rest] = answers;
    expect(head?.success).toBe(false);
    expect(rest.map(({ data }) => (data !== undefined && "error" in data ? data.error.code : null))).toEqual([
      null,
      controlErrorCodes.tooOld,
      null,
    ]);
  });

  test("JSON: every sample is what the codec writes", () => {
    const samples = blocks("JSON", "json").flatMap((block) => block.trim().split("\n"));
    expect(samples).toHaveLength(4);
    for (const sample of samples) {
      const { n, message } = decodeJson(sample);
      expect(encodeJson(message, n)).toBe(sample);
      expect(() => encodeSbe(message, n)).not.toThrow();
    }
    expect(samples[0]).toBe(encodeJson(typicalQuote, 7));
    const last = SEQUENCE_OFFSET + SEQUENCE_WIDTH - 1;
    expect(section("JSON").replaceAll("\n", " ")).toContain(
      `to ${SEQUENCE_WIDTH} characters so that it is read at bytes ${SEQUENCE_OFFSET} to ${last}`,
    );
  });

  test("SBE: templates, offsets, groups and a message", () => {
    const templates = rows("SBE").filter(([name]) => /^100\d\d /.test(name ?? ""));
    const { trades, bestBidAsk, depthSnapshotEvent, depthDiff, streamSuffixes } = layout;
    const known = {
      trade: trades,
      bookTicker: bestBidAsk,
      depthSnapshot: depthSnapshotEvent,
      depthUpdate: depthDiff,
    };
    expect(templates).toHaveLength(Object.keys(known).length);
    for (const [kind, { templateId, rootBytes, ...fields }] of Object.entries(known)) {
      const [, suffix, blockLength, root] =
        templates.find(([name]) => name?.startsWith(`${templateId} `)) ?? [];
      expect(words(suffix)).toEqual([streamSuffixes[kind as "trade"]]);
      expect(Number(blockLength)).toBe(rootBytes + 8);
      expect(offsets(root)).toEqual(fields);
    }
    const groups = rows("SBE").filter(([name]) => name === "trades" || name === "bids, asks");
    const entries = groups.map(([, , bytes, fields]) => ({ bytes: Number(bytes), ...offsets(fields) }));
    expect(entries).toEqual([layout.tradeEntry, layout.levelEntry]);
    expect(section("SBE")).toContain(`Schema ${layout.OWN_SCHEMA_ID}, version ${layout.SCHEMA_VERSION}`);
    expect(hex("SBE")).toEqual([Buffer.from(encodeSbe(typicalQuote, 7)).toString("hex")]);
  });

  test("is linked from where a stranger looks for it", () => {
    for (const file of ["README.md", "docs/ARCHITECTURE.md", "docs/ADD-YOUR-SERVER.md"])
      expect(readFileSync(join(import.meta.dir, "..", file), "utf8")).toContain("CONTRACT.md)");
  });
});
