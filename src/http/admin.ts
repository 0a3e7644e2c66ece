import { chmodSync, existsSync, rmSync } from "node:fs";
import { Readable } from "node:stream";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import { reasonSchema } from "../api/audit.ts";
import { explainQuerySchema } from "../api/explain.ts";
import { hoursOrderQuerySchema, hoursOrderSchema, hoursQuerySchema } from "../api/hours.ts";
import { addAgentsSchema, showCredentialsSchema } from "../api/many-agents.ts";
import {
  addAgentSchema,
  addHotlineSchema,
  assignSchema,
  callsQuerySchema,
  extendWrapUpSchema,
  hotlineChangeSchema,
  importSchema,
  numberSchema,
  pauseSchema,
  saySchema,
  setNumberSchema,
  studioSchema,
} from "../api/schemas.ts";
import { staffingQuerySchema } from "../api/staffing.ts";
import { type Mandate, whoHeaders } from "../api/who.ts";
import { addAuditRoutes } from "./audit.ts";
import { addDocumentRoutes } from "./document.ts";
import { sendEvents } from "./event-stream.ts";
import { giveToGroup } from "./group.ts";
import { type AdminChanges, type AdminService, type DutyChange, Refusal, Rehearsed } from "./service.ts";
import { WhoDesk } from "./who.ts";

/** An imported recording in base64: 50 MB of sound and a little more. */
const bodyLimitBytes = 70 * 1024 * 1024;

/**
 * Serves the admin API on a Unix socket that the owner and the group `hotline` may use; who changes something must show in
 * the folder `who` who they are. The routes are listed in src/api/routes.ts. Resolves when requests are taken; close()
 * ends it.
 */
export async function serveAdmin(
  { adminSocket: socket, who }: { readonly adminSocket: string; readonly who: string },
  service: AdminService,
  log: Logger,
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: bodyLimitBytes });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof Rehearsed) return reply.code(200).send({ dryRun: true, changes: error.changes });
    const { status, code, message } = describe(error);
    if (status === 500) log.error({ err: error }, "an admin request failed: this is a bug");
    return reply.code(status).send({ error: { code, message } });
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ error: { code: "no_such_route", message: `There is no ${request.method} ${request.url}` } }),
  );
  addRoutes(app, service, askWho(app, new WhoDesk(who, log), service));
  // The lock of the home is ours, so a socket that is there was left behind by a daemon that is gone.
  if (existsSync(socket)) rmSync(socket);
  await app.listen({ path: socket });
  chmodSync(socket, 0o660);
  giveToGroup(socket, log);
  return app;
}

/** What a request may change: as whoever is behind it. */
export type By = (request: FastifyRequest) => AdminChanges;

/** Who asks is found out before anything else of the request is looked at. */
function askWho(app: FastifyInstance, desk: WhoDesk, service: AdminService): By {
  const asked = new WeakMap<FastifyRequest, { mandate: Mandate; rehearses: boolean }>();
  app.post("/who", () => desk.ask());
  app.addHook("onRequest", async (request) => {
    if (request.method === "GET" || request.url === "/who") return;
    const author = await desk.authorOf(request.headers);
    const mandate = { ...author, reason: reasonOf(request.headers[whoHeaders.reason]) };
    asked.set(request, { mandate, rehearses: isDryRun(request.headers[whoHeaders.dryRun]) });
  });
  return (request) => {
    const by = asked.get(request);
    if (!by) throw new Error(`Nobody is behind ${request.method} ${request.url}`);
    return service.by(by.mandate, by.rehearses);
  };
}

/** Whoever means a dry run and writes it otherwise must not make the change. */
function isDryRun(header: string | string[] | undefined): boolean {
  if (header === undefined || header === "true") return header === "true";
  throw new Refusal(400, "invalid", `${whoHeaders.dryRun}: only "true" is allowed`);
}

function reasonOf(header: string | string[] | undefined): string | null {
  if (typeof header !== "string") return null;
  try {
    return reasonSchema.parse(decodeURIComponent(header));
  } catch (error) {
    if (error instanceof URIError)
      throw new Refusal(400, "invalid", `${whoHeaders.reason}: ${error.message}`);
    throw error;
  }
}

const idOf = (request: { params: unknown }) => (request.params as { id: string }).id;
const nameOf = (request: { params: unknown }) => (request.params as { name: string }).name;

function addRoutes(app: FastifyInstance, service: AdminService, by: By): void {
  app.get("/status", () => service.status());
  addEventRoute(app, service);
  app.get("/doctor", () => service.doctor());
  app.get("/calls", (request) => {
    const { limit, since } = callsQuerySchema.parse(request.query);
    return service.calls({ limit, since });
  });
  app.get("/calls/:id", (request) => service.call(idOf(request)));

  app.get("/staffing", (request) => service.staffing(staffingQuerySchema.parse(request.query)));
  addAgentRoutes(app, service, by);
  addHotlineRoutes(app, service, by);
  addNumberRoutes(app, service, by);
  addAuditRoutes(app, service, by);
  addDocumentRoutes(app, service, by);
  // What goes wrong before the first piece is an answer, after it the connection breaks off.
  app.post("/backup", async (request, reply) => {
    const pieces = by(request).backUp()[Symbol.asyncIterator]();
    const first = await pieces.next();
    const rest = Readable.from(piecesFrom(first, pieces));
    return reply.type("application/x-tar").send(rest);
  });
}

async function* piecesFrom(
  first: IteratorResult<Buffer>,
  pieces: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    for (let next = first; !next.done; next = await pieces.next()) yield next.value;
  } finally {
    // Whoever has asked may have gone away.
    await pieces.return?.();
  }
}

/** More readers than screens: somebody forgets to hang up. */
const readersMax = 100;

function addEventRoute(app: FastifyInstance, service: AdminService): void {
  const streams = new Set<() => void>();
  app.get("/events", (_request, reply) => {
    if (streams.size >= readersMax)
      throw new Refusal(503, "too_many_readers", `${readersMax} others are reading the events already`);
    reply.hijack();
    const end = sendEvents(reply.raw, service.live);
    streams.add(end);
    reply.raw.once("close", () => streams.delete(end));
  });
  // They would never end by themselves.
  app.addHook("preClose", async () => {
    for (const end of streams) end();
  });
}

function addAgentRoutes(app: FastifyInstance, service: AdminService, by: By): void {
  app.get("/agents", () => service.agents());
  app.get("/agents/:id", (request) => service.agent(idOf(request)));
  app.post("/agents", (request) => by(request).addAgent(addAgentSchema.parse(request.body)));
  app.post("/agents/check", (request) => ({
    mistakes: service.checkAgents(addAgentsSchema.parse(request.body).agents),
  }));
  app.post("/agents/import", (request) => by(request).addAgents(addAgentsSchema.parse(request.body).agents));
  app.post("/credentials/show", (request) =>
    by(request).showCredentials(showCredentialsSchema.parse(request.body).agents),
  );
  app.delete("/agents/:id", async (request, reply) => {
    await by(request).removeAgent(idOf(request));
    return reply.code(204).send();
  });
  const duty = (path: string, change: (body: unknown) => DutyChange) =>
    app.post(`/agents/:id/${path}`, (request) => by(request).changeDuty(idOf(request), change(request.body)));
  duty("login", () => ({ kind: "login" }));
  duty("logout", () => ({ kind: "logout" }));
  duty("resume", () => ({ kind: "resume" }));
  duty("pause", (body) => ({ kind: "pause", ...pauseSchema.parse(body) }));
  duty("wrap-up/end", () => ({ kind: "wrap_up_end" }));
  duty("wrap-up/extend", (body) => ({ kind: "wrap_up_extend", ...extendWrapUpSchema.parse(body) }));

  const hotlineOf = (request: { params: unknown }) => (request.params as { hotline: string }).hotline;
  app.put("/agents/:id/hotlines/:hotline", (request) =>
    by(request).assign(idOf(request), hotlineOf(request), assignSchema.parse(request.body)),
  );
  app.delete("/agents/:id/hotlines/:hotline", (request) =>
    by(request).unassign(idOf(request), hotlineOf(request)),
  );
}

function addNumberRoutes(app: FastifyInstance, service: AdminService, by: By): void {
  const numberOf = (request: { params: unknown }) =>
    numberSchema.parse((request.params as { number: string }).number);
  app.get("/numbers", () => service.numbers());
  app.put("/numbers/:number", (request) =>
    by(request).setNumber(numberOf(request), setNumberSchema.parse(request.body)),
  );
  app.delete("/numbers/:number", async (request, reply) => {
    await by(request).removeNumber(numberOf(request));
    return reply.code(204).send();
  });
}

function addHotlineRoutes(app: FastifyInstance, service: AdminService, by: By): void {
  app.get("/hotlines", () => service.hotlines());
  app.post("/hotlines", (request) => by(request).addHotline(addHotlineSchema.parse(request.body)));
  app.get("/hotlines/:id", (request) => service.hotline(idOf(request)));
  app.delete("/hotlines/:id", async (request, reply) => {
    await by(request).removeHotline(idOf(request));
    return reply.code(204).send();
  });
  app.patch("/hotlines/:id", (request) =>
    by(request).changeHotline(idOf(request), hotlineChangeSchema.parse(request.body)),
  );
  addHoursRoutes(app, service, by);
  app.get("/hotlines/:id/announcements", (request) => service.announcements(idOf(request)));
  app.put("/hotlines/:id/announcements/:name", (request) => {
    const { fileName, contentBase64 } = importSchema.parse(request.body);
    const content = Buffer.from(contentBase64, "base64");
    return by(request).importAnnouncement(idOf(request), nameOf(request), { fileName, content });
  });
  app.put("/hotlines/:id/announcements/:name/text", (request) =>
    by(request).sayAnnouncement(idOf(request), nameOf(request), saySchema.parse(request.body).text),
  );
  app.post("/hotlines/:id/announcements/:name/play", (request) =>
    by(request).playAnnouncement(idOf(request), nameOf(request), studioSchema.parse(request.body).agent),
  );
  app.post("/hotlines/:id/announcements/:name/record", (request) =>
    by(request).recordAnnouncement(idOf(request), nameOf(request), studioSchema.parse(request.body).agent),
  );
  app.delete("/hotlines/:id/announcements/:name", (request) =>
    by(request).resetAnnouncement(idOf(request), nameOf(request)),
  );
}

function addHoursRoutes(app: FastifyInstance, service: AdminService, by: By): void {
  app.get("/hotlines/:id/hours", (request) =>
    service.hours(idOf(request), hoursQuerySchema.parse(request.query).days),
  );
  app.post("/hotlines/:id/hours", (request) => {
    const { dryRun, basis } = hoursOrderQuerySchema.parse(request.query);
    const order = hoursOrderSchema.parse(request.body);
    return dryRun
      ? service.previewHours(idOf(request), order)
      : by(request).changeHours(idOf(request), order, basis ?? null);
  });
  app.get("/hotlines/:id/holidays", (request) => service.holidays(idOf(request)));
  app.get("/explain", (request) => service.explain(explainQuerySchema.parse(request.query)));
}

function describe(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof Refusal) return { status: error.status, code: error.code, message: error.message };
  if (error instanceof z.ZodError) {
    const message = error.issues
      .map((issue) => (issue.path.length ? `${issue.path.join(".")}: ${issue.message}` : issue.message))
      .join("; ");
    return { status: 400, code: "invalid", message };
  }
  const http = error as { statusCode?: number; code?: string; message?: string };
  if (http.statusCode && http.statusCode < 500)
    return {
      status: http.statusCode,
      code: http.code ?? "invalid",
      message: http.message ?? "invalid request",
    };
  return { status: 500, code: "bug", message: "The daemon has failed at this; see its log." };
}
