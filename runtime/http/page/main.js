// The status page: asks for a token, follows the status, and sends decisions.

import { ask, follow, Refused, tell } from "./client.js";
import { byId, setText } from "./dom.js";
import { showPlan } from "./plan.js";
import { showHistory, showStatus } from "./status.js";

/** Of this tab alone: gone when it is closed. */
const tokenKey = "moose-token";
const firstPauseMs = 1_000;
const longestPauseMs = 15_000;

/** Of the token that was entered. */
let current = "";
let spoken = "";
let historyOf = "";

byId("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const input = byId("token");
  const token = input instanceof HTMLInputElement ? input.value.trim() : "";
  if (token === "") return;
  void enter(token);
});

byId("look").addEventListener("click", ({ currentTarget }) => {
  if (currentTarget instanceof HTMLButtonElement)
    void act(currentTarget, () => tell(current, "reconcile", {}));
});

byId("leave").addEventListener("click", () => {
  sessionStorage.removeItem(tokenKey);
  location.reload();
});

// The server of moose dev asks nobody at its own machine for a token.
void enter(sessionStorage.getItem(tokenKey) ?? "");

/** @param {string} problem */
function showDoor(problem) {
  byId("report").hidden = true;
  byId("leave").hidden = true;
  byId("door").hidden = false;
  setText("door-error", problem);
  byId("token").focus();
}

/** @param {string} token */
async function enter(token) {
  try {
    show(token, await ask(token, "status"));
  } catch (error) {
    if (!(error instanceof Refused)) return showDoor("The server cannot be reached.");
    if (error.status === 401) sessionStorage.removeItem(tokenKey);
    return showDoor(token === "" && error.status === 401 ? "" : error.message);
  }
  if (token !== "") sessionStorage.setItem(tokenKey, token);
  current = token;
  const input = byId("token");
  if (input instanceof HTMLInputElement) input.value = "";
  byId("door").hidden = true;
  byId("report").hidden = false;
  byId("leave").hidden = token === "";
  byId("content").focus({ preventScroll: true });
  await keepFollowing(token);
}

/** Begins again after each loss, for as long as the token is good. @param {string} token */
async function keepFollowing(token) {
  let pauseMs = firstPauseMs;
  for (;;) {
    try {
      await follow(token, (status) => {
        pauseMs = firstPauseMs;
        connection("open", "live");
        show(token, status);
      });
    } catch (error) {
      if (error instanceof Refused && error.status === 401) {
        sessionStorage.removeItem(tokenKey);
        return showDoor(error.message);
      }
    }
    connection("lost", "reconnecting");
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

/** @param {string} state @param {string} words */
function connection(state, words) {
  byId("connection").setAttribute("data-state", state);
  setText("connection", words);
}

/** @param {string} token @param {any} status */
function show(token, status) {
  showStatus(status);
  showPlan(status.plan, (what, operation, button) => void decide(status.plan.id, what, operation, button));
  announce(status);
  const run = `${status.phase} ${status.plan?.id ?? ""}`;
  if (run !== historyOf) {
    historyOf = run;
    void loadHistory(token);
  }
}

/** Screen readers hear of the phase and of operations that came to their end, not of every percent. @param {any} status */
function announce(status) {
  const operations = status.plan?.operations ?? [];
  const done = operations.filter(({ state }) => state === "applied").length;
  const words = `${status.phase}, ${done} of ${operations.length} operations done`;
  if (words !== spoken) setText("announcer", words);
  spoken = words;
}

/** @param {string} token */
async function loadHistory(token) {
  try {
    const { runs } = await ask(token, "history?limit=20");
    showHistory(runs);
  } catch {
    // The status is what counts; the history comes with the next change.
    historyOf = "";
  }
}

/** @param {string} planId @param {string} what @param {any} operation @param {HTMLButtonElement} button */
function decide(planId, what, operation, button) {
  const path = `plan/${encodeURIComponent(planId)}/${what}`;
  return act(button, () => tell(current, path, { operation: operation.id }));
}

/** Does what a button asks for, once, and says what went wrong. @param {HTMLButtonElement} button @param {() => Promise<unknown>} work */
async function act(button, work) {
  const error = byId("action-error");
  error.hidden = true;
  button.disabled = true;
  try {
    await work();
  } catch (problem) {
    error.hidden = false;
    error.textContent = problem instanceof Error ? problem.message : String(problem);
    error.scrollIntoView({ block: "center" });
  }
  button.disabled = false;
}
