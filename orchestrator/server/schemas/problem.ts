import { z } from '@hono/zod-openapi'

/** An error as RFC 9457 asks, with Traitline's code and hint. */
export const problem = z
  .object({
    type: z.string().openapi({ examples: ['urn:traitline:problem:asset-not-found'] }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    code: z.string().openapi({ description: 'Stable: what scripts match on.' }),
    hint: z.string().openapi({ description: 'What to do about it.' }),
  })
  .openapi('Problem')

export type Problem = z.infer<typeof problem>

/** The responses that a route may answer beside its own. */
export function problems<const S extends keyof typeof descriptions>(
  ...statuses: readonly S[]
): Record<S, ProblemResponse> {
  const responses = statuses.map((status) => [status, response(descriptions[status])] as const)
  return Object.fromEntries(responses) as Record<S, ProblemResponse>
}

type ProblemResponse = ReturnType<typeof response>

function response(description: string) {
  return { description, content: { 'application/problem+json': { schema: problem } } }
}

const descriptions = {
  400: 'The request cannot be understood.',
  401: 'An API token is needed.',
  403: 'The request comes from elsewhere.',
  404: 'There is no such thing.',
  409: 'It cannot be done in this state.',
  503: 'A service that is needed cannot be reached.',
} as const
