import type { Command } from "commander";
import { addDaemon, bareProgram } from "./base-program.ts";
import { addAgent } from "./commands/agent.ts";
import { addAnnounce } from "./commands/announce.ts";
import { addBackup } from "./commands/backup.ts";
import { addCalls } from "./commands/calls.ts";
import { addCompletion } from "./commands/completion.ts";
import { addConfig } from "./commands/config.ts";
import { addDoctor } from "./commands/doctor.ts";
import { addDocument } from "./commands/document.ts";
import { addExplain } from "./commands/explain.ts";
import { addHelp } from "./commands/help.ts";
import { addHistory, addUndo } from "./commands/history.ts";
import { addHotline } from "./commands/hotline.ts";
import { addHours } from "./commands/hours.ts";
import { addNumber } from "./commands/number.ts";
import { addPrepare } from "./commands/prepare.ts";
import { addRestore } from "./commands/restore.ts";
import { addStaffing } from "./commands/staffing.ts";
import { addStatus } from "./commands/status.ts";
import { addWatch } from "./commands/watch.ts";
import { examples } from "./options.ts";

/** The whole command tree. `exitWith` takes the exit code of a daemon that ran. */
export function createProgram(exitWith: (code: number) => void): Command {
  const program = bareProgram();
  addStatus(program);
  addWatch(program);
  addCalls(program);
  addStaffing(program);
  addHours(program);
  addExplain(program);
  addAgent(program);
  addHotline(program);
  addNumber(program);
  addAnnounce(program);
  addHistory(program);
  addUndo(program);
  addDocument(program);
  addBackup(program);
  addRestore(program);
  addConfig(program);
  addPrepare(program);
  addDoctor(program);
  addHelp(program);
  addCompletion(program);
  addDaemon(program, exitWith);
  examples(program, [
    ["hotline status", "what happens right now"],
    ["hotline watch", "the same, live"],
    ["hotline agent add 201 --name 'Erika Muster'", "a new agent, and what to set in the phone"],
    ["hotline agent login 201", "from now on 201 gets calls"],
    ["hotline hours set mon-fri 08:00-18:00 sat-sun closed", ""],
    ["hotline hours close --for 2h --reason 'Fire drill'", "closed for all new callers, then open again"],
    ["hotline calls", "the latest calls; `hotline calls show ID` tells the story of one"],
  ]).addHelpText(
    "after",
    "\nThe home is the folder in HOTLINE_HOME (default: var/ beside the program).\nExit codes: 0 done, 1 could not be done, 2 wrong use.",
  );
  return program;
}
