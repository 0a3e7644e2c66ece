import { chmodSync, chownSync, existsSync, readFileSync, rmSync } from "node:fs";
import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { z } from "zod";
import { addAgentsSchema, showCredentialsSchema } from "../api/many-agents.ts";
import {
  addAgentSchema,
  addHotlineSchema,
  assignSchema,
  callsQuerySchema,
  closeSchema,
  extendWrapUpSchema,
  hotlineChangeSchema,
  importSchema,
  numberSchema,
  pauseSchema,
  saySchema,
  setHoursSchema,
  setNumberSchema,
} from "../api/schemas.ts";
import { staffingQuerySchema } from "../api/staffing.ts";
import { sendEvents } from "./event-stream.ts";
import { type AdminService, type DutyChange, Refusal } from "./service.ts";

/** An imported recording in base64: 50 MB of sound and a little more. */
const bodyLimitBytes = 70 * 1024 * 1024;

/**
 * Serves the admin API on a Unix socket that the owner and the group `hotline` may use. The routes are listed in
 * src/api/routes.ts. Resolves when requests are taken; close() ends it.
 */
export async function serveAdmin(
  socket: string,
  service: AdminService,
  log: Logger,
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: bodyLimitBytes });
  app.setErrorHandler((error, _request, reply) => {
    const { status, code, message } = describe(error);
    if (status === 500) log.error({ err: error }, "an admin request failed: this is a bug");
    return reply.code(status).send({ error: { code, message } });
  });
  app.setNotFoundHandler((request, reply) =>
    reply
      .code(404)
      .send({ error: { code: "no_such_route", message: `There is no ${request.method} ${request.url}` } }),
  );
  addRoutes(app, service);
  // The lock of the home is ours, so a socket that is there was left behind by a daemon that is gone.
  if (existsSync(socket)) rmSync(socket);
  await app.listen({ path: socket });
  chmodSync(socket, 0o660);
  giveToGroup(socket, log);
  return app;
}

const idOf = (request: { params: unknown }) => (request.params as { id: string }).id;
const nameOf = (request: { params: unknown }) => (request.params as { name: string }).name;

function addRoutes(app: FastifyInstance, service: AdminService): void {
  app.get("/status", () => service.status());
  addEventRoute(app, service);
  app.get("/doctor", () => service.doctor());
  app.get("/calls", (request) => {
    const { limit, since } = callsQuerySchema.parse(request.query);
    return service.calls({ limit, since });
  });
  app.get("/calls/:id", (request) => service.call(idOf(request)));

  app.get("/staffing", (request) => service.staffing(staffingQuerySchema.parse(request.query)));
  addAgentRoutes(app, service);
  addHotlineRoutes(app, service);
  addNumberRoutes(app, service);
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

function addAgentRoutes(app: FastifyInstance, service: AdminService): void {
  app.get("/agents", () => service.agents());
  app.get("/agents/:id", (request) => service.agent(idOf(request)));
  app.post("/agents", (request) => service.addAgent(addAgentSchema.parse(request.body)));
  app.post("/agents/check", (request) => ({
    mistakes: service.checkAgents(addAgentsSchema.parse(request.body).agents),
  }));
  app.post("/agents/import", (request) => service.addAgents(addAgentsSchema.parse(request.body).agents));
  app.post("/credentials/show", (request) =>
    service.showCredentials(showCredentialsSchema.parse(request.body).agents),
  );
  app.delete("/agents/:id", async (request, reply) => {
    await service.removeAgent(idOf(request));
    return reply.code(204).send();
  });
  const duty = (path: string, change: (body: unknown) => DutyChange) =>
    app.post(`/agents/:id/${path}`, (request) => service.changeDuty(idOf(request), change(request.body)));
  duty("login", () => ({ kind: "login" }));
  duty("logout", () => ({ kind: "logout" }));
  duty("resume", () => ({ kind: "resume" }));
  duty("pause", (body) => ({ kind: "pause", ...pauseSchema.parse(body) }));
  duty("wrap-up/end", () => ({ kind: "wrap_up_end" }));
  duty("wrap-up/extend", (body) => ({ kind: "wrap_up_extend", ...extendWrapUpSchema.parse(body) }));

  const hotlineOf = (request: { params: unknown }) => (request.params as { hotline: string }).hotline;
  app.put("/agents/:id/hotlines/:hotline", (request) =>
    service.assign(idOf(request), hotlineOf(request), assignSchema.parse(request.body)),
  );
  app.delete("/agents/:id/hotlines/:hotline", (request) =>
    service.unassign(idOf(request), hotlineOf(request)),
  );
}

function addNumberRoutes(app: FastifyInstance, service: AdminService): void {
  const numberOf = (request: { params: unknown }) =>
    numberSchema.parse((request.params as { number: string }).number);
  app.get("/numbers", () => service.numbers());
  app.put("/numbers/:number", (request) =>
    service.setNumber(numberOf(request), setNumberSchema.parse(request.body)),
  );
  app.delete("/numbers/:number", async (request, reply) => {
    await service.removeNumber(numberOf(request));
    return reply.code(204).send();
  });
}

function addHotlineRoutes(app: FastifyInstance, service: AdminService): void {
  app.get("/hotlines", () => service.hotlines());
  app.post("/hotlines", (request) => service.addHotline(addHotlineSchema.parse(request.body)));
  app.get("/hotlines/:id", (request) => service.hotline(idOf(request)));
  app.delete("/hotlines/:id", async (request, reply) => {
    await service.removeHotline(idOf(request));
    return reply.code(204).send();
  });
  app.patch("/hotlines/:id", (request) =>
    service.changeHotline(idOf(request), hotlineChangeSchema.parse(request.body)),
  );
  app.get("/hotlines/:id/hours", (request) => service.hours(idOf(request)));
  app.put("/hotlines/:id/hours", (request) =>
    service.setHours(idOf(request), setHoursSchema.parse(request.body).lines),
  );
  app.post("/hotlines/:id/close", (request) => service.close(idOf(request), closeSchema.parse(request.body)));
  app.post("/hotlines/:id/resume", (request) => service.resume(idOf(request)));
  app.get("/hotlines/:id/announcements", (request) => service.announcements(idOf(request)));
  app.put("/hotlines/:id/announcements/:name", (request) => {
    const { fileName, contentBase64 } = importSchema.parse(request.body);
    const content = Buffer.from(contentBase64, "base64");
    return service.importAnnouncement(idOf(request), nameOf(request), { fileName, content });
  });
  app.put("/hotlines/:id/announcements/:name/text", (request) =>
    service.sayAnnouncement(idOf(request), nameOf(request), saySchema.parse(request.body).text),
  );
  app.delete("/hotlines/:id/announcements/:name", (request) =>
    service.resetAnnouncement(idOf(request), nameOf(request)),
  );
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

/** The group that may administer. Without such a group on the machine the socket stays with its owner's. */
function giveToGroup(socket: string, log: Logger): void {
  const line = readFileSync("/etc/group", "utf8")
    .split("\n")
    .find((group) => group.startsWith("hotline:"));
  const gid = Number(line?.split(":")[2]);
  if (!line || !Number.isInteger(gid)) return;
  try {
    chownSync(socket, -1, gid);
  } catch (error) {
    log.warn({ err: error }, "the admin socket could not be given to the group hotline");
  }
}
