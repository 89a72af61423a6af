import {
  isTraitlineError,
  TraitlineError,
  type AssetKey,
  type CodeRef,
  type JsonValue,
  type Manifest,
  type RunRequest,
  type SensorSpec,
  type Scope,
  type TriggerActivities,
} from '../../orchestrator/contract/index.ts'
import { buildGraph, select } from '../../orchestrator/graph/index.ts'
import { sensorAnswerSchema, runRequestsSchema } from '../../orchestrator/schema/index.ts'
import type { NewRunRequest } from '../../orchestrator/store/store.ts'
import { toFailure, useOf } from '../runtime/index.ts'
import type { TriggerDeps } from './deps.ts'

/** Asks a sensor for news, and keeps its cursor with the runs that it asks for. */
export async function pollSensor(
  deps: TriggerDeps,
  { sensor: name, ...scope }: Parameters<TriggerActivities['pollSensor']>[0],
): Promise<{ readonly requested: number }> {
  const { triggers, requests } = deps.store
  const { revision, manifest } = await latest(deps, scope)
  const spec = manifest.sensors?.find((each) => each.name === name)
  // Deployed away since its schedule began this.
  if (spec === undefined) return { requested: 0 }
  const { cursor = null, polls = 0 } = (await triggers.sensor(scope, name)) ?? {}
  const asked = { origin: `sensor/${name}`, prefix: String(polls), revision, manifest }
  const answer = await askSensor(deps, scope, spec, cursor)
    .then(({ cursor: next = cursor, runs = [] }) => ({
      ...{ cursor: next, failure: null, requests: newRequests(deps, asked, runs) },
    }))
    .catch((error: unknown) => ({ cursor, failure: toFailure(error), requests: [] }))
  // Of two at once, such as one that was given up and the one that was tried for it, the second keeps nothing.
  await triggers.recordPoll({ scope, name, polls, ...answer })
  // Also what an attempt that was killed asked for.
  return { requested: await requests.count(scope, asked.origin) }
}

/** What a sensor answers to a cursor, checked. Keeps nothing: a dry run is this alone. */
export async function askSensor(
  deps: Pick<TriggerDeps, 'loadTrigger' | 'resources'>,
  scope: Scope,
  { name, code, timeoutSeconds, resources = [] }: Pick<SensorSpec, 'name' | 'code' | 'timeoutSeconds' | 'resources'>,
  cursor: string | null,
): Promise<{ readonly cursor?: string | null; readonly runs?: readonly RunRequest[] }> {
  const { environment, project } = scope
  const run = await deps.loadTrigger(scope, 'sensor', code)
  const answer = await called(`sensor ${name}`, timeoutSeconds, (signal) =>
    run({ cursor, environment, project, signal, use: useOf(deps.resources, scope, resources) } as never),
  )
  return checked(`sensor ${name}`, sensorAnswerSchema.safeParse(answer ?? {}))
}

/** Looks at a delivery that was taken, once, and asks for what it leads to. */
export async function deliverWebhook(
  deps: TriggerDeps,
  { webhook: name, delivery: id, ...scope }: Parameters<TriggerActivities['deliverWebhook']>[0],
): Promise<void> {
  const { triggers } = deps.store
  const delivery = await triggers.delivery(scope, name, id)
  if (delivery === null || delivery.settledAt !== null) return
  const { revision, manifest } = await latest(deps, scope)
  const asked = { origin: `webhook/${name}`, prefix: id, revision, manifest }
  const ask = async (): Promise<readonly RunRequest[]> => {
    const spec = manifest.webhooks?.find((each) => each.name === name)
    if (spec === undefined) throw webhookGone(name)
    if (spec.code === null) return [{ select: spec.select ?? '*' }]
    return askWebhook(deps, scope, { ...spec, code: spec.code }, id, delivery.payload)
  }
  const answer = await ask()
    .then((runs) => ({ failure: null, requests: newRequests(deps, asked, runs) }))
    .catch((error: unknown) => ({ failure: toFailure(error), requests: [] }))
  await triggers.settleDelivery({ scope, webhook: name, id, ...answer })
}

async function askWebhook(
  deps: TriggerDeps,
  scope: Scope,
  { name, code, timeoutSeconds }: { readonly name: string; readonly code: CodeRef; readonly timeoutSeconds: number },
  id: string,
  payload: JsonValue,
): Promise<readonly RunRequest[]> {
  const { environment, project } = scope
  const run = (await deps.loadTrigger(scope, 'webhook', code)) as unknown as (...input: unknown[]) => unknown
  const answer = await called(`webhook ${name}`, timeoutSeconds, (signal) =>
    run(payload, { id, environment, project, signal }),
  )
  return checked(`webhook ${name}`, runRequestsSchema.safeParse(answer ?? []))
}

/** Whatever code of the user throws may hold values: only its name is told. */
async function called(label: string, timeoutSeconds: number, work: (signal: AbortSignal) => unknown): Promise<unknown> {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      over.abort()
      reject(
        failed(
          'TRIGGER_TIMEOUT',
          `${label} took longer than ${timeoutSeconds} s`,
          'Let it do less, or give it a longer timeout.',
        ),
      )
    }, timeoutSeconds * 1_000)
  })
  const answer = Promise.resolve()
    .then(() => work(over.signal))
    .catch((error: unknown) => {
      if (isTraitlineError(error)) throw error
      const name = error instanceof Error ? error.name : typeof error
      throw failed(
        'TRIGGER_FAILED',
        `${label} threw ${name}`,
        'Try it: traitline sensor test; it says no more here, since errors may hold data.',
      )
    })
  try {
    return await Promise.race([answer, timeout])
  } finally {
    clearTimeout(timer)
  }
}

function checked<T>(
  label: string,
  parsed:
    | { readonly success: true; readonly data: T }
    | {
        readonly success: false
        readonly error: { readonly issues: readonly { readonly path: PropertyKey[]; readonly message: string }[] }
      },
): T {
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue === undefined || issue.path.length === 0 ? 'as a whole' : `at ${issue.path.map(String).join('.')}`
  throw failed(
    'TRIGGER_ANSWER_INVALID',
    `what ${label} answered does not fit ${where}`,
    'Answer { cursor, runs: [{ select }] }, or for a webhook [{ select }]: at most 1,000 runs.',
  )
}

interface Asked {
  readonly origin: string
  readonly prefix: string
  readonly revision: number
  readonly manifest: Manifest
}

function newRequests(deps: TriggerDeps, asked: Asked, runs: readonly RunRequest[]): NewRunRequest[] {
  const { origin, prefix, revision, manifest } = asked
  const graph = buildGraph(manifest.assets)
  // Of a thousand runs that ask for the same, each shares what it comes to.
  const chosen = new Map<string, readonly AssetKey[]>()
  const targetsOf = (selection: string): readonly AssetKey[] => {
    const targets = chosen.get(selection) ?? select(graph, selection)
    chosen.set(selection, targets)
    return targets
  }
  return runs.map(({ select: selection, runKey, partitions = null, force = false }, at) => ({
    ...{ run: deps.newRunId(), origin, key: runKey ?? `${prefix}:${at}`, revision, selection, partitions, force },
    targets: targetsOf(selection),
  }))
}

async function latest({ store, manifests }: TriggerDeps, scope: Scope) {
  const [row] = await store.revisions.list(scope, { limit: 1 })
  if (row === undefined)
    throw failed('PROJECT_UNKNOWN', `${scope.project} is not deployed`, 'Deploy it: traitline deploy')
  return { revision: row.number, manifest: await manifests(scope, row.number) }
}

function webhookGone(name: string): TraitlineError {
  return failed('WEBHOOK_UNKNOWN', `the project has no webhook ${name} any more`, 'Deploy it again, or stop sending.')
}

function failed(code: string, message: string, hint: string): TraitlineError {
  return new TraitlineError({ code, message, hint, blame: 'user' })
}
