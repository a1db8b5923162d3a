// Collects the secret texts of the settings, so that they can be kept out of logs and reports.

import type { ChosenValues } from "./chosen-values.js";
import type { ClickHouseTarget } from "./clickhouse-target.js";
import { variableOf } from "./key.js";
import { knownKeys } from "./keys.js";
import { knownVariables } from "./variables.js";

/** Names of the user's own variables whose values are taken for secrets, if they are no mere `true` or `1`. */
const minGuessedLength = 8;
const secretName = /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

/** Every secret text once; an address counts by its password alone. */
export function secretsIn(
  target: ClickHouseTarget,
  values: ChosenValues,
  variables: Readonly<Record<string, string>>,
): readonly string[] {
  const secrets = [
    target.kind === "server" ? target.password : undefined,
    values.get("clickhouse_config.password"),
    passwordIn(values.get("clickhouse_config.url")),
    values.get("authentication.admin_api_key"),
    ...values.get("authentication.more_admin_api_keys"),
    ...values.get("authentication.read_api_keys"),
    values.get("kafka_config.sasl_password"),
    values.get("redpanda_config.sasl_password"),
    ...Object.entries(variables).map(([name, value]) => (isSecret(name, value) ? value : passwordIn(value))),
  ];
  return [...new Set(secrets.flatMap((secret) => (secret ? [secret] : [])))];
}

const secretVariables: ReadonlySet<string> = new Set([
  ...knownVariables.filter((variable) => variable.secret === true).map((variable) => variable.name),
  ...knownKeys.filter((key) => key.secret === true).map((key) => variableOf(key.path)),
]);

function isSecret(name: string, value: string): boolean {
  if (secretVariables.has(name)) return !name.endsWith("URL");
  return value.length >= minGuessedLength && secretName.test(name);
}

/** The password of any address, `redis://:secret@host` too, as it is without percent-encoding. */
function passwordIn(address: string | undefined): string | undefined {
  const password = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#:]*:([^/?#]*)@/.exec(address ?? "")?.[1];
  try {
    return password === undefined ? undefined : decodeURIComponent(password);
  } catch {
    return password;
  }
}
