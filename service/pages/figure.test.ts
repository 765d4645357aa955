import { expect, test } from "bun:test";
import { filledFigure } from "./figure.ts";

const all = ["latencyNsP99 feed/json", "throughputPerSec echo/raw", "latencyNsP50 echo/raw"];
const window = { cell: "echo/raw", metrics: { latencyNsP50: 1 } };

test("until somebody chooses, a run's page shows a figure that has windows", () => {
  expect(filledFigure(all[0] ?? "", all, [])).toBe(all[0] ?? "");
  expect(filledFigure(all[0] ?? "", all, [window])).toBe(all[2] ?? "");
  expect(filledFigure(all[0] ?? "", all, [window, { cell: "feed/json", metrics: { latencyNsP99: 1 } }])).toBe(
    all[0] ?? "",
  );
});
