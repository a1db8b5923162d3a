// Where in the user's files a registration was made.

import { formatPlace, type SourcePlace } from "../diagnostic.js";
import type { Registration } from "./registration.js";

/** The `new` expression; undefined where it is not known. */
export function placeOf({ sites }: Pick<Registration, "sites">): SourcePlace | undefined {
  const [, file, line, column] = /^(.*):(\d+):(\d+)$/s.exec(sites.at(-1) ?? "") ?? [];
  return file === undefined ? undefined : { file, line: Number(line), column: Number(column) };
}

export function describePlace(place: SourcePlace | undefined): string {
  return place === undefined ? "an unknown place" : formatPlace(place);
}
