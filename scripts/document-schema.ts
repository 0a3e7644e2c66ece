import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { documentJsonSchema } from "../src/api/document-schema.ts";

/** Writes the JSON Schema of `hotline export`'s documents, for editors: after each change of src/api/document-schema.ts. */
const file = join(import.meta.dirname, "..", "docs", "hotline-document.schema.json");
writeFileSync(file, `${JSON.stringify(documentJsonSchema(), null, 2)}\n`);
