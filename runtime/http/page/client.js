// Talks to the admin routes, with the token of this tab where one is needed, and follows the status as it changes.

/** @typedef {{ status: number, detail: string }} Refusal */

const base = new URL("admin/", document.baseURI);

/**
 * @param {string} token
 * @param {string} path
 * @param {RequestInit} [options]
 * @returns {Promise<any>}
 */
export async function ask(token, path, options = {}) {
  const answer = await send(token, path, options);
  return answer.json();
}

/** @param {string} token @param {string} path @param {unknown} body */
export function tell(token, path, body) {
  return ask(token, path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

/**
 * Gives each status to `onStatus` until the stream ends.
 *
 * @param {string} token
 * @param {(status: any) => void} onStatus
 */
export async function follow(token, onStatus) {
  const answer = await send(token, "events", {});
  if (answer.body === null) return;
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    text += part.value;
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    const newest = events.map(dataOf).findLast((data) => data !== undefined);
    if (newest !== undefined) onStatus(JSON.parse(newest));
  }
}

/** @param {string} event */
function dataOf(event) {
  return event
    .split("\n")
    .find((line) => line.startsWith("data: "))
    ?.slice("data: ".length);
}

/** @param {string} token @param {string} path @param {RequestInit} options */
async function send(token, path, options) {
  const answer = await fetch(new URL(path, base), {
    ...options,
    cache: "no-store",
    credentials: "omit",
    headers: { ...options.headers, ...(token !== "" && { authorization: `Bearer ${token}` }) },
  });
  if (answer.ok) return answer;
  throw new Refused(answer.status, await detailOf(answer));
}

/** @param {Response} answer */
async function detailOf(answer) {
  try {
    const { title, detail } = await answer.json();
    return detail ? `${title}. ${detail}` : title;
  } catch {
    return `The server answered ${answer.status}.`;
  }
}

/** An answer that is no success. */
export class Refused extends Error {
  /** @param {number} status @param {string} detail */
  constructor(status, detail) {
    super(detail);
    this.status = status;
  }
}
