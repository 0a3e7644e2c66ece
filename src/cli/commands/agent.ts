import { Argument, type Command } from "commander";
import { formatDuration } from "../../api/duration.ts";
import type { AgentView, Assign, NewAgent } from "../../api/schemas.ts";
import type { AdminApi } from "../admin-api.ts";
import { wrongUse } from "../errors.ts";
import { duration, examples, skillsList, someText, wholeNumber } from "../options.ts";
import { closeToOthers } from "../private-output.ts";
import { changing, openSession } from "../session.ts";
import { sipFacts } from "../sip-facts.ts";
import { ageText, facts, lengthText, paint, table } from "../text.ts";
import { addImport } from "./agent-import.ts";
import { addSheet } from "./agent-sheet.ts";

export function addAgent(program: Command): void {
  const agent = program
    .command("agent")
    .description("The people who answer: add, list, assign to hotlines, log in and out, pause.");
  addAdd(agent);
  addImport(agent);
  addSheet(agent);
  addList(agent);
  addShow(agent);
  addAssign(agent);
  addUnassign(agent);
  addRemove(agent);
  addOrder(agent, {
    name: "login",
    description: "Logs an agent in: from now on calls ring the phone.",
    question: (id) => `Log in agent ${id}?`,
    carryOut: (api, id) => api.login(id),
  });
  addOrder(agent, {
    name: "logout",
    description: "Logs an agent out; a conversation is finished first.",
    question: (id) => `Log out agent ${id}?`,
    carryOut: (api, id) => api.logout(id),
  });
  addPause(agent);
  addOrder(agent, {
    name: "resume",
    description: "Ends an agent's pause.",
    question: (id) => `End the pause of agent ${id}?`,
    carryOut: (api, id) => api.resumeAgent(id),
  });
  addWrapUp(agent);
  examples(agent, [
    ["hotline agent list", "who is there, and doing what"],
    ["hotline agent add 201 --name 'Erika Muster'", "prints what to set in the phone"],
    ["hotline agent import agents.csv --dry-run", "many at once"],
    ["hotline agent login 201", ""],
  ]);
}

const idHelp = "the agent's id, such as 201";

interface AddOptions {
  readonly name: string;
  readonly hotline?: string[];
  readonly tier?: number;
  readonly skills?: string[];
}

const tierHelp = "1 is rung first; later tiers join when a caller has waited, 1 to 9";
const skillsHelp = "what the agent knows, for callers who need it, such as en,tax";
const tier = wholeNumber(1, 9);

function addAdd(agent: Command): void {
  const collect = (id: string, before: string[] | undefined) => [
    ...(before ?? []),
    ...id.split(",").map((each) => someText(each)),
  ];
  const command = agent
    .command("add")
    .description("Adds an agent and prints what to set in the phone, which can register at once.")
    .argument("<id>", "1 to 32 letters, digits, - or _; it is also the SIP user name", someText)
    .requiredOption("--name <name>", "the person's name", someText)
    .option("--hotline <id>", "which hotline; may be given several times", collect)
    .option("--tier <number>", `at these hotlines (default: 1); ${tierHelp}`, tier)
    .option("--skills <list>", `at these hotlines; ${skillsHelp}`, skillsList)
    .action(async (id: string, { name, hotline, tier = 1, skills = [] }: AddOptions, self: Command) => {
      const session = openSession(self);
      const hotlines = hotline ?? [await session.hotline(undefined)];
      await session.confirm(() => `Add agent ${id} (${name}) to ${hotlines.join(", ")}?`);
      session.print(
        await (await session.api()).addAgent({ id, name, hotlines, tier, skills }),
        describeNewAgent,
      );
    });
  changing(command);
  examples(command, [
    ["hotline agent add 201 --name 'Erika Muster' --hotline demo", ""],
    ["hotline agent add 201 --name 'Erika Muster'", "while there is only one hotline"],
    ["hotline agent add 301 --name 'Ben Reserve' --tier 2 --skills en", ""],
    ["hotline agent login 201", "a new agent is logged out"],
  ]);
}

function describeNewAgent({ id, sip }: NewAgent): string {
  return `Agent ${id} is there. Set in the phone:\n${sipFacts(sip)}\nThen log in: hotline agent login ${id}`;
}

function addList(agent: Command): void {
  const command = agent
    .command("list")
    .description("Lists the agents and what they are doing.")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      session.print(await (await session.api()).agents(), describeAgents);
    });
  examples(command, [
    ["hotline agent list", ""],
    ["hotline agent list --json | jq -r '.[] | select(.state == \"offline\").id'", "for a script"],
  ]);
}

function describeAgents(agents: readonly AgentView[]): string {
  if (agents.length === 0) return "There are no agents yet; see hotline agent add --help";
  const rows = agents.map((agent) => [
    agent.id,
    agent.name,
    stateText(agent),
    agent.state === "ready" && agent.idleSince !== null ? ageText(agent.idleSince) : "-",
    agent.memberships.map(membershipText).join(", ") || "-",
  ]);
  return table(["AGENT", "NAME", "STATE", "IDLE FOR", "HOTLINES"], rows);
}

/** `sued`, `sued (tier 2)`, `sued (tier 2; en,tax)`. */
function membershipText({ hotline, tier, skills }: AgentView["memberships"][number]): string {
  const details = [
    ...(tier === 1 ? [] : [`tier ${tier}`]),
    ...(skills.length === 0 ? [] : [skills.join(",")]),
  ];
  return details.length === 0 ? hotline : `${hotline} (${details.join("; ")})`;
}

function addShow(agent: Command): void {
  const command = agent
    .command("show")
    .description("Shows an agent: state, and at which hotlines with which tier and skills.")
    .argument("<id>", idHelp, someText)
    .option("--show-secret", "also what to set in the phone, with the password; that you asked is recorded")
    .action(async (id: string, { showSecret }: { showSecret?: boolean }, self: Command) => {
      const session = openSession(self);
      const api = await session.api();
      const view = await api.agent(id);
      if (!showSecret) return session.print(view, showAgent);
      closeToOthers();
      const [credential] = await api.showCredentials([id]);
      const shown = { ...view, sip: credential!.sip };
      session.print(shown, (agent) => `${showAgent(agent)}\n\nSet in the phone:\n${sipFacts(agent.sip)}`);
    });
  examples(command, [
    ["hotline agent show 201", ""],
    ["hotline agent show 201 --show-secret", "the password once more"],
  ]);
}

function showAgent(agent: AgentView): string {
  const { id, name, idleSince, memberships } = agent;
  const lines: [string, string][] = [
    ["name", name],
    ["state", stateText(agent)],
    ["idle for", idleSince === null ? "-" : ageText(idleSince)],
    ...memberships.map(({ hotline, tier, skills }, i): [string, string] => [
      i === 0 ? "hotlines" : "",
      `${hotline}, tier ${tier}, ${skills.length === 0 ? "no skills" : `skills ${skills.join(",")}`}`,
    ]),
  ];
  if (memberships.length === 0) lines.push(["hotlines", "none; see: hotline agent assign --help"]);
  return `${paint("bold", id)}\n${facts(lines)}`;
}

interface AssignOptions {
  readonly tier?: number;
  readonly skills?: string[];
}

function addAssign(agent: Command): void {
  const command = agent
    .command("assign")
    .description("Lets an agent serve a hotline, or serve it differently. What is not named stays.")
    .argument("<id>", idHelp, someText)
    .argument("<hotline>", "which hotline", someText)
    .option("--tier <number>", tierHelp, tier)
    .option("--skills <list>", `${skillsHelp}; none takes them away`, skillsList)
    .action(async (id: string, hotline: string, { tier, skills }: AssignOptions, self: Command) => {
      const as: Assign = { ...(tier !== undefined && { tier }), ...(skills !== undefined && { skills }) };
      const session = openSession(self);
      const api = await session.api();
      await session.confirm(() => {
        const details = [
          ...(tier === undefined ? [] : [`tier ${tier}`]),
          ...(skills === undefined ? [] : [`skills ${skills.join(",") || "none"}`]),
        ];
        return `Let agent ${[`${id} serve ${hotline}`, ...details].join(", ")}?`;
      });
      session.print(await api.assign(id, hotline, as), showAgent);
    });
  changing(command);
  examples(command, [
    ["hotline agent assign 201 demo", "tier 1, no skills, if 201 is new there"],
    ["hotline agent assign 201 demo --tier 2 --skills en,tax", ""],
    ["hotline agent assign 201 demo --skills none", "the tier stays"],
  ]);
}

function addUnassign(agent: Command): void {
  const command = agent
    .command("unassign")
    .description("Takes an agent off a hotline; a conversation is finished first.")
    .argument("<id>", idHelp, someText)
    .argument("<hotline>", "which hotline", someText)
    .action(async (id: string, hotline: string, _options: object, self: Command) => {
      const session = openSession(self);
      await session.confirm(() => `Take agent ${id} off ${hotline}?`);
      session.print(await (await session.api()).unassign(id, hotline), showAgent);
    });
  changing(command);
  examples(command, [
    ["hotline agent assign 201 sued", "to move an agent: first there,"],
    ["hotline agent unassign 201 demo", "then no longer here"],
  ]);
}

/** How long an agent's wrap-up goes on if nothing is said. */
const extensionMs = 60_000;

function addWrapUp(agent: Command): void {
  const command = agent
    .command("wrapup")
    .alias("wrap-up")
    .description("Ends an agent's wrap-up, so that the next call can come, or lets it go on.")
    .argument("<id>", idHelp, someText)
    .addArgument(new Argument("<what>", "end it now, or extend it").choices(["end", "extend"]))
    .option("--by <duration>", "with extend: by how much, from 1s to 1h (default: 1m)", duration)
    .action(async (id: string, what: string, { by }: { by?: number }, self: Command) => {
      if (what === "end" && by !== undefined) throw wrongUse("--by goes with extend, not with end");
      const byMs = by ?? extensionMs;
      if (byMs < 1_000 || byMs > 3_600_000)
        throw wrongUse(`--by: ${formatDuration(byMs)} is not allowed; from 1s to 1h`);
      const session = openSession(self);
      const api = await session.api();
      const order = what === "end" ? "End the wrap-up" : `Extend the wrap-up by ${lengthText(byMs)}`;
      await session.confirm(() => `${order} of agent ${id}?`);
      session.print(await (what === "end" ? api.endWrapUp(id) : api.extendWrapUp(id, byMs)), describeAgent);
    });
  changing(command);
  examples(command, [
    ["hotline agent wrapup 201 end", ""],
    ["hotline agent wrapup 201 extend --by 2m", ""],
  ]);
}

function stateText({ state, reason }: AgentView): string {
  const name = state === "offered" ? "ringing" : state.replace("_", state === "wrap_up" ? "-" : " ");
  const text = reason === null ? name : `${name} (${reason})`;
  if (state === "ready") return paint("green", text);
  return state === "paused" || state === "offline" ? paint("yellow", text) : text;
}

const describeAgent = (agent: AgentView) => `Agent ${agent.id} (${agent.name}): ${stateText(agent)}`;

function addRemove(agent: Command): void {
  const command = agent
    .command("remove")
    .description("Removes an agent for good, with the phone's credentials; a conversation is finished first.")
    .argument("<id>", idHelp, someText)
    .action(async (id: string, _options: object, self: Command) => {
      const session = openSession(self);
      await session.confirm(() => `Remove agent ${id} for good? The phone can no longer register.`);
      await (await session.api()).removeAgent(id);
      session.print({ id, removed: true }, () => `Agent ${id} is removed.`);
    });
  changing(command);
  examples(command, [["hotline agent remove 201", ""]]);
}

interface Order {
  readonly name: string;
  readonly description: string;
  question(id: string): string;
  carryOut(api: AdminApi, id: string): Promise<AgentView>;
}

function addOrder(agent: Command, order: Order): void {
  const command = agent
    .command(order.name)
    .description(order.description)
    .argument("<id>", idHelp, someText)
    .action(async (id: string, _options: object, self: Command) => {
      const session = openSession(self);
      await session.confirm(() => order.question(id));
      session.print(await order.carryOut(await session.api(), id), describeAgent);
    });
  changing(command);
  examples(command, [[`hotline agent ${order.name} 201`, ""]]);
}

function addPause(agent: Command): void {
  const command = agent
    .command("pause")
    .description("Pauses an agent: no calls until resumed. During a conversation it begins at its end.")
    .argument("<id>", idHelp, someText)
    .option(
      "--reason <text>",
      "why, others see it; one of agents.pauseReasons in hotline.yaml, if set",
      someText,
    )
    .action(async (id: string, { reason }: { reason?: string }, self: Command) => {
      const session = openSession(self);
      await session.confirm(() => `Pause agent ${id}${reason === undefined ? "" : `, reason "${reason}"`}?`);
      session.print(await (await session.api()).pause(id, reason ?? null), describeAgent);
    });
  changing(command);
  examples(command, [["hotline agent pause 201 --reason lunch", ""]]);
}
