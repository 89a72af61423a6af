import type { AssetKey, CheckResult, JsonObject, Scope } from '../../orchestrator/contract/index.ts'
import { windowOfKey } from '../../orchestrator/graph/index.ts'
import {
  checkRunEvents,
  openLineageContext,
  runEvents,
  type Fact,
  type OpenLineageContext,
  type OpenLineageNaming,
} from '../../orchestrator/openlineage/index.ts'
import type { NewOutboxMessage, OpenLineageFact, Store } from '../../orchestrator/store/store.ts'
import { dispatch, type Channel } from '../outbox/index.ts'
import type { Manifests } from '../runtime/index.ts'
import type { Send } from './transport.ts'

export interface PublisherDeps {
  readonly store: Pick<Store, 'checks' | 'openLineage' | 'outbox' | 'lineage' | 'runs'>
  readonly manifests: Manifests
  readonly naming: (scope: Scope) => OpenLineageNaming
  readonly send: Send
  /** Traitline's own. */
  readonly version: string
}

/** Events of the log that are read at once, and messages that are sent of one run before another run's turn comes. */
const batch = 200
/** With so many that wait, the rest stays in the log: an endpoint that is away for long costs no more than this. */
const mostWaiting = 10_000
/** Of a run of checks. */
const mostResults = 10_000

/**
 * Tells an OpenLineage endpoint what happened. The log is read by a cursor into the outbox, and the outbox is sent in
 * order by run: an event is sent again until it is taken, so twice rather than never, with the same ids. Answers in
 * how many milliseconds there is something to do; null for when something happens.
 */
export async function publish(deps: PublisherDeps, scope: Scope, signal: AbortSignal): Promise<number | null> {
  const channel = channelOf(deps)
  for (;;) {
    const all = await collect(deps, scope, signal)
    const dueInMs = await dispatch(deps.store.outbox, scope, channel, signal)
    // Room was made for what is still in the log.
    if (all || dueInMs !== null || signal.aborted) return dueInMs
  }
}

function channelOf({ send }: PublisherDeps): Channel {
  return {
    name: 'openlineage',
    together: false,
    limit: batch,
    claimSeconds: 300,
    longestDelaySeconds: 300,
    // An endpoint that is away for days loses nothing; an event that it never wants holds up its own run alone.
    givenUp: { attempts: 20, ageSeconds: 7 * 86_400 },
    pauseAfter: 3,
    keep: false,
    send: ([message], signal) =>
      message === undefined ? Promise.resolve({ type: 'delivered' }) : send(message.body, signal),
  }
}

/** Whether it came to the log's end. */
async function collect(deps: PublisherDeps, scope: Scope, signal: AbortSignal): Promise<boolean> {
  const { openLineage, outbox } = deps.store
  const contexts = new Map<number, OpenLineageContext>()
  const contextFor = async (revision: number): Promise<OpenLineageContext> => {
    const context = contexts.get(revision) ?? (await contextOf(deps, scope, revision))
    contexts.set(revision, context)
    return context
  }
  while (!signal.aborted) {
    if ((await outbox.health(scope, 'openlineage')).waiting >= mostWaiting) return false
    const from = await outbox.cursor(scope, 'openlineage')
    const { facts, last } = await openLineage.facts(scope, from, batch)
    if (last === from) return true
    // A run that goes on may have changed by the next batch.
    const runs = createRunReader(deps)
    const messages: NewOutboxMessage[] = []
    for (const fact of facts) {
      const { lane, bodies } = await toldOf(deps, fact, runs, contextFor)
      messages.push(...bodies.map((body, part) => ({ lane, key: `${fact.event.sequence}:${part}`, body })))
    }
    await outbox.advance(scope, 'openlineage', { from, to: last, messages })
  }
  return false
}

type KnownRun = NonNullable<Fact['run']> & { readonly revision: number }
type RunReader = (run: string) => Promise<KnownRun | null>

function createRunReader({ store }: PublisherDeps): RunReader {
  const known = new Map<string, Promise<KnownRun | null>>()
  const read = async (id: string): Promise<KnownRun | null> => {
    const [run, scheduledAt] = await Promise.all([store.runs.get(id), store.openLineage.scheduledAt(id)])
    if (run === null) return null
    return { nominalAt: scheduledAt ?? run.queuedAt, started: run.startedAt !== null, revision: run.revision }
  }
  return (id) => {
    const found = known.get(id) ?? read(id)
    known.set(id, found)
    return found
  }
}

interface Told {
  /** What is told in order: of a run, or of an asset that others fill. */
  readonly lane: string
  readonly bodies: readonly JsonObject[]
}

async function toldOf(
  deps: PublisherDeps,
  fact: OpenLineageFact,
  runs: RunReader,
  contextFor: (revision: number) => Promise<OpenLineageContext>,
): Promise<Told> {
  const { event, materialization } = fact
  if (event.run === null) {
    const lane = `report:${event.asset}`
    if (materialization === null) return { lane, bodies: [] }
    const context = await contextFor(materialization.revision)
    return { lane, bodies: runEvents({ ...fact, run: null, window: null }, context) }
  }
  const lane = event.run
  const run = await runs(event.run)
  if (run !== null) {
    const context = await contextFor(run.revision)
    const partition = event.data['partition']
    const spec = event.asset === null ? undefined : context.asset(event.asset)?.partitions
    const window = spec === undefined || typeof partition !== 'string' ? null : windowOfKey(spec, partition)
    return { lane, bodies: runEvents({ ...fact, run, window }, context) }
  }
  const checked = event.type === 'check_run_finished' ? await deps.store.checks.run(event.run) : null
  if (checked === null) return { lane, bodies: [] }
  const rows = await deps.store.checks.resultsOf(checked, event.run, { limit: mostResults })
  const byAsset = new Map<AssetKey, CheckResult[]>()
  for (const row of rows) byAsset.set(row.asset, [...(byAsset.get(row.asset) ?? []), row])
  const results = [...byAsset].map(([asset, checks]) => ({ asset, checks }))
  const context = await contextFor(checked.revision)
  return { lane, bodies: checkRunEvents({ event, startedAt: checked.startedAt, results }, context) }
}

async function contextOf(deps: PublisherDeps, scope: Scope, revision: number): Promise<OpenLineageContext> {
  const [manifest, lineage, code] = await Promise.all([
    deps.manifests(scope, revision),
    deps.store.lineage.get(scope, revision),
    deps.store.lineage.code(scope, revision),
  ])
  return openLineageContext({
    ...{ scope, manifest, code, version: deps.version, naming: deps.naming(scope) },
    producer: `urn:traitline:producer:${deps.version}`,
    lineage: lineage.status === 'ready' ? lineage.lineage : null,
  })
}
