import { LineCounter } from "yaml";
import type { DocumentProblem } from "../../api/document.ts";
import type { Spot } from "../../api/document-schema.ts";
import { keyOf, type ParsedYaml, type Path, type Place, problemAt } from "./yaml-parse.ts";

/** The mistakes in a document have no number: more of them help nobody, and a reply has to end. */
const problemsMax = 1000;

/** A document that was read, and all that is found to be wrong with it. */
export class YamlReader {
  readonly #lines = new LineCounter();
  readonly #places: ReadonlyMap<string, Place>;
  readonly #spoiled: ReadonlySet<string>;
  readonly #problems: { readonly offset: number; readonly problem: DocumentProblem }[];
  /** Undefined when the text is no YAML; problems() says why. */
  readonly value: unknown;

  constructor({ value, places, spoiled, problems, lineStarts }: ParsedYaml) {
    this.value = value;
    this.#places = places;
    this.#spoiled = spoiled;
    this.#problems = [...problems];
    this.#lines.lineStarts = [...lineStarts];
  }

  /** In the order of the text. */
  problems(): DocumentProblem[] {
    const inOrder = this.#problems.toSorted((a, b) => a.offset - b.offset);
    return inOrder.slice(0, problemsMax).map(({ problem }) => problem);
  }

  /** Complains about the value at the path or, where there is none, about what is above it. */
  wrong(path: Path, message: string, spot?: Spot): void {
    const exact = this.#places.get(keyOf(path));
    let place = exact;
    for (let up = path; !place && up.length > 0; ) {
      up = up.slice(0, -1);
      place = this.#places.get(keyOf(up));
    }
    const { keyAt, valueAt, pieces } = place ?? nowhere;
    const offset =
      exact && spot
        ? spot.inKey
          ? keyAt + spot.at
          : textAt(pieces, spot.at, valueAt)
        : exact
          ? valueAt
          : keyAt;
    this.#problems.push(problemAt(this.#lines, offset, path, message));
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
}

const nowhere: Place = { keyAt: 0, valueAt: 0, pieces: [] };

/** Where in the document a position of a value's text stands. */
function textAt(pieces: Place["pieces"], position: number, otherwise: number): number {
  const piece = pieces.findLast(({ from }) => from <= position);
  return piece ? piece.at + position - piece.from : otherwise;
}
