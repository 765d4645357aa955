/// <reference lib="dom" />
import { type Policy, policyAxes } from "../../../schemas/policy.ts";
import { decide } from "../../decision/decide.ts";
import { unbroken } from "../../non-breaking-spaces.ts";
import { headline, storedAnswer, wholeAnswer } from "../../wording.ts";
import type { PageData } from "../data.ts";
import { verdict } from "../verdict.ts";
import { readPolicy, showPolicy } from "./policy.ts";
import { keep, kept, linkTo, restore } from "./state.ts";

/** Takes the decision again whenever a field of the form changes, with the same function that wrote the report. */
export function mountDecision({ report, policy, policies }: PageData): void {
  const form = document.querySelector<HTMLFormElement>("form#policy");
  const answer = document.querySelector("#answer");
  const detail = document.querySelector("#verdict");
  const stored = document.querySelector<HTMLElement>("#stored");
  const file = document.querySelector<HTMLAnchorElement>("#policy-file");
  if (form === null || answer === null || detail === null || stored === null || file === null)
    throw new Error("the page has no decision panel");
  let start = policy;
  let asked = false;
  const show = () => {
    asked = false;
    showShares(form);
    const stated = readPolicy(form, start);
    stored.hidden = true;
    if (stated === null) {
      answer.textContent = "Set at least one weight above 0, and both prices.";
      detail.replaceChildren();
      return;
    }
    const named = changed(stated, start) ? { ...stated, name: "adjusted" } : stated;
    const decision = decide(report, named);
    const isMoved = named.name === "adjusted" || start !== policy;
    keep(form, isMoved);
    stored.hidden = !isMoved;
    stored.querySelector("strong")!.textContent = headline(decision);
    file.href = `data:application/json,${encodeURIComponent(`${JSON.stringify(named, null, 2)}\n`)}`;
    const strong = document.createElement("strong");
    strong.textContent = headline(decision);
    answer.replaceChildren(strong, ` ${isMoved ? unbroken(wholeAnswer(decision)) : storedAnswer(decision)}`);
    detail.innerHTML = String(verdict(decision));
  };
  // Sliders report every step; one answer a frame is all that can be seen.
  const ask = () => {
    if (!asked) requestAnimationFrame(show);
    asked = true;
  };
  const begin = (name: string | null) => {
    start = [policy, ...policies].find((p) => p.name === name) ?? policy;
    showPolicy(form, start);
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", ({ target }) => {
    if (!(target instanceof HTMLButtonElement)) return;
    if (target.value === "reset") {
      form.reset();
      begin(null);
      ask();
    }
    if (target.value === "link") copy(linkTo(form));
    if (target.value === "command") copy(commandOf(report.run.id));
  });
  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "preset") {
      begin(target.value);
    }
    ask();
  });
  const fields = kept();
  begin(fields?.get("preset") ?? null);
  if (fields !== null) restore(form, fields);
  show();
}

/** The command that takes this decision anew from the stored run, with the policy that the page hands out as a file. */
const commandOf = (run: string): string =>
  `bun run runner/compare.ts render reports/out/${run} --policy policy.json`;

/** Copies, and says so; where the browser refuses, the text stands there to be copied by hand. */
function copy(text: string): void {
  const status = document.querySelector("#copied");
  const showStatus = (words: string) => {
    if (status !== null) status.textContent = words;
  };
  navigator.clipboard.writeText(text).then(
    () => showStatus("Copied."),
    () => showStatus(text),
  );
}

const changed = (stated: Policy, start: Policy): boolean => {
  const total = policyAxes.reduce((sum, axis) => sum + start.weights[axis], 0);
  const moved = policyAxes.some(
    (axis) => stated.weights[axis] !== Math.round((100 * start.weights[axis]) / total),
  );
  const rest = ({ prices, require }: Policy) => JSON.stringify([prices, require]);
  return moved || rest(stated) !== rest(start);
};

/** Beside each slider its share of the sum, which is what the decision uses. */
function showShares(form: HTMLFormElement): void {
  const sliders = [...form.querySelectorAll<HTMLInputElement>('input[type="range"]')];
  const total = sliders.reduce((sum, s) => sum + s.valueAsNumber, 0);
  for (const slider of sliders) {
    const share = total === 0 ? 0 : Math.round((100 * slider.valueAsNumber) / total);
    const output = form.querySelector(`output[for="${slider.id}"]`);
    if (output !== null) output.textContent = `${share} %`;
    slider.setAttribute("aria-valuetext", `${share} %`);
  }
}
