// Numbers, times and words for people.

const units = ["B", "KiB", "MiB", "GiB", "TiB"];

/** @param {number} bytes */
export function size(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

/** @param {number} count @param {string} one @param {string} [many] */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1_000)} s`;
  return `${Math.floor(ms / 3_600_000)} h ${Math.round((ms % 3_600_000) / 60_000)} min`;
}

/** Local time, with the day where it is another than today. @param {string} iso */
export function timeText(iso) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const isToday = at.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { dateStyle: /** @type {const} */ ("medium") };
  return at.toLocaleString("en-GB", { ...day, timeStyle: "medium" });
}

/** @type {Readonly<Record<string, readonly [string, string]>>} */
export const phaseWords = {
  starting: ["Starting", "busy"],
  "waiting-for-clickhouse": ["Waiting for ClickHouse", "warn"],
  "waiting-for-lock": ["Waiting for the lock", "busy"],
  planning: ["Planning", "busy"],
  applying: ["Applying", "busy"],
  ready: ["Ready", "good"],
  blocked: ["Blocked", "warn"],
  drifted: ["Drifted", "warn"],
  failed: ["Failed", "bad"],
  stopping: ["Stopping", "busy"],
};

/** @type {Readonly<Record<string, string>>} */
export const stateTones = {
  "in-sync": "good",
  applied: "good",
  applying: "busy",
  running: "busy",
  pending: "plain",
  skipped: "plain",
  blocked: "warn",
  drifted: "warn",
  unknown: "warn",
  failed: "bad",
};

/** A condition is good news or bad depending on which it is. @param {string} type @param {string} status */
export function conditionTone(type, status) {
  if (status === "Unknown") return "plain";
  if (type === "Ready") return status === "True" ? "good" : "warn";
  if (status === "False") return "plain";
  return type === "Progressing" ? "busy" : "warn";
}
