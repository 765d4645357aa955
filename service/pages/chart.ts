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

function frame(height: number, label: string): SVGElement {
  return svg("svg", { viewBox: `0 0 360 ${height}`, role: "img", "aria-label": label, class: "chart" });
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
  const height = rows.size * 34 + 20;
  const made = frame(height, label);
  const scale = logScale(extent([...rows.values()].flat()), 8, 352);
  let y = 0;
  for (const [name, dots] of rows) {
    made.append(svg("text", { x: 0, y: y + 11 }, name));
    made.append(svg("line", { x1: 0, x2: 360, y1: y + 23, y2: y + 23, class: "rule" }));
    for (const dot of dots.filter(({ value }) => value > 0))
      made.append(circle(scale.position(dot.value), y + 23, dot));
    y += 34;
  }
  if (scale.isEmpty) return made;
  made.append(svg("text", { x: 0, y: height - 4 }, format(scale.low)));
  if (scale.high > scale.low)
    made.append(svg("text", { x: 360, y: height - 4, "text-anchor": "end" }, format(scale.high)));
  return made;
}

/** Dots in their order with their intervals on a log scale; `marks` are the dots before which a line is drawn. */
export function orderChart(
  label: string,
  dots: readonly Dot[],
  marks: ReadonlyMap<number, string>,
  format: (value: number) => string,
): SVGElement {
  const made = frame(180, label);
  const scale = logScale(extent(dots), 150, 36);
  const step = 340 / Math.max(1, dots.length);
  for (const [at, dot] of dots.entries()) {
    const x = 10 + (at + 0.5) * step;
    const mark = marks.get(at);
    if (mark !== undefined) {
      // On two rows in turn, so that neighbours can be read.
      const row = [...marks.keys()].indexOf(at) % 2;
      const left = x - step / 2;
      made.append(svg("line", { x1: left, x2: left, y1: row === 0 ? 14 : 26, y2: 158, class: "mark" }));
      made.append(
        svg(
          "text",
          { x: left, y: row === 0 ? 10 : 22, "text-anchor": left > 180 ? "end" : "start", class: "mark" },
          mark,
        ),
      );
    }
    const [y1, y2] = [dot.ciLow ?? dot.value, dot.ciHigh ?? dot.value].map(scale.position);
    made.append(svg("line", { x1: x, x2: x, y1: y1 ?? 0, y2: y2 ?? 0, class: "whisker" }));
    made.append(circle(x, scale.position(dot.value), dot));
  }
  if (scale.isEmpty) return made;
  made.append(svg("text", { x: 0, y: 174 }, `${format(scale.low)} to ${format(scale.high)}`));
  return made;
}
