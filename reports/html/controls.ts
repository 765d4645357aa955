import { type Policy, policyAxes } from "../../schemas/policy.ts";
import { axisLabels } from "../decision/labels.ts";
import { type Markup, markup } from "./markup.ts";

/** What each axis is judged by, in a reader's words. */
const hints: Readonly<Record<(typeof policyAxes)[number], string>> = {
  latencyTail: "p99, tick to client",
  throughput: "messages a second at saturation",
  cpuCost: "CPU and memory at the prices below",
  memory: "RSS peak",
  startup: "from spawn to ready",
};

/** The form that a reader moves: the policies to start from, weights, prices and limits. The page's program fills it. */
export function controls(policy: Policy, policies: readonly Policy[]): Markup {
  return markup`<form id="policy" class="controls" aria-label="Policy">
<fieldset class="presets"><legend>Start from</legend>
${presets(policy, policies)}
</fieldset>
<fieldset><legend>Weights</legend>
${policyAxes.map(slider)}
</fieldset>
<fieldset class="pairs"><legend>Prices and limits</legend>
${number("vcpuHour", `${policy.prices.currency} per vCPU-hour`, markup`min="0.0001"`)}
${number("gibHour", `${policy.prices.currency} per GiB-hour`, markup`min="0"`)}
${number("p99Ms", "Feed p99 at most, ms", markup`min="0" placeholder="no limit"`)}
${number("rssMiB", "RSS peak at most, MiB", markup`min="0" placeholder="no limit"`)}
<label class="check"><input type="checkbox" name="reach"> every message must arrive</label>
</fieldset>
<p class="actions"><button type="button" value="reset">Reset</button>
<button type="button" value="link">Copy link</button>
<button type="button" value="command">Copy command</button>
<a id="policy-file" download="policy.json">Download policy</a>
<output id="copied" role="status"></output></p>
</form>`;
}

function presets(policy: Policy, policies: readonly Policy[]): Markup {
  const known = policies.some((p) => p.name === policy.name);
  const all = [...(known ? [] : [policy]), ...policies];
  return markup`${all.map(({ name, purpose }) => {
    const checked = name === policy.name ? " checked" : "";
    return markup`<label title="${purpose}"><input type="radio" name="preset" value="${name}"${checked}> ${name}</label>\n`;
  })}`;
}

function slider(axis: (typeof policyAxes)[number]): Markup {
  return markup`<div class="slider"><label for="w-${axis}">${axisLabels[axis]} <small>${hints[axis]}</small></label>
<input type="range" id="w-${axis}" name="${axis}" min="0" max="100" step="1">
<output for="w-${axis}"></output></div>
`;
}

function number(name: string, label: string, attributes: Markup): Markup {
  return markup`<label class="number"><span>${label}</span><input type="number" step="any" inputmode="decimal" name="${name}" ${attributes}></label>`;
}
