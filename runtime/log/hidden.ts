// What stands where a secret stood; ClickHouse itself writes the same.

export const hidden = "[HIDDEN]";
