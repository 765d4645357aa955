/// <reference lib="dom" />
import { formatDay } from "../../reports/format.ts";
import { metricKinds } from "../../schemas/metric.ts";
import { profiles } from "../../schemas/names.ts";
import { type WatchAnswer, watchAnswer } from "../api/watch.ts";
import { get, post } from "./client.ts";
import { byId, element } from "./element.ts";
import { table } from "./table.ts";

const look = byId("look", HTMLFormElement);
const profile = byId("look", HTMLFormElement).querySelector("select");

function show({ checkedAt, packages, checks }: WatchAnswer): void {
  byId("watch", HTMLElement).replaceChildren(
    element("h2", {}, "Versions"),
    checkedAt === null
      ? element("p", {}, "The registry has not been asked yet.")
      : table(
          `As the registry had them on ${formatDay(checkedAt)}`,
          ["Package", "Pinned", "Newest"],
          packages.map(({ name, pinned, newest }) => [name, pinned, newest ?? "no answer"]),
        ),
    element("h2", {}, "Old and new in one sitting"),
    ...(checks.length === 0 ? [element("p", {}, "None was measured yet.")] : checks.map(checkOf)),
  );
}

const stateWords: Readonly<Record<WatchAnswer["checks"][number]["state"], string>> = {
  measuring: "being measured",
  alarm: "alarm",
  clear: "no alarm",
  undecided: "not decided",
  failed: "failed",
};

/** `no alarm: 2 better, 5 undecided`, of what there is. */
function outcomeOf({ state, counts }: WatchAnswer["checks"][number]): Node[] {
  const found = Object.entries(counts).filter(([, count]) => count > 0);
  const words = found.map(([reading, count]) => `${count} ${reading}`).join(", ");
  return [
    element("strong", {}, stateWords[state]),
    ...(words === "" ? [] : [document.createTextNode(`: ${words}`)]),
  ];
}

/** One run of old and new, and what each headline reads. */
function checkOf(check: WatchAnswer["checks"][number]): Node {
  const { run, cause, subject, from, to, findings } = check;
  const link = element("a", { href: `/run?id=${run}` }, "its run");
  const name = `${subject} ${from} → ${to}`;
  return element(
    "section",
    {},
    element("h3", {}, name),
    element(
      "p",
      {},
      ...outcomeOf(check),
      cause === "suspicion" ? "; asked for to check a trend; " : "; ",
      link,
    ),
    ...(findings.length === 0
      ? []
      : [
          table(
            `${name}, by headline`,
            ["Candidate", "Cell", "Figure", "Reads", "Newer against older"],
            findings.map(({ candidate, cell, metric, reading, words }) => [
              candidate,
              cell,
              metricKinds[metric].label,
              reading,
              words,
            ]),
          ),
        ]),
  );
}

profile?.append(...profiles.map((name) => element("option", {}, name)));
if (profile !== null) profile.value = "standard";
look.addEventListener("submit", (event) => {
  event.preventDefault();
  void post("/api/v1/watch", { profile: profile?.value }).then(async (response) => {
    if (response !== null) show(watchAnswer.parse(await response.json()));
  });
});
const known = await get("/api/v1/watch", watchAnswer);
if (known !== null) show(known);
