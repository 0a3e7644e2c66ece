/**
 * Method and path of everything the admin API can do; `:x` is a parameter. Answers are of the schema named behind.
 *
 * GET    /status                              statusSchema
 * GET    /events                              liveEventSchema as Server-Sent Events (live.ts)
 * GET    /doctor                              doctorSchema (doctor.ts)
 * GET    /calls?limit&since                   callsSchema
 * GET    /calls/:id                           callSchema, with events
 * GET    /staffing?…       staffingQuerySchema  staffingSchema (staffing.ts)
 * GET    /agents                              agentsSchema
 * GET    /agents/:id                          agentSchema
 * POST   /agents            addAgentSchema    newAgentSchema
 * POST   /agents/check      addAgentsSchema   mistakesSchema (many-agents.ts): what keeps them from being added
 * POST   /agents/import     addAgentsSchema   credentialsSchema; all or none
 * POST   /credentials/show  showCredentialsSchema  credentialsSchema; leaves a trace in the log
 * DELETE /agents/:id                          204
 * POST   /agents/:id/login | logout | resume  agentSchema
 * POST   /agents/:id/pause  pauseSchema       agentSchema
 * POST   /agents/:id/wrap-up/end              agentSchema
 * POST   /agents/:id/wrap-up/extend  extendWrapUpSchema  agentSchema
 * PUT    /agents/:id/hotlines/:hotline  assignSchema  agentSchema
 * DELETE /agents/:id/hotlines/:hotline        agentSchema
 * GET    /hotlines                            hotlinesSchema
 * POST   /hotlines          addHotlineSchema  hotlineSchema
 * GET    /hotlines/:id                        hotlineSchema
 * PATCH  /hotlines/:id  hotlineChangeSchema   hotlineSchema
 * DELETE /hotlines/:id                        204
 * GET    /numbers                             numbersSchema
 * PUT    /numbers/:number   setNumberSchema   numberRowSchema
 * DELETE /numbers/:number                     204
 * GET    /hotlines/:id/hours?days             hoursSchema (hours.ts)
 * POST   /hotlines/:id/hours?dryRun&basis  hoursOrderSchema  hoursSchema; with dryRun hoursPreviewSchema, and nothing changes;
 *        with the `basis` of such a preview refused when the hours are others by now
 * GET    /hotlines/:id/holidays               holidaysSchema (hours.ts)
 * GET    /explain?number&hotline&at&waiting   explainSchema (explain.ts)
 * GET    /hotlines/:id/announcements          announcementsSchema
 * PUT    /hotlines/:id/announcements/:name    importSchema -> announcementSchema
 * PUT    /hotlines/:id/announcements/:name/text  saySchema -> announcementSchema
 * POST   /hotlines/:id/announcements/:name/play    studioSchema -> playedSchema; answers when it is over
 * POST   /hotlines/:id/announcements/:name/record  studioSchema -> announcementSchema; likewise
 * DELETE /hotlines/:id/announcements/:name    announcementSchema: the default text again
 *
 * GET    /changes?object&limit                changesSchema (audit.ts)
 * GET    /changes/:id                         changeWithRowsSchema
 * GET    /undo?change                         undoPreviewSchema
 * POST   /undo              undoSchema        undoneSchema
 * GET    /document                            exportSchema (document.ts)
 * POST   /document          applySchema       appliedSchema; as a whole or not at all
 * POST   /document?dryRun   applySchema       previewSchema: what would be changed, or all that is wrong
 * POST   /backup                              a tar archive (backup.ts), piece by piece
 * POST   /who                                 the first half of proving who sends a request, see who.ts
 *
 * Every request but GET and /who needs that proof, and is refused with 403 without it. With the header `dryRun` (who.ts) a
 * change is checked as a whole and not made; the answer is then rehearsedSchema. What changes nothing refuses that header.
 *
 * Errors: 400 invalid input, 404 unknown, 409 conflicts with what is, 503 not now; the body is errorSchema.
 */
export const socketName = "run/admin.sock";
