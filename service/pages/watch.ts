/// <reference lib="dom" />
import { formatDay } from "../../reports/format.ts";
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

/** One run of old and new, and what each headline reads. */
function checkOf({ run, cause, subject, from, to, state, findings }: WatchAnswer["checks"][number]): Node {
  const link = element("a", { href: `/run?id=${run}` }, run);
  const name = `${subject} ${from} → ${to}`;
  return element(
    "section",
    {},
    element("h3", {}, name),
    element(
      "p",
      {},
      element("strong", {}, state),
      cause === "suspicion" ? ", to check a trend: " : ": ",
      link,
    ),
    ...(findings.length === 0
      ? []
      : [
          table(
            `${name}, by headline`,
            ["Candidate", "Cell", "Reads", "Newer against older"],
            findings.map(({ candidate, cell, reading, words }) => [candidate, cell, reading, words]),
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
