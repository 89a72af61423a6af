export type { ServerOptions, SlackMessage } from './deps.ts'
export { openApiDocument } from './openapi.ts'
export { createServer, type TraitlineServer } from './server.ts'
export { isLoopbackHost } from './security/host.ts'
