import { parentPort, workerData } from "node:worker_threads";
import { documentSchema } from "../../api/document-schema.ts";
import { parseYaml } from "./yaml-parse.ts";

/** What parse-aside.ts runs: reads one text and ends. */
parentPort?.postMessage(parseYaml(workerData, documentSchema));
