import { LifeCycle, OlapTable } from "@514labs/moose-lib";

interface Schema {
  id: string;
  name: string;
  age: number;
}

export const table = new OlapTable<Schema>("table_name", {
  lifeCycle: LifeCycle.FULLY_MANAGED,
  orderByFields: ["id"],
});
