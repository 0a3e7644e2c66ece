import type { FastifyInstance } from "fastify";
import { changeNumberSchema, changesQuerySchema, undoQuerySchema, undoSchema } from "../api/audit.ts";
import type { By } from "./admin.ts";
import type { AdminService } from "./service.ts";

export function addAuditRoutes(app: FastifyInstance, service: AdminService, by: By): void {
  app.get("/changes", (request) => service.changes(changesQuerySchema.parse(request.query)));
  app.get("/changes/:id", (request) =>
    service.change(changeNumberSchema.parse((request.params as { id: string }).id)),
  );
  app.get("/undo", (request) => service.previewUndo(undoQuerySchema.parse(request.query).change ?? null));
  app.post("/undo", (request) => by(request).undo(undoSchema.parse(request.body).change));
}
