/// <reference lib="dom" />
import { type PageData, pageDataId } from "../data.ts";
import { mountCharts } from "./charts.ts";
import { mountContents } from "./contents.ts";
import { mountDecision } from "./decision.ts";

// The renderer wrote this element from a report it had parsed, into the same file as this program.
const data = JSON.parse(document.getElementById(pageDataId)?.textContent ?? "") as PageData;

mountDecision(data);
mountCharts(data.charts);
mountContents();
