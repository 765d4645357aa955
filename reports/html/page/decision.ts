/// <reference lib="dom" />
import { type Policy, policyAxes } from "../../../schemas/policy.ts";
import { decide } from "../../decision/decide.ts";
import { headline, wholeAnswer } from "../../wording.ts";
import type { PageData } from "../data.ts";
import { verdict } from "../verdict.ts";
import { readPolicy, showPolicy } from "./policy.ts";

/** Takes the decision again whenever a field of the form changes, with the same function that wrote the report. */
export function mountDecision({ report, policy, policies }: PageData): void {
  const form = document.querySelector<HTMLFormElement>("form#policy");
  const answer = document.querySelector("#answer");
  const detail = document.querySelector("#verdict");
  if (form === null || answer === null || detail === null) throw new Error("the page has no decision panel");
  let start = policy;
  let asked = false;
  const show = () => {
    asked = false;
    showShares(form);
    const stated = readPolicy(form, start);
    if (stated === null) {
      answer.textContent = "Give some axis a weight above 0, and both prices a number.";
      detail.replaceChildren();
      return;
    }
    const decision = decide(report, changed(stated, start) ? { ...stated, name: "adjusted" } : stated);
    const strong = document.createElement("strong");
    strong.textContent = headline(decision);
    answer.replaceChildren(strong, ` ${wholeAnswer(decision)}`);
    detail.innerHTML = String(verdict(decision));
  };
  // Sliders report every step; one answer a frame is all that can be seen.
  const ask = () => {
    if (!asked) requestAnimationFrame(show);
    asked = true;
  };
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "preset") {
      start = [policy, ...policies].find((p) => p.name === target.value) ?? policy;
      showPolicy(form, start);
    }
    ask();
  });
  showPolicy(form, policy);
  show();
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
