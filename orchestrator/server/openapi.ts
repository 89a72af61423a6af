import type { OpenAPIHono } from '@hono/zod-openapi'

/** The OpenAPI 3.1 document of the API. */
export function openApiDocument(app: OpenAPIHono) {
  return app.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'Traitline',
      version: '1',
      description: 'Traits, audiences and syncs as assets: their graph, their runs, their history.',
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }, {}],
    tags: [
      { name: 'assets', description: 'What is defined, how it is, and where it comes from.' },
      { name: 'runs', description: 'Materialising.' },
      { name: 'automation', description: 'What is materialised by itself: conditions, crons, sensors, webhooks.' },
      { name: 'partitions', description: 'Partitions of assets, and keys of dynamic dimensions.' },
      { name: 'events', description: 'What happens, as it happens.' },
      { name: 'revisions', description: 'What was deployed, and what changed.' },
      { name: 'session', description: 'Signing in to the page.' },
      { name: 'development', description: 'Only where the local stand-ins run.' },
      { name: 'health', description: 'For whoever keeps it running.' },
    ],
  })
}

/** The names that the document's `security` uses. Once an app. */
export function describeSecurity(app: OpenAPIHono): void {
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
    type: 'http',
    scheme: 'bearer',
    description: 'The API token, where the server has one.',
  })
}
