/// <reference lib="dom" />
// Drawn as plain SVG: attributes alone, since the pages' policy allows no style in markup.

const namespace = "http://www.w3.org/2000/svg";

function svg(name: string, attributes: Readonly<Record<string, string | number>>, text = ""): SVGElement {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  return made;
}

export interface Dot {
  readonly value: number;
  readonly ciLow?: number | null;
  readonly ciHigh?: number | null;
  /** Drawn hollow where not. */
  readonly isFull: boolean;
  readonly title: string;
}

/** Positions between `from` and `to` on a log scale over all positive values; a single value stands in the middle. */
function logScale(values: readonly number[], from: number, to: number) {
  const logs = values.filter((value) => value > 0).map(Math.log);
  const low = logs.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = logs.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const position = (value: number): number =>
    high > low ? from + ((Math.log(value) - low) / (high - low)) * (to - from) : (from + to) / 2;
  return { position, low: Math.exp(low), high: Math.exp(high), isEmpty: logs.length === 0 };
}

const extent = (dots: readonly Dot[]): number[] =>
  dots.flatMap(({ value, ciLow, ciHigh }) => [value, ciLow ?? value, ciHigh ?? value]);

/** As wide as the page gives room for, so that letters are as large as the others; a window that is made narrower shrinks them. */
const widthNow = (): number => Math.max(320, document.querySelector("main")?.clientWidth ?? 0);

function frame(width: number, height: number, label: string): SVGElement {
  return svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label, class: "chart" });
}

function circle(x: number, y: number, { isFull, title }: Dot): SVGElement {
  const made = svg("circle", { cx: x, cy: y, r: 3.5, class: isFull ? "dot" : "dot hollow" });
  made.append(svg("title", {}, title));
  return made;
}

/** A row of dots for each name, on one log scale. */
export function rowChart(
  label: string,
  rows: ReadonlyMap<string, readonly Dot[]>,
  format: (value: number) => string,
): SVGElement {
  const [width, height] = [widthNow(), rows.size * 40 + 24];
  const made = frame(width, height, label);
  const scale = logScale(extent([...rows.values()].flat()), 8, width - 8);
  let y = 0;
  for (const [name, dots] of rows) {
    made.append(svg("text", { x: 0, y: y + 13 }, name));
    made.append(svg("line", { x1: 0, x2: width, y1: y + 27, y2: y + 27, class: "rule" }));
    for (const dot of dots.filter(({ value }) => value > 0))
      made.append(circle(scale.position(dot.value), y + 27, dot));
    y += 40;
  }
  if (scale.isEmpty) return made;
  made.append(svg("text", { x: 0, y: height - 4 }, format(scale.low)));
  if (scale.high > scale.low)
    made.append(svg("text", { x: width, y: height - 4, "text-anchor": "end" }, format(scale.high)));
  return made;
}

/** Room for the values beside the dots, and between the texts of two marks of one row. */
const valueRoom = 76;
const markRoom = 170;

/**
 * Dots in their order with their intervals on a log scale; `marks` are the dots before which a line is drawn, and `ends` what stands
 * below the first and the last.
 */
export function orderChart(
  label: string,
  dots: readonly Dot[],
  marks: ReadonlyMap<number, string>,
  { format, ends }: { readonly format: (value: number) => string; readonly ends: readonly string[] },
): SVGElement {
  const [width, height] = [widthNow(), 260];
  const [top, bottom] = [48, height - 30];
  const made = frame(width, height, label);
  const scale = logScale(extent(dots), bottom - 8, top + 8);
  const step = (width - valueRoom - 8) / Math.max(1, dots.length);
  if (scale.isEmpty) return made;
  const middle = Math.sqrt(scale.low * scale.high);
  for (const value of scale.high > scale.low ? [scale.low, middle, scale.high] : [scale.low]) {
    const y = scale.position(value);
    made.append(svg("line", { x1: valueRoom, x2: width, y1: y, y2: y, class: "rule" }));
    made.append(svg("text", { x: valueRoom - 8, y: y + 4, "text-anchor": "end" }, format(value)));
  }
  // Texts on two rows in turn, so that neighbours can be read; where there is no room a line has its title alone.
  const taken: [number, number] = [-markRoom, -markRoom];
  for (const [nth, [at, text]] of [...marks].toSorted(([a], [b]) => a - b).entries()) {
    const [row, x] = [nth % 2 === 0 ? 0 : 1, valueRoom + at * step] as const;
    const line = svg("line", { x1: x, x2: x, y1: row === 0 ? 18 : 34, y2: bottom, class: "mark" });
    line.append(svg("title", {}, text));
    made.append(line);
    if (x - taken[row] < markRoom) continue;
    taken[row] = x;
    const anchor = x > width / 2 ? "end" : "start";
    made.append(svg("text", { x, y: row === 0 ? 14 : 30, "text-anchor": anchor, class: "mark" }, text));
  }
  for (const [at, dot] of dots.entries()) {
    const x = valueRoom + (at + 0.5) * step;
    const [y1, y2] = [dot.ciLow ?? dot.value, dot.ciHigh ?? dot.value].map(scale.position);
    made.append(svg("line", { x1: x, x2: x, y1: y1 ?? 0, y2: y2 ?? 0, class: "whisker" }));
    made.append(circle(x, scale.position(dot.value), dot));
  }
  const [first = "", last = ""] = ends;
  made.append(svg("text", { x: valueRoom, y: height - 6 }, first));
  if (dots.length > 1) made.append(svg("text", { x: width, y: height - 6, "text-anchor": "end" }, last));
  return made;
}
