import { type ExporterName, exporters, isExporterName } from "../reports/exporters.ts";
import { pageScript } from "../reports/html/bundle.ts";
import { scriptText } from "../reports/html/markup.ts";
import { slideScript } from "../reports/slides/slides.ts";
import type { Report } from "../schemas/report.ts";
import { reportPolicy } from "./headers.ts";
import { RequestError } from "./problem.ts";

/** A file of a rendered report, as it is sent. */
export interface FormFile {
  readonly path: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  readonly policy: string;
}

const mediaTypes: Readonly<Record<string, string>> = {
  html: "text/html;charset=utf-8",
  svg: "image/svg+xml;charset=utf-8",
  json: "application/json;charset=utf-8",
  csv: "text/csv;charset=utf-8",
  md: "text/plain;charset=utf-8",
};
const anyText = "text/plain;charset=utf-8";

/** Forms kept, a report and form each. */
const keptMax = 16;

/** Renders stored reports, and keeps the last ones. */
export class Forms {
  readonly #kept = new Map<string, Promise<readonly FormFile[]>>();

  /** The files of a form. Throws RequestError for a form that there is not. */
  async of(id: string, form: string, read: () => Report): Promise<readonly FormFile[]> {
    if (!isExporterName(form)) {
      throw new RequestError(
        "not-found",
        `form: must be one of ${Object.keys(exporters).join(", ")}, got ${form}`,
      );
    }
    const key = `${id} ${form}`;
    const kept = this.#kept.get(key) ?? rendered(read(), form);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.catch(() => this.#kept.delete(key));
    for (const old of [...this.#kept.keys()].slice(0, -keptMax)) this.#kept.delete(old);
    return kept;
  }

  /** Forgets the forms of a run whose report is another now. */
  forget(id: string): void {
    for (const key of [...this.#kept.keys()]) if (key.startsWith(`${id} `)) this.#kept.delete(key);
  }
}

async function rendered(report: Report, form: ExporterName): Promise<FormFile[]> {
  const files = await exporters[form].render(report, { indent: false });
  const scripts: Partial<Record<ExporterName, readonly string[]>> = {
    html: form === "html" ? [String(scriptText(await pageScript()))] : [],
    slides: [slideScript],
  };
  return files.map(({ path, content }) => ({
    path,
    body: typeof content === "string" ? new TextEncoder().encode(content) : new Uint8Array(content),
    mediaType: mediaTypes[path.split(".").at(-1) ?? ""] ?? anyText,
    policy: reportPolicy(scripts[form] ?? []),
  }));
}
