import type { FastifyInstance } from "fastify";
import { applyQuerySchema, applySchema, documentBytesMax } from "../api/document.ts";
import type { By } from "./admin.ts";
import type { AdminService } from "./service.ts";

export function addDocumentRoutes(app: FastifyInstance, service: AdminService, by: By): void {
  app.get("/document", () => service.exportDocument());
  app.post("/document", { bodyLimit: documentBytesMax }, (request) => {
    const { dryRun } = applyQuerySchema.parse(request.query);
    const document = applySchema.parse(request.body);
    return dryRun === "false" ? by(request).applyDocument(document) : service.previewDocument(document);
  });
}
