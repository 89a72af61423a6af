import { createRoute, z } from '@hono/zod-openapi'
import type { RouteDeps } from '../deps.ts'
import { notebookHtml } from '../notebook/render.ts'
import { RequestProblem } from '../problem.ts'
import { createRouter } from '../router.ts'
import { unknownRun } from '../run-view.ts'
import { problems } from '../schemas/problem.ts'

const notebookRoute = createRoute({
  method: 'get',
  path: '/runs/{id}/steps/{step}/notebook',
  summary: 'The notebook that a step executed, with what its cells printed',
  description:
    'Cells may show rows: the file is kept in TRAITLINE_HOME alone, readable by its owner, and served only from there. ' +
    'As HTML, nothing in it runs or loads anything.',
  tags: ['runs'],
  request: {
    params: z.object({
      id: z.string().max(100),
      step: z.string().max(300).openapi({ description: 'The step’s id, url-encoded: `notebook%2Fchurn`.' }),
    }),
    query: z.object({ format: z.enum(['ipynb', 'html']).default('ipynb') }),
  },
  responses: {
    200: {
      description: 'The notebook.',
      content: { 'application/x-ipynb+json': { schema: z.string() }, 'text/html': { schema: z.string() } },
    },
    ...problems(400, 401, 404, 503),
  },
})

/** Scripts, requests and forms are nothing that a notebook may do here, whatever its cells hold. */
const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"

export function notebookRoutes({ store, notebooks }: RouteDeps) {
  return createRouter().openapi(notebookRoute, async (c) => {
    const { id, step } = c.req.valid('param')
    if ((await store.runs.get(id)) === null) throw unknownRun(id)
    const executed = (await notebooks?.(id, step)) ?? null
    if (executed === null) throw notKept(id, step)
    c.header('content-security-policy', policy)
    if (c.req.valid('query').format === 'html') return c.html(rendered(executed, step), 200)
    c.header('content-disposition', `attachment; filename="${id}-${step.replaceAll(/[^\w-]+/g, '-')}.ipynb"`)
    return c.body(executed, 200, { 'content-type': 'application/x-ipynb+json' })
  })
}

function rendered(executed: string, step: string): string {
  try {
    return notebookHtml(executed, step)
  } catch {
    throw new RequestProblem(
      404,
      'NOTEBOOK_UNREADABLE',
      `What was kept of ${step} is no whole notebook: its step was cut off while it wrote it.`,
      'Materialise it again.',
    )
  }
}

function notKept(run: string, step: string): RequestProblem {
  return new RequestProblem(
    404,
    'NOTEBOOK_NOT_KEPT',
    `There is no executed notebook of ${step} in run ${run} here.`,
    'It is kept where its worker ran, under TRAITLINE_HOME, for as long as the project’s retention says.',
  )
}
