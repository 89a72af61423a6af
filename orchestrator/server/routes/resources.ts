import { createRoute, z } from '@hono/zod-openapi'
import { resourcesUsed } from '../../contract/index.ts'
import type { RouteDeps } from '../deps.ts'
import { createRouter } from '../router.ts'
import { list, scopeQuery } from '../schemas/common.ts'
import { problems } from '../schemas/problem.ts'

const resource = z
  .object({
    name: z.string(),
    description: z.string().nullable(),
    fields: list(z.string()).openapi({ description: 'What it has. Values are nowhere but in the worker.' }),
    variables: list(
      z.object({
        variable: z.string(),
        field: z.string(),
        required: z.boolean().openapi({ description: 'It has no fallback.' }),
      }),
    ),
    usedBy: list(z.string()).openapi({ description: 'Assets, by their code or checks, and sensors as `sensor/name`.' }),
  })
  .openapi('Resource')

const resourceList = z.object({ items: list(resource) }).openapi('ResourceList')

export type ResourceList = z.infer<typeof resourceList>

const listRoute = createRoute({
  method: 'get',
  path: '/resources',
  summary: 'Resources of the latest revision: their fields, the variables that they are made from, and who uses them',
  tags: ['assets'],
  request: { query: scopeQuery },
  responses: {
    200: { description: 'By name.', content: { 'application/json': { schema: resourceList } } },
    ...problems(400, 401, 404, 503),
  },
})

export function resourceRoutes({ projects }: RouteDeps) {
  return createRouter().openapi(listRoute, async (c) => {
    const { manifest } = await projects.latest(await projects.scope(c.req.valid('query')))
    const users = [
      ...manifest.assets.map((spec) => ({ user: spec.key as string, uses: resourcesUsed(spec) })),
      ...(manifest.sensors ?? []).map(({ name, resources = [] }) => ({ user: `sensor/${name}`, uses: resources })),
    ]
    const items = (manifest.resources ?? []).map(({ name, description, fields, variables }) => ({
      ...{ name, description, fields, variables },
      usedBy: users.filter(({ uses }) => uses.includes(name)).map(({ user }) => user),
    }))
    return c.json<ResourceList, 200>({ items }, 200)
  })
}
