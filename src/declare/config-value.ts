// Values out of a config, whatever the user has written there.

export function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

export function names(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
