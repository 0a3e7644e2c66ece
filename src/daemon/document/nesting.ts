import { Lexer } from "yaml";

/**
 * A document is nested some eight levels deep. A parser goes down into each level, so that an endless number of them must
 * not reach it.
 */
const levelsMax = 30;

/** Marks of the lexer that do not stand in the text: of a document's beginning, of a broken end, and before a scalar. */
const scalarMark = "\u001f";
const marks: readonly string[] = ["\u0002", "\u0018", scalarMark];

/**
 * Where a text without control characters is nested too deeply to be read; null: nowhere. Takes time in proportion to its
 * length.
 */
export function tooDeepAt(text: string): { offset: number; message: string } | null {
  /** The columns at which the blocks begin that stand open. */
  const blocks: number[] = [];
  let brackets = 0;
  let offset = 0;
  let lineStart = 0;
  let isFirstInLine = true;
  let isScalar = false;
  for (const lexeme of new Lexer().lex(text)) {
    const column = offset - lineStart;
    const isContent = !isScalar && lexeme.trim() !== "" && !lexeme.startsWith("#") && !marks.includes(lexeme);
    if (isContent && (lexeme === "[" || lexeme === "{")) brackets += 1;
    else if (isContent && (lexeme === "]" || lexeme === "}")) brackets = Math.max(0, brackets - 1);
    else if (brackets === 0 && (isContent || lexeme === scalarMark)) {
      if (isFirstInLine) while ((blocks.at(-1) ?? -1) >= column) blocks.pop();
      if (isFirstInLine || lexeme === "-" || lexeme === "?") blocks.push(column);
    }
    if (blocks.length + brackets > levelsMax)
      return { offset, message: `is nested too deeply: more than ${levelsMax} levels` };
    if (isContent || isScalar) isFirstInLine = false;
    isScalar = lexeme === scalarMark;
    if (marks.includes(lexeme)) continue;
    const newline = lexeme.lastIndexOf("\n");
    if (newline !== -1) {
      lineStart = offset + newline + 1;
      isFirstInLine = true;
    }
    offset += lexeme.length;
  }
  return null;
}
