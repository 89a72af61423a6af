import { TraitlineError, isTraitlineError, type Relation, type TestOf } from '../../orchestrator/contract/index.ts'
import { queryOver, type NamedRead, type Parameter, type Verdict } from '../../orchestrator/sql/index.ts'
import { toFailure, useOf } from '../runtime/index.ts'
import type { Row, Warehouse } from '../warehouse/warehouse.ts'
import type { CheckDeps } from './deps.ts'
import type { ToCheck } from './evaluate.ts'

/** A check that asks more than this of a worker is no check. */
const timeoutMs = 5 * 60_000

/**
 * Runs a check of the user's own. What it reads stays here: of its answer only numbers are taken, and of an error that
 * is not Traitline's only the name and the place, since a message may hold what is in a row.
 */
export async function runTypescript(
  deps: CheckDeps,
  checked: ToCheck,
  { code, resources = [] }: TestOf<'typescript'>,
  now: string,
): Promise<Verdict> {
  const { spec, rows, part } = checked
  const signal = AbortSignal.any([checked.signal, AbortSignal.timeout(timeoutMs)])
  const check = await deps
    .userCode(checked.scope, code)
    .catch((error: unknown) => Promise.reject(codeFailed(code.module, error)))
  const context = {
    asset: spec.key,
    table: quoted(part === undefined ? spec.relation : part.relation),
    partition: part?.view ?? null,
    rows,
    now: new Date(now),
    signal,
    use: useOf(deps.resources, checked.scope, resources),
    query: (text: string, parameters: readonly Parameter[] = []) =>
      readOnly(deps.warehouse, part?.reads ?? [], text, parameters, signal),
  }
  const call = check as unknown as (given: typeof context) => unknown
  const answer = await withAbort(async () => call(context), signal).catch((error: unknown) => {
    checked.signal.throwIfAborted()
    if (signal.aborted) throw tooLong(code.module)
    throw codeFailed(code.module, error)
  })
  return verdictOf(answer, code.module)
}

/** A user's query as a subquery: as such it cannot change anything. */
function readOnly(
  warehouse: Warehouse,
  reads: readonly NamedRead[],
  text: string,
  parameters: readonly Parameter[],
  signal: AbortSignal,
): Promise<Row[]> {
  const query = text.replace(/\s*;\s*$/, '')
  return warehouse.query(queryOver(reads, { text: `select * from (\n${query}\n) as asked`, parameters }), { signal })
}

function quoted(relation: Relation | null): string | null {
  const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`
  if (relation === null) return null
  return relation.schema === ''
    ? identifier(relation.name)
    : `${identifier(relation.schema)}.${identifier(relation.name)}`
}

function verdictOf(answer: unknown, module: string): Verdict {
  const { passed, failures, value } = (typeof answer === 'object' && answer !== null ? answer : {}) as {
    readonly passed?: unknown
    readonly failures?: unknown
    readonly value?: unknown
  }
  const isCount = failures === undefined || (Number.isInteger(failures) && Number(failures) >= 0)
  const isNumber = value === undefined || (typeof value === 'number' && Number.isFinite(value))
  if (typeof passed !== 'boolean' || !isCount || !isNumber) {
    throw new TraitlineError({
      code: 'CHECK_INVALID',
      message: `${module} answers something else than { passed: boolean, failures?: count, value?: number }`,
      hint: 'Answer that; no text is taken, since it could carry what is in a row.',
      blame: 'user',
    })
  }
  const count = failures === undefined ? null : Number(failures)
  const said =
    count === null ? (value === undefined ? 'it answers no' : `it answers no, at ${value}`) : `${count} rows failed`
  return { passed, failures: count, message: passed ? null : said, metadata: value === undefined ? {} : { value } }
}

function codeFailed(module: string, error: unknown): unknown {
  if (isTraitlineError(error)) return error
  return new TraitlineError({
    code: 'CHECK_CODE_FAILED',
    message: `${module} threw: ${toFailure(error).message}`,
    hint: 'Mend it and deploy again.',
    blame: 'user',
  })
}

function tooLong(module: string): TraitlineError {
  return new TraitlineError({
    code: 'CHECK_TIMEOUT',
    message: `${module} did not answer within ${timeoutMs / 60_000} minutes`,
    hint: 'Let the warehouse do more of the work.',
    blame: 'user',
  })
}

/** A function that ignores its signal is left behind. */
async function withAbort<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  let stop: () => void = () => undefined
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('aborted'))
    signal.addEventListener('abort', stop, { once: true })
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
