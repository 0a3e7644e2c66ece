import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  Scalar,
  type YAMLMap,
} from "yaml";
import type { z } from "zod";
import type { DocumentProblem } from "../../api/document.ts";
import { linesWithColon } from "../../api/document-schema.ts";
import { tooDeepAt } from "./nesting.ts";

/**
 * A YAML document read by its schema: plain values, each with its place. What is a text by the schema is taken as it stands
 * there, so that the number +4936112345 keeps its plus and 0361 its zero.
 */

export type Path = readonly PropertyKey[];

/** Where a value stands: offsets into the text. */
export type Place = {
  readonly keyAt: number;
  readonly valueAt: number;
  /** From which position of the value's text on it stands at which offset, in order; none: not one text. */
  readonly pieces: readonly { readonly from: number; readonly at: number }[];
};

/** Plain data, so that a thread can hand it over. */
export type ParsedYaml = {
  /** Undefined when the text is no YAML; the problems say why. */
  readonly value: unknown;
  /** By keyOf(). */
  readonly places: ReadonlyMap<string, Place>;
  /** Values of which it was complained already that they cannot be read at all. */
  readonly spoiled: ReadonlySet<string>;
  readonly problems: readonly { readonly offset: number; readonly problem: DocumentProblem }[];
  readonly lineStarts: readonly number[];
};

/** Reads a text. What becomes of a value is told by the schema. */
export function parseYaml(text: string, schema: z.core.$ZodType): ParsedYaml {
  return new YamlParser(text, schema).parsed();
}

export function problemAt(lines: LineCounter, offset: number, path: Path, message: string) {
  const { line, col } = lines.linePos(offset);
  const shown = path.filter((part) => typeof part !== "number").join(".");
  return { offset, problem: { line, column: col, path: shown, message } };
}

export const keyOf = (path: Path) => path.map(String).join("\u0000");

class YamlParser {
  readonly #lines = new LineCounter();
  readonly #places = new Map<string, Place>();
  readonly #spoiled = new Set<string>();
  readonly #problems: { readonly offset: number; readonly problem: DocumentProblem }[] = [];
  #value: unknown;

  constructor(text: string, schema: z.core.$ZodType) {
    const unreadable = unreadableAt(text) ?? tooDeepAt(text);
    if (unreadable) {
      this.#lines.lineStarts = lineStartsOf(text);
      this.#add(unreadable.offset, [], unreadable.message);
      return;
    }
    const document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: "1.2",
    });
    const tabs = document.errors.filter(({ code }) => code === "TAB_AS_INDENT");
    const told = new Set<string>();
    // A tab spoils what stands around it.
    for (const { code, message, pos } of tabs.length > 0 ? tabs : document.errors) {
      // One mistake is often told several times.
      if (told.has(`${pos[0]} ${message}`)) continue;
      told.add(`${pos[0]} ${message}`);
      this.#add(pos[0], [], syntaxMessage(code, message));
    }
    if (document.errors.length > 0) return;
    const root = document.contents;
    this.#places.set("", { keyAt: 0, valueAt: root?.range?.[0] ?? 0, pieces: [] });
    this.#value = this.#convert(root, schema, []) ?? {};
  }

  parsed(): ParsedYaml {
    return {
      value: this.#value,
      places: this.#places,
      spoiled: this.#spoiled,
      problems: this.#problems,
      lineStarts: this.#lines.lineStarts,
    };
  }

  #spoil(node: Node, path: Path, message: string): void {
    this.#spoiled.add(keyOf(path));
    this.#add(node.range?.[0] ?? 0, path, message);
  }

  #add(offset: number, path: Path, message: string): void {
    this.#problems.push(problemAt(this.#lines, offset, path, message));
  }

  #convert(node: unknown, schema: z.core.$ZodType | null, path: Path): unknown {
    const kinds = schema === null ? [] : optionsOf(schema);
    if (isAlias(node)) {
      this.#spoil(node, path, `*${node.source}: aliases are not taken here; write it out`);
      return undefined;
    }
    const tag = (node as Node | null)?.tag;
    if (tag !== undefined) {
      this.#spoil(node as Node, path, `${tag}: tags are not taken here`);
      return undefined;
    }
    if (isMap(node)) return this.#convertMap(node, kinds, path);
    if (isSeq(node)) {
      const element = kinds.find((kind) => kind.def.type === "array")?.def.element ?? null;
      return node.items.map((item, i) => {
        this.#remember([...path, i], item, startOf(item) ?? node.range?.[0] ?? 0);
        return this.#convert(item, element, [...path, i]);
      });
    }
    if (isScalar(node) && node.value !== null) return scalarValue(node, kinds);
    // A key with nothing behind it.
    if (kinds.some(({ def }) => def.type === "object" || def.type === "record")) return {};
    return kinds.some(({ def }) => def.type === "array") ? [] : null;
  }

  #convertMap(node: YAMLMap, kinds: readonly Schema[], path: Path): unknown {
    const line = kinds.some((kind) => linesWithColon.has(kind)) ? oneLine(node) : null;
    if (line !== null) {
      const before = this.#places.get(keyOf(path));
      if (before) this.#places.set(keyOf(path), { ...before, pieces: line.pieces });
      return line.text;
    }
    const object = kinds.find(({ def }) => def.type === "object")?.def.shape;
    const record = kinds.find(({ def }) => def.type === "record")?.def.valueType ?? null;
    const values = new Map<string, unknown>();
    for (const pair of node.items) {
      const keyAt = startOf(pair.key) ?? node.range?.[0] ?? 0;
      if (!isScalar(pair.key)) {
        this.#add(keyAt, path, "a key must be one word or a text in quotes");
        continue;
      }
      const key = textOf(pair.key);
      const at = [...path, key];
      const first = this.#places.get(keyOf(at));
      if (first) {
        const { line } = this.#lines.linePos(first.keyAt);
        this.#add(keyAt, at, `stands here a second time, first in line ${line}; each key may stand once`);
        continue;
      }
      this.#remember(at, pair.value, keyAt);
      if (key === "__proto__") this.#add(keyAt, at, "is not a known key");
      else values.set(key, this.#convert(pair.value, object ? (object[key] ?? null) : record, at));
    }
    return Object.fromEntries(values);
  }

  #remember(path: Path, node: unknown, keyAt: number): void {
    const valueAt = startOf(node) ?? keyAt;
    const isQuoted = isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE");
    const isOneLine = isQuoted || (isScalar(node) && node.type === "PLAIN");
    const pieces = isOneLine ? [{ from: 0, at: valueAt + (isQuoted ? 1 : 0) }] : [];
    this.#places.set(keyOf(path), { keyAt, valueAt, pieces });
  }
}

/** What is looked at of a schema's definition. */
type Schema = z.core.$ZodType & {
  readonly def: {
    readonly type: string;
    readonly innerType?: Schema;
    readonly in?: Schema;
    readonly options?: readonly Schema[];
    readonly shape?: Record<string, Schema>;
    readonly valueType?: Schema;
    readonly element?: Schema;
  };
};

/** The schema without what is wrapped around it; all of a union's. */
function optionsOf(schema: z.core.$ZodType): readonly Schema[] {
  const { def } = schema as Schema;
  const inner = def.innerType ?? def.in;
  if (inner) return optionsOf(inner);
  return def.type === "union" ? (def.options ?? []).flatMap(optionsOf) : [schema as Schema];
}

/** The keys that a schema knows at a path; empty: any, or none. */
export function keysAt(schema: z.core.$ZodType, path: Path): string[] {
  let kinds = optionsOf(schema);
  for (const part of path)
    kinds = kinds.flatMap(({ def }) => {
      const next = def.shape ? def.shape[String(part)] : (def.valueType ?? def.element);
      return next ? optionsOf(next) : [];
    });
  return kinds.flatMap(({ def }) => Object.keys(def.shape ?? {}));
}

function scalarValue(node: Scalar, kinds: readonly Schema[]): unknown {
  const isText = typeof node.value === "string";
  const wantsOther = kinds.some(
    ({ def }) => def.type === "number" || def.type === "boolean" || def.type === "literal",
  );
  return isText || wantsOther || kinds.length === 0 ? node.value : textOf(node);
}

/** As it stands there: of plain 0361 not the number. */
const textOf = (node: Scalar): string =>
  node.type === Scalar.PLAIN ? (node.source ?? String(node.value)) : String(node.value);

/** A map of one key as the line it was meant to be. */
function oneLine(node: YAMLMap): { text: string; pieces: Place["pieces"] } | null {
  const [pair, ...more] = node.items;
  if (!isPair(pair) || more.length > 0 || !isScalar(pair.key)) return null;
  if (!isScalar(pair.value) && pair.value !== null) return null;
  const key = textOf(pair.key);
  const value = pair.value === null || pair.value.value === null ? "" : textOf(pair.value);
  const keyAt = startOf(pair.key) ?? 0;
  const valueAt = startOf(pair.value) ?? keyAt + key.length + 2;
  const pieces = [
    { from: 0, at: keyAt },
    { from: key.length + 2, at: valueAt },
  ];
  return { text: `${key}: ${value}`, pieces };
}

const startOf = (node: unknown): number | null => (node as Node | null)?.range?.[0] ?? null;

function syntaxMessage(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab is no indentation in YAML; use blanks";
  if (code === "MULTIPLE_DOCS") return "a second document begins here; there may be only one";
  return `this is not valid YAML: ${message}`;
}

/** What is in no text file: bytes of a sound, an archive, another encoding. */
function unreadableAt(text: string): { offset: number; message: string } | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for.
  const offset = text.search(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffd]/);
  return offset === -1 ? null : { offset, message: "this is no text in UTF-8, so it is no YAML document" };
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (const { index } of text.matchAll(/\n/g)) starts.push(index + 1);
  return starts;
}
