import type { z } from "zod";
import type { Spot } from "../../api/document-schema.ts";
import { didYouMean } from "./closest.ts";
import type { YamlReader } from "./yaml.ts";
import { keysAt, type Path } from "./yaml-parse.ts";

/** Tells of what does not fit the schema, each with its place. */
export function tellIssue(
  reader: YamlReader,
  schema: z.core.$ZodType,
  issue: z.core.$ZodIssue,
  above: Path = [],
): void {
  const path = [...above, ...issue.path];
  if (reader.isSpoiled(path)) return;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, path);
      for (const key of issue.keys)
        reader.wrongKey(
          [...path, key],
          `is not a known key.${didYouMean(key, known)} Allowed here: ${known.join(", ")}`,
        );
      return;
    }
    case "invalid_key":
      for (const { message } of issue.issues) reader.wrongKey(path, message);
      return;
    case "invalid_union":
      tellUnion(reader, schema, issue, path);
      return;
    case "invalid_type":
    case "invalid_value":
      reader.wrong(path, valueMessage(issue, valueAt(reader.value, path)));
      return;
    default:
      reader.wrong(
        path,
        issue.message,
        issue.code === "custom" ? (issue.params?.spot as Spot | undefined) : undefined,
      );
  }
}

function tellUnion(
  reader: YamlReader,
  schema: z.core.$ZodType,
  issue: z.core.$ZodIssueInvalidUnion,
  path: Path,
): void {
  const value = valueAt(reader.value, path);
  if (value === undefined) reader.wrong(path, "is missing");
  else if (issue.message !== "Invalid input") reader.wrong(path, issue.message);
  else {
    // The option that goes on where the others stop at once is the one that was meant.
    const meant = issue.errors.find((issues) =>
      issues.every(
        ({ code, path: at }) => at.length > 0 || (code !== "invalid_type" && code !== "invalid_value"),
      ),
    );
    for (const each of meant ?? []) tellIssue(reader, schema, each, path);
    if (!meant)
      reader.wrong(
        path,
        value === null ? "has no value" : `must be a text or keys with values, not ${shown(value)}`,
      );
  }
}

const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, part) => (at as Record<PropertyKey, unknown> | null | undefined)?.[part], value);

const typeNames: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "keys with values, indented under it",
  record: "keys with values, indented under it",
  array: "a list: lines that begin with -, or [a, b]",
};

function valueMessage(
  issue: z.core.$ZodIssueInvalidType | z.core.$ZodIssueInvalidValue,
  value: unknown,
): string {
  if (value === undefined) return "is missing";
  if (value === null) return "has no value";
  if (issue.code === "invalid_type")
    return `must be ${typeNames[issue.expected] ?? issue.expected}, not ${shown(value)}`;
  const [first, ...more] = issue.values.map(String);
  if (more.length === 0) return `must be ${first}, not ${shown(value)}`;
  const hint = typeof value === "string" ? didYouMean(value, [first!, ...more]) : "";
  return `${shown(value)} is not allowed.${hint} There are: ${[first, ...more].join(", ")}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "keys with values";
  const text = JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 60)}…"`;
}
