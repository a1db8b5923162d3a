// Elements made of text alone: nothing from the server is ever read as HTML.

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string | undefined)} children
 * @returns {HTMLElement}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  for (const child of children) if (child !== undefined) made.append(child);
  return made;
}

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
}

/** Changes a text only where it differs, so that screen readers are told of changes alone. @param {string} id @param {string} text */
export function setText(id, text) {
  const at = byId(id);
  if (at.textContent !== text) at.textContent = text;
}

/** @param {string} text @param {string} tone @returns {HTMLElement} */
export function tag(text, tone) {
  return element("span", { class: "tag", "data-tone": tone }, text);
}

/** Names between backticks as code. @param {string} text @returns {(Node | string)[]} */
export function withCode(text) {
  const parts = text.split("`");
  if (parts.length % 2 === 0) return [text];
  return parts.map((part, at) => (at % 2 === 0 ? part : element("code", {}, part)));
}

/**
 * Brings a list into line with its items: what is unchanged stays, with its focus and what is unfolded in it.
 *
 * @template T
 * @param {HTMLElement} list
 * @param {readonly T[]} items
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => HTMLElement} make
 */
export function keyedList(list, items, keyOf, make) {
  const before = new Map([...list.children].map((child) => [child.getAttribute("data-key"), child]));
  const children = items.map((item) => {
    const key = keyOf(item);
    const version = JSON.stringify(item);
    const old = before.get(key);
    if (old?.getAttribute("data-version") === version) return old;
    const made = make(item);
    made.setAttribute("data-key", key);
    made.setAttribute("data-version", version);
    if (old !== undefined) takeOver(old, made);
    return made;
  });
  const isSame =
    children.length === list.children.length && children.every((child, at) => child === list.children[at]);
  if (isSame) return;
  const focused = focusIn(list);
  list.replaceChildren(...children);
  if (focused !== undefined) restoreFocus(list, focused);
}

/** What is unfolded stays unfolded. @param {Element} old @param {Element} made */
function takeOver(old, made) {
  const folds = made.querySelectorAll("details");
  for (const [at, fold] of old.querySelectorAll("details").entries()) {
    const same = folds[at];
    if (same !== undefined && fold.open) same.open = true;
  }
}

/** @param {Element} list @returns {{ key: string, role: string } | undefined} */
function focusIn(list) {
  const active = document.activeElement;
  const item = active?.closest("[data-key]");
  if (!active || !item || !list.contains(item)) return undefined;
  return {
    key: item.getAttribute("data-key") ?? "",
    role: active.getAttribute("data-role") ?? active.tagName,
  };
}

/** @param {Element} list @param {{ key: string, role: string }} focused */
function restoreFocus(list, { key, role }) {
  const item = [...list.children].find((child) => child.getAttribute("data-key") === key);
  const same = item?.querySelector(`[data-role="${CSS.escape(role)}"]`) ?? item?.querySelector("summary");
  if (same instanceof HTMLElement) same.focus();
}
