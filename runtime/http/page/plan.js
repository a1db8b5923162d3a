// The plan: each operation with its reason, state, statements, and the buttons of those that wait for an approval.

import { byId, element, keyedList, setText, tag, withCode } from "./dom.js";
import { counted, duration, size, stateTones, timeText } from "./format.js";

/**
 * @param {any} plan
 * @param {(what: "approve" | "reject", operation: any, button: HTMLButtonElement) => void} decide
 */
export function showPlan(plan, decide) {
  const operations = plan?.operations ?? [];
  setText("plan-id", plan === undefined ? "" : plan.id);
  byId("plan-empty").hidden = operations.length > 0;
  showProgress(operations);
  keyedList(
    byId("operations"),
    operations,
    (operation) => `${plan.id} ${operation.id}`,
    (operation) => operationItem(operation, decide),
  );
}

/** @param {readonly any[]} operations */
function showProgress(operations) {
  const box = byId("plan-progress");
  const done = operations.filter(({ state }) => state === "applied").length;
  const waiting = operations.filter(({ verdict }) => verdict.decision === "needs-approval").length;
  box.hidden = operations.length === 0;
  const words = `${done} of ${counted(operations.length, "operation")} done${waiting === 0 ? "" : `, ${waiting} waiting for an approval`}`;
  const bar = element("progress", {
    max: String(Math.max(1, operations.length)),
    "aria-label": "Operations done",
  });
  bar.setAttribute("value", String(done));
  box.replaceChildren(element("p", { class: "dim" }, words), bar);
}

function operationItem(operation, decide) {
  const { kind, address, state } = operation;
  const head = element(
    "div",
    { class: "operation-head" },
    element(
      "h3",
      {},
      `${words(kind)} `,
      element(
        "span",
        { class: "mono" },
        operation.part === undefined ? address : `${address}.${operation.part}`,
      ),
    ),
    operation.destructive ? tag("destroys data", "bad") : undefined,
    tag(state, stateTones[state] ?? "plain"),
  );
  return element(
    "li",
    {},
    head,
    element("p", { class: "dim" }, ...withCode(factsOf(operation))),
    state === "running" ? progressOf(operation) : undefined,
    verdictOf(operation),
    operation.error === undefined
      ? undefined
      : element("div", { class: "why", "data-tone": "bad" }, element("p", {}, operation.error)),
    operation.verdict.decision === "needs-approval" ? buttons(operation, decide) : undefined,
    statements(operation),
  );
}

/** `AddTableColumn` as `Add table column`. @param {string} kind */
function words(kind) {
  const lower = kind.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return lower.charAt(0).toUpperCase() + lower.slice(1);
}

function factsOf({ reason, cost, rows, bytes, lifeCycle, durationMs }) {
  const facts = [
    reason,
    cost === "metadata" ? undefined : cost,
    rows === undefined ? undefined : counted(rows, "row"),
    bytes === undefined ? undefined : size(bytes),
    lifeCycle === undefined || lifeCycle === "FULLY_MANAGED" ? undefined : lifeCycle,
    durationMs === undefined ? undefined : `took ${duration(durationMs)}`,
  ];
  return facts.filter((fact) => fact !== undefined).join(" · ");
}

function progressOf({ progress, address }) {
  const bar = element("progress", { max: "1", "aria-label": `Progress on ${address}` });
  if (progress === undefined) return bar;
  bar.setAttribute("value", String(progress));
  return element("div", {}, bar, element("p", { class: "dim" }, `${Math.round(progress * 100)} %`));
}

function verdictOf({ verdict }) {
  switch (verdict.decision) {
    case "blocked":
      return why("warn", `Blocked: ${verdict.reason}`, `To go on: ${verdict.unblock}`);
    case "needs-approval":
      return why("warn", `Waits for an approval: ${verdict.reason}`);
    case "approved":
      return why("good", `Approved by ${verdict.by}, ${timeText(verdict.at)}`);
    case "rejected":
      return why("bad", `Rejected by ${verdict.by}, ${timeText(verdict.at)}`);
    default:
      return undefined;
  }
}

function why(tone, ...lines) {
  return element(
    "div",
    { class: "why", "data-tone": tone },
    ...lines.map((line) => element("p", {}, ...withCode(line))),
  );
}

function buttons(operation, decide) {
  const make = (what, label, style) => {
    const button = element("button", { type: "button", class: style, "data-role": what }, label);
    button.setAttribute("aria-label", `${label} ${operation.kind} on ${operation.address}`);
    if (button instanceof HTMLButtonElement)
      button.addEventListener("click", () => decide(what, operation, button));
    return button;
  };
  return element(
    "div",
    { class: "decide" },
    make("approve", "Approve", ""),
    make("reject", "Reject", "quiet"),
  );
}

function statements({ sql, undo, verdict }) {
  if (sql.length === 0) return undefined;
  return element(
    "details",
    // Who approves has seen what is approved.
    verdict.decision === "needs-approval" ? { open: "" } : {},
    element("summary", { "data-role": "statements" }, counted(sql.length, "statement")),
    element("pre", {}, sql.map((one) => `${one};`).join("\n")),
    undo === undefined ? undefined : element("p", { class: "dim" }, "Taken back by:"),
    undo === undefined ? undefined : element("pre", {}, `${undo};`),
  );
}
