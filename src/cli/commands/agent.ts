import type { Command } from "commander";
import type { AgentView, NewAgent } from "../../api/schemas.ts";
import type { AdminApi } from "../admin-api.ts";
import { examples, someText } from "../options.ts";
import { changing, openSession } from "../session.ts";
import { ageText, facts, paint, table } from "../text.ts";

export function addAgent(program: Command): void {
  const agent = program
    .command("agent")
    .description("The people who answer: add, list, log in and out, pause.");
  addAdd(agent);
  addList(agent);
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
}

const idHelp = "the agent's id, such as 201";

interface AddOptions {
  readonly name: string;
  readonly hotline?: string[];
}

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
    .action(async (id: string, { name, hotline }: AddOptions, self: Command) => {
      const session = openSession(self);
      const hotlines = hotline ?? [await session.hotline(undefined)];
      await session.confirm(() => `Add agent ${id} (${name}) to ${hotlines.join(", ")}?`);
      session.print(await (await session.api()).addAgent({ id, name, hotlines }), describeNewAgent);
    });
  changing(command);
  examples(command, [
    ["hotline agent add 201 --name 'Erika Muster' --hotline demo", ""],
    ["hotline agent add 201 --name 'Erika Muster'", "while there is only one hotline"],
    ["hotline agent login 201", "a new agent is logged out"],
  ]);
}

function describeNewAgent({ id, sip }: NewAgent): string {
  const lines: [string, string][] = [
    ["user name", sip.username],
    ["password", sip.password],
    ["server", sip.host],
    ["port", String(sip.port)],
    ["transport", sip.transport],
  ];
  return `Agent ${id} is there. Set in the phone:\n${facts(lines)}\nThen log in: hotline agent login ${id}`;
}

function addList(agent: Command): void {
  agent
    .command("list")
    .description("Lists the agents and what they are doing.")
    .action(async (_options: object, self: Command) => {
      const session = openSession(self);
      session.print(await (await session.api()).agents(), describeAgents);
    });
}

function describeAgents(agents: readonly AgentView[]): string {
  if (agents.length === 0) return "There are no agents yet; see hotline agent add --help";
  const rows = agents.map((agent) => [
    agent.id,
    agent.name,
    stateText(agent),
    agent.state === "ready" && agent.idleSince !== null ? ageText(agent.idleSince) : "-",
    agent.hotlines.join(", ") || "-",
  ]);
  return table(["AGENT", "NAME", "STATE", "IDLE FOR", "HOTLINES"], rows);
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
}

function addPause(agent: Command): void {
  const command = agent
    .command("pause")
    .description("Pauses an agent: no calls until resumed. During a conversation it begins at its end.")
    .argument("<id>", idHelp, someText)
    .option("--reason <text>", "why; others see it", someText)
    .action(async (id: string, { reason }: { reason?: string }, self: Command) => {
      const session = openSession(self);
      await session.confirm(() => `Pause agent ${id}${reason === undefined ? "" : `, reason "${reason}"`}?`);
      session.print(await (await session.api()).pause(id, reason ?? null), describeAgent);
    });
  changing(command);
  examples(command, [["hotline agent pause 201 --reason lunch", ""]]);
}
