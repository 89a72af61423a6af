import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { isTraitlineError, TraitlineError } from '../contract/index.ts'
import type { Problem } from './schemas/problem.ts'

/** What an edge answers when it refuses a request. `code` becomes the problem's type. */
export class RequestProblem extends TraitlineError {
  readonly status: ProblemStatus

  constructor(status: ProblemStatus, code: string, message: string, hint: string) {
    super({ code, message, hint, blame: 'user' })
    this.status = status
  }
}

export type ProblemStatus = keyof typeof titles

const titles = {
  400: 'Bad request',
  401: 'Not authorised',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Too large',
  421: 'Misdirected request',
  500: 'Internal error',
  503: 'Service unavailable',
} as const

/** Any error as problem details. Only the error family's own words leave the process. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestProblem) return details(error.status, error)
  // What the framework refuses by itself: a body that is no JSON.
  if (error instanceof HTTPException && error.status < 500) return details(400, malformed)
  if (!isTraitlineError(error)) return details(500, internal)
  // Where the record is, is nothing for the outside; the server's log says it.
  if (error.code.startsWith('STORE_'))
    return details(/_UNREACHABLE$|_TIMEOUT$/.test(error.code) ? 503 : 500, { ...store, code: error.code })
  if (/_UNREACHABLE$|_TIMEOUT$/.test(error.code)) return details(503, error)
  if (/_NOT_FOUND$|_UNKNOWN$/.test(error.code)) return details(404, error)
  if (/_WHILE_RUNNING$/.test(error.code)) return details(409, error)
  return details(error.blame === 'user' ? 400 : 500, error)
}

const malformed = {
  code: 'REQUEST_MALFORMED',
  message: 'The request’s body cannot be read.',
  hint: 'Send JSON, with the header content-type: application/json.',
}

const store = {
  message: 'The server’s database cannot be reached, or refused what it was asked.',
  hint: 'See the server’s log for which and why.',
}

const internal = {
  code: 'INTERNAL',
  message: 'The server could not answer this request.',
  hint: 'See the server’s log; if it happens again, report it with the log’s lines.',
}

function details(status: ProblemStatus, error: { code: string; message: string; hint: string }): Problem {
  return {
    type: `urn:traitline:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: titles[status],
    status,
    detail: error.message,
    code: error.code,
    hint: error.hint,
  }
}

export function problemResponse(c: Context, error: unknown): Response {
  const problem = problemOf(error)
  return c.body(JSON.stringify(problem), problem.status as ProblemStatus, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(problem.status === 401 ? { 'www-authenticate': 'Bearer realm="traitline"' } : {}),
  })
}
