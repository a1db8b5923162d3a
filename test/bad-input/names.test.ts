// Names that need quoting work like any other.

import { expect, test } from "vitest";
import { Moose } from "../dev/moose.js";

test("names with backticks, backslashes, quotes and spaces are quoted right, over every kind of edit", async () => {
  const code = (field: string, comment: string) => String.raw`import { OlapTable } from "@514labs/moose-lib";
interface Row {
  id: string;
  /** ${comment} */
  ${field}: string;
}
export const odd = new OlapTable<Row>("a\`b\\c'd \"e", { orderByFields: ["id"] });
`;
  const moose = await Moose.start({ "app/index.ts": code('"x`y\\\\z\'w v"', "It's \\ `odd`") });
  const columns = `SELECT table, name, comment FROM system.columns WHERE database = 'local' ORDER BY position`;
  const table = "a`b\\c'd \"e";
  expect(await moose.rows(columns)).toEqual([
    { table, name: "id", comment: "" },
    { table, name: "x`y\\z'w v", comment: "It's \\ `odd`" },
  ]);
  await moose.insert("local.`a\\`b\\\\c'd \"e`", [{ id: "1", "x`y\\z'w v": "kept" }]);
  expect(await moose.save({ "app/index.ts": code('"x`y\\\\z\'w v"', "other") })).toMatchInlineSnapshot(`
    "~ local.\`a\\\`b\\\\c'd "e\`
      ~ x\`y\\z'w v comment: 'It's \\ \`odd\`' -> 'other'
    1 change applied in TIME
    "
  `);
  expect(await moose.save({ "app/index.ts": code('"new\\\\`one"', "other") })).toMatchInlineSnapshot(`
    "~ local.\`a\\\`b\\\\c'd "e\`
      + new\\\`one String COMMENT 'other'
      - x\`y\\z'w v String COMMENT 'other'  (1 row, SIZE)
    2 changes applied in TIME
    "
  `);
  expect(await moose.rows(columns)).toEqual([
    { table, name: "id", comment: "" },
    { table, name: "new\\`one", comment: "other" },
  ]);
  expect(await moose.save({ "app/index.ts": "// Nothing.\n" })).toMatchInlineSnapshot(`
    "- local.\`a\\\`b\\\\c'd "e\`  (1 row, SIZE)
        within 8 minutes it can be brought back: UNDROP TABLE \`local\`.\`a\\\`b\\\\c'd "e\`
    1 change applied in TIME
    "
  `);
  expect(await moose.rows(columns)).toEqual([]);
});
