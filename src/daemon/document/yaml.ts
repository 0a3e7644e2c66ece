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
import { linesWithColon, type Spot } from "../../api/document-schema.ts";

/**
 * A YAML document read by its schema: plain values, each with its place. What is a text by the schema is taken as it stands
 * there, so that the number +4936112345 keeps its plus and 0361 its zero.
 */

export type Path = readonly PropertyKey[];

/** Where a value stands: offsets into the text. */
type Place = {
  readonly keyAt: number;
  readonly valueAt: number;
  /** Where the text of the value begins, behind a quotation mark; null: not one text. */
  readonly textAt: ((position: number) => number) | null;
};

const keyOf = (path: Path) => path.map(String).join("\u0000");

export class YamlReader {
  readonly #lines = new LineCounter();
  readonly #places = new Map<string, Place>();
  readonly #spoiled = new Set<string>();
  readonly #problems: { readonly offset: number; readonly problem: DocumentProblem }[] = [];
  readonly value: unknown;

  /** `value` is undefined when the text is no YAML; problems() says why. */
  constructor(text: string, schema: z.core.$ZodType) {
    const options = {
      lineCounter: this.#lines,
      prettyErrors: false,
      uniqueKeys: false,
      version: "1.2",
    } as const;
    let root: Node | null;
    try {
      const document = parseDocument(text, options);
      for (const { code, message, pos } of document.errors)
        this.#add(pos[0], [], syntaxMessage(code, message));
      if (document.errors.length > 0) return;
      root = document.contents;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#add(0, [], "is nested too deeply to be read");
      return;
    }
    this.#places.set("", { keyAt: 0, valueAt: root?.range?.[0] ?? 0, textAt: null });
    this.value = this.#convert(root, schema, []) ?? {};
  }

  /** In the order of the text. */
  problems(): DocumentProblem[] {
    return this.#problems.toSorted((a, b) => a.offset - b.offset).map(({ problem }) => problem);
  }

  /** Complains about the value at the path or, where there is none, about what is above it. */
  wrong(path: Path, message: string, spot?: Spot): void {
    const exact = this.#places.get(keyOf(path));
    let place = exact;
    for (let up = path; !place && up.length > 0; ) {
      up = up.slice(0, -1);
      place = this.#places.get(keyOf(up));
    }
    const { keyAt, valueAt, textAt } = place ?? { keyAt: 0, valueAt: 0, textAt: null };
    const offset =
      exact && spot
        ? spot.inKey
          ? keyAt + spot.at
          : (textAt?.(spot.at) ?? valueAt)
        : exact
          ? valueAt
          : keyAt;
    this.#add(offset, path, message);
  }

  /** Complains about a key. */
  wrongKey(path: Path, message: string): void {
    this.wrong(path, message, { at: 0, inKey: true });
  }

  lineOf(path: Path): number | null {
    const place = this.#places.get(keyOf(path));
    return place ? this.#lines.linePos(place.keyAt).line : null;
  }

  /** Whether it was complained about already that the value is not to be read at all. */
  isSpoiled(path: Path): boolean {
    return this.#spoiled.has(keyOf(path));
  }

  #spoil(node: Node, path: Path, message: string): void {
    this.#spoiled.add(keyOf(path));
    this.#add(node.range?.[0] ?? 0, path, message);
  }

  #add(offset: number, path: Path, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    const shown = path.filter((part) => typeof part !== "number").join(".");
    this.#problems.push({ offset, problem: { line, column: col, path: shown, message } });
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
      if (before) this.#places.set(keyOf(path), { ...before, textAt: line.textAt });
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
      const first = this.lineOf(at);
      if (first !== null) {
        this.#add(keyAt, at, `stands here a second time, first in line ${first}; each key may stand once`);
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
    const textAt = isOneLine ? (position: number) => valueAt + (isQuoted ? 1 : 0) + position : null;
    this.#places.set(keyOf(path), { keyAt, valueAt, textAt });
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
function oneLine(node: YAMLMap): { text: string; textAt: (position: number) => number } | null {
  const [pair, ...more] = node.items;
  if (!isPair(pair) || more.length > 0 || !isScalar(pair.key)) return null;
  if (!isScalar(pair.value) && pair.value !== null) return null;
  const key = textOf(pair.key);
  const value = pair.value === null || pair.value.value === null ? "" : textOf(pair.value);
  const keyAt = startOf(pair.key) ?? 0;
  const valueAt = startOf(pair.value) ?? keyAt + key.length + 2;
  const before = key.length + 2;
  const textAt = (position: number) => (position < before ? keyAt + position : valueAt + position - before);
  return { text: `${key}: ${value}`, textAt };
}

const startOf = (node: unknown): number | null => (node as Node | null)?.range?.[0] ?? null;

function syntaxMessage(code: string, message: string): string {
  if (code === "TAB_AS_INDENT") return "a tab is no indentation in YAML; use blanks";
  if (code === "MULTIPLE_DOCS") return "a second document begins here; there may be only one";
  return `this is not valid YAML: ${message}`;
}
