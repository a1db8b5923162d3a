// An InfraMap as text and back, as it is: for a file that the same version of this library reads again.

import { type InfraMap, infraMapOf } from "./inframap.js";
import { sha256 } from "./sha256.js";

/** Everything of the map but the places in the source, in the order of the keys. */
export function inframapText(map: InfraMap): string {
  const sections = infraMapOf(
    map.tables.values(),
    map.views.values(),
    map.topics.values(),
    map.sqlResources.values(),
  );
  return JSON.stringify(
    {
      tables: [...sections.tables.values()],
      views: [...sections.views.values()],
      topics: [...sections.topics.values()],
      // Where there are none, the text is as it was before there were any.
      ...(sections.sqlResources.size > 0 && { sqlResources: [...sections.sqlResources.values()] }),
    },
    (key, value) => (key === "place" ? undefined : value),
  );
}

/**
 * The map of such a text.
 *
 * @throws SyntaxError, TypeError where it is no such text
 */
export function readInframapText(text: string): InfraMap {
  const { tables, views, topics, sqlResources = [] } = JSON.parse(text);
  return infraMapOf(tables, views, topics, sqlResources);
}

/** Names what a map declares: the same for the same text. */
export function inframapHash(map: InfraMap): string {
  return sha256(inframapText(map), 32);
}
