// Paths as sites and places show them: relative to the project, with forward slashes.

import { relative, sep } from "node:path";

/** `app/index.ts`; a file outside of the project begins with `../`. */
export function relativePath(root: string, path: string): string {
  const inside = relative(root, path);
  return sep === "/" ? inside : inside.split(sep).join("/");
}
