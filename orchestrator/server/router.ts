import { OpenAPIHono } from '@hono/zod-openapi'
import { RequestProblem } from './problem.ts'

/** A router whose requests are checked by their schemas; what does not fit is a problem that names the field. */
export function createRouter(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result) => {
      if (result.success) return
      const [issue] = result.error.issues
      const field = issue === undefined || issue.path.length === 0 ? result.target : issue.path.join('.')
      throw new RequestProblem(
        400,
        'REQUEST_INVALID',
        `${field}: ${issue?.message ?? 'does not fit'}.`,
        'See /openapi.json for what this route takes.',
      )
    },
  })
}
