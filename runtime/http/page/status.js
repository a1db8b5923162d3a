// Everything but the plan: phase, conditions, problems, drift, resources and history.

import { byId, element, keyedList, setText, tag } from "./dom.js";
import { conditionTone, counted, duration, phaseWords, stateTones, timeText } from "./format.js";

export function showStatus(status) {
  const [words, tone] = phaseWords[status.phase] ?? [status.phase, "plain"];
  setText("project", `· ${status.project}`);
  setText("phase", words);
  setText("message", status.conditions.Ready.message);
  byId("phase").closest("section")?.setAttribute("data-tone", tone);
  document.title = `${words} · ${status.project} · moose`;
  showFacts(status);
  showConditions(status.conditions);
  showProblems(status.diagnostics);
  showDrift(status.drift);
  showResources(status);
  const { moose, clickhouse } = status.versions;
  setText("versions", `moose ${moose}${clickhouse === undefined ? "" : `, ClickHouse ${clickhouse}`}`);
}

function showFacts({ startedAt, generation, observedGeneration, lock, mode, resources }) {
  const facts = [
    ["Mode", mode],
    ["Running since", timeText(startedAt)],
    [
      "Code",
      observedGeneration === generation
        ? `generation ${generation}`
        : `generation ${generation}, applied ${observedGeneration}`,
    ],
    ["Lock", lock === undefined ? "free" : lock.isOurs ? `held here, epoch ${lock.epoch}` : lock.holder],
    ["Managed", counted(resources.length, "resource")],
  ];
  keyedList(
    byId("facts"),
    facts,
    ([name]) => name,
    ([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value)),
  );
}

function showConditions(conditions) {
  keyedList(
    byId("conditions"),
    Object.entries(conditions),
    ([type]) => type,
    ([type, { status, reason, message, since }]) =>
      element(
        "li",
        {},
        element("div", { class: "row" }, type, tag(status, conditionTone(type, status))),
        message === "" ? undefined : element("p", {}, message),
        element("time", { datetime: since }, `${reason}, since ${timeText(since)}`),
      ),
  );
}

function showProblems(diagnostics) {
  byId("problems").hidden = diagnostics.length === 0;
  keyedList(
    byId("problem-list"),
    diagnostics,
    (one) => JSON.stringify(one),
    ({ code, severity, summary, detail, place, hint }) =>
      element(
        "li",
        {},
        element("p", {}, tag(severity, severity === "error" ? "bad" : "warn"), ` ${summary}`),
        place === undefined
          ? undefined
          : element("p", { class: "mono dim" }, `${place.file}:${place.line}:${place.column}`),
        detail === undefined ? undefined : element("pre", {}, detail),
        hint === undefined ? undefined : element("p", {}, hint),
        element("p", { class: "mono dim" }, code),
      ),
  );
}

function showDrift(drift) {
  byId("drift").hidden = drift.length === 0;
  keyedList(
    byId("drift-list"),
    drift,
    ({ address }) => address,
    ({ address, parts }) =>
      element(
        "div",
        { class: "drifted" },
        element("h3", { class: "mono" }, address),
        ...parts.flatMap(({ what, before, after }) => [
          element("p", {}, what),
          element(
            "div",
            { class: "pair" },
            side("As applied", before, "good"),
            side("As it is", after, "bad"),
          ),
        ]),
      ),
  );
}

function side(label, text, tone) {
  return element(
    "div",
    { "data-tone": tone },
    element("span", {}, label),
    element("code", {}, text || "none"),
  );
}

const kinds = { "materialized-view": "materialized view", "sql-resource": "SQL resource" };

function showResources({ resources, unmanaged }) {
  keyedList(
    byId("resources"),
    resources,
    ({ kind, address }) => `${kind} ${address}`,
    ({ address, kind, lifeCycle, state, detail, messages }) =>
      element(
        "tr",
        {},
        element("th", { scope: "row", class: "mono" }, address),
        element("td", {}, kinds[kind] ?? kind),
        element("td", {}, lifeCycle),
        element(
          "td",
          {},
          tag(state, stateTones[state] ?? "plain"),
          detail === undefined ? undefined : ` ${detail}`,
          ...messageLines(messages),
        ),
      ),
  );
  const fold = byId("unmanaged");
  fold.hidden = unmanaged.length === 0;
  const [summary, list] = [fold.querySelector("summary"), fold.querySelector("ul")];
  if (summary !== null) summary.textContent = `${counted(unmanaged.length, "table")} not managed`;
  if (list !== null) list.replaceChildren(...unmanaged.map((address) => element("li", {}, address)));
}

/** How many messages a stream holds, and a line for each group that reads it. */
function messageLines(messages) {
  if (messages === undefined) return [];
  const { count, groups = [], missing } = messages;
  const lines = [
    ...(count === undefined ? [] : [counted(count, "message")]),
    ...groups.toSorted((a, b) => b.lag - a.lag).map(groupText),
    ...(missing === undefined ? [] : [count === undefined ? `messages not known: ${missing}` : missing]),
  ];
  return lines.map((line) => element("p", { class: "dim" }, line));
}

function groupText({ id, state, lag }) {
  const members = state === "EMPTY" ? ", nobody reads" : "";
  return `${id}: ${lag === 0 ? "all read" : `${lag.toLocaleString("en-GB")} behind`}${members}`;
}

export function showHistory(runs) {
  keyedList(
    byId("history"),
    runs,
    ({ runId }) => runId,
    (run) =>
      element(
        "li",
        {},
        element("div", { class: "row" }, element("p", {}, `${run.who} on ${run.host}`), outcome(run)),
        element("p", { class: "dim" }, factsOf(run)),
        run.error === undefined ? undefined : element("pre", {}, run.error),
      ),
  );
}

function outcome({ endedAt, failed, unknown, error }) {
  if (failed > 0 || error !== undefined) return tag("failed", "bad");
  if (unknown > 0) return tag("outcome unknown", "warn");
  return endedAt === undefined ? tag("not ended", "busy") : tag("done", "good");
}

function factsOf({ startedAt, durationMs, done, failed, migrationId, toolVersion }) {
  const statements = `${counted(done, "statement")} done${failed === 0 ? "" : `, ${failed} failed`}`;
  return [
    timeText(startedAt),
    duration(durationMs),
    statements,
    `plan ${migrationId}`,
    `moose ${toolVersion}`,
  ].join(" · ");
}
