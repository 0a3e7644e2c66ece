import fastify, { type FastifyInstance } from "fastify";
import type { Logger } from "pino";

/** What the daemon shows of its health. None of it names a person. */
export type Signs = {
  /** Conditions that people should look at, by name. */
  alarms(): string[];
  /** What keeps calls from being taken, in sentences; empty: nothing. */
  obstacles(): string[];
  /** In the text format of Prometheus. */
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
};

export type Address = { readonly bind: string; readonly port: number };

/**
 * Serves what monitoring asks for, without login, on the address `http` of hotline.yaml:
 *
 *   /healthz   200 while the daemon's loop turns
 *   /readyz    200 while calls can be taken, else 503 and the reasons
 *   /metrics   figures for Prometheus
 *
 * Resolves when requests are taken; rejects when the port cannot be had.
 */
export async function serveSigns(
  { bind, port }: Address,
  signs: Signs,
  log: Logger,
): Promise<FastifyInstance> {
  const app = fastify({ bodyLimit: 1024 });
  app.setErrorHandler((error, request, reply) => {
    log.error({ err: error, url: request.url }, "a sign of life could not be given: this is a bug");
    return reply.code(500).send({ error: "see the daemon's log" });
  });
  app.get("/healthz", () => ({
    status: "ok",
    uptimeSeconds: Math.round(process.uptime()),
    alarms: signs.alarms(),
  }));
  app.get("/readyz", (_request, reply) => {
    const obstacles = signs.obstacles();
    return obstacles.length === 0
      ? { status: "ready" }
      : reply.code(503).send({ status: "not ready", obstacles });
  });
  app.get("/metrics", async (_request, reply) => {
    const { contentType, text } = await signs.metrics();
    return reply.type(contentType).send(text);
  });
  await app.listen({ host: bind, port });
  return app;
}
