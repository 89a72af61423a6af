import { z } from 'zod'
import {
  configError,
  systemError,
  transientError,
  withoutValues,
  type HttpAnswer,
  type Refusal,
  type Verdict,
} from '../kit/index.ts'

const resultSchema = z.object({
  success: z.boolean(),
  errors: z
    .array(
      z.object({ statusCode: z.string(), message: z.string().default(''), fields: z.array(z.string()).default([]) }),
    )
    .default([]),
})
export type SaveResult = z.output<typeof resultSchema>

const failures = z.array(z.object({ errorCode: z.string() })).min(1)

export const absentCodes: ReadonlySet<string> = new Set([
  'ENTITY_IS_DELETED',
  'INVALID_CROSS_REFERENCE_KEY',
  'INVALID_ID_FIELD',
  'NOT_FOUND',
])

/** The results of a collection, in the order of its records. */
export function resultsOf({ json }: HttpAnswer, count: number): readonly SaveResult[] {
  const results = z.array(resultSchema).safeParse(json)
  if (results.success && results.data.length === count) return results.data
  throw systemError('Salesforce answered with another number of results than there were records.')
}

/** The status code of a result that is none of success. */
export function codeOf({ success, errors }: SaveResult): string | null {
  return success ? null : (errors[0]?.statusCode ?? 'UNKNOWN')
}

export function refusalOf({ errors }: SaveResult, item: unknown): Refusal {
  const [error] = errors
  if (error === undefined) return { code: 'UNKNOWN', message: 'Salesforce refuses the row and does not say why.' }
  const fields = error.fields.length === 0 ? '' : ` (${error.fields.join(', ')})`
  const words = withoutValues(error.message, item) ?? 'Salesforce refuses the row'
  return { code: error.statusCode, message: `${words}${fields}` }
}

/** A code that Salesforce gives to a request, if it is one. */
function failureCode({ json }: HttpAnswer): string {
  const code = failures.safeParse(json).data?.[0]?.errorCode ?? ''
  return /^[A-Z_]{1,64}$/.test(code) ? code : ''
}

/** Of a 400: a value that cannot be read is a row’s fault, what the object does not have is the mapping’s. */
export function refusedRequest(answer: HttpAnswer, object: string): Verdict {
  const code = failureCode(answer)
  if (/^(INVALID_FIELD|INVALID_TYPE|NOT_FOUND)/.test(code)) {
    throw configError(
      `Salesforce’s ${object} has no such field, or no such key (${code}): compare the mapping with the object’s ` +
        'fields, and whether the user may see and change them.',
    )
  }
  const message = `Salesforce cannot read the row (${code === '' ? 'HTTP 400' : code}).`
  return { refused: new Map(), whole: { code: code === '' ? 'refused' : code, message } }
}

/** What other refusals of a request mean. */
export function requestFailure(answer: HttpAnswer): Error {
  const code = failureCode(answer)
  const what = `HTTP ${answer.status}${code === '' ? '' : `, ${code}`}`
  if (code === 'REQUEST_LIMIT_EXCEEDED') {
    return transientError('The organisation has used all its Salesforce API requests of the last 24 hours.')
  }
  if (answer.status === 403) {
    return configError(`Salesforce forbids it (${what}): the user needs the permission API Enabled, and the object’s.`)
  }
  if (answer.status === 404) {
    return configError(`Salesforce knows no such object, key or version (${what}), or the user may not see it.`)
  }
  return configError(`Salesforce refuses the request (${what}): check domain_url and api_version.`)
}
