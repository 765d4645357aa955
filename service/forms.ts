import { bytesOf, type ReportFile } from "../reports/file.ts";
import { type FormName, formNames, isBrowserForm, renderForms } from "../reports/forms.ts";
import { pageScript } from "../reports/html/bundle.ts";
import { scriptText } from "../reports/html/markup.ts";
import { PdfError } from "../reports/slides/pdf.ts";
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
  png: "image/png",
  pdf: "application/pdf",
};
const anyText = "text/plain;charset=utf-8";

/** Forms kept, a report and form each. */
const keptMax = 16;

/** Renders stored reports, and keeps the last ones. */
export class Forms {
  readonly #kept = new Map<string, Promise<readonly FormFile[]>>();

  /**
   * The files of a form. Throws RequestError for a form that there is not, and for one that a browser draws while a run is measured,
   * which it would disturb.
   */
  async of(id: string, form: string, read: () => Report, isMeasuring = false): Promise<readonly FormFile[]> {
    const name = formNames.find((one) => one === form);
    if (name === undefined) {
      throw new RequestError("not-found", `form: must be one of ${formNames.join(", ")}, got ${form}`);
    }
    const key = `${id} ${name}`;
    const known = this.#kept.get(key);
    if (known === undefined && isMeasuring && isBrowserForm(name)) {
      throw new RequestError(
        "wrong-state",
        `form: ${name} is drawn by a browser, which would disturb the run that is measured; come again when it is over`,
      );
    }
    const kept = known ?? rendered(read(), name);
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

async function rendered(report: Report, form: FormName): Promise<FormFile[]> {
  const files = await filesOf(report, form);
  const scripts: Partial<Record<FormName, readonly string[]>> = {
    html: form === "html" ? [String(scriptText(await pageScript()))] : [],
    slides: [slideScript],
  };
  return files.map(({ path, content }) => ({
    path,
    body: bytesOf(content),
    mediaType: mediaTypes[path.split(".").at(-1) ?? ""] ?? anyText,
    policy: reportPolicy(scripts[form] ?? []),
  }));
}

/** Throws RequestError where a form needs a browser, and this machine has none that does it. */
async function filesOf(report: Report, form: FormName): Promise<ReportFile[]> {
  try {
    return await Array.fromAsync(renderForms(report, [form], { indent: false }));
  } catch (error) {
    if (!(error instanceof PdfError)) throw error;
    throw new RequestError("no-browser", error.message);
  }
}
