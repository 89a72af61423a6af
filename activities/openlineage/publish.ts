import type { Scope } from '../../orchestrator/contract/index.ts'
import {
  openLineageContext,
  runEvents,
  type OpenLineageContext,
  type OpenLineageNaming,
} from '../../orchestrator/openlineage/index.ts'
import type { NewOutboxMessage, RunRow, Store } from '../../orchestrator/store/store.ts'
import { dispatch, type Channel } from '../outbox/index.ts'
import type { Manifests } from '../runtime/index.ts'
import type { Send } from './transport.ts'

export interface PublisherDeps {
  readonly store: Pick<Store, 'openLineage' | 'outbox' | 'lineage' | 'runs'>
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
  const { openLineage, outbox, runs } = deps.store
  const contexts = new Map<number, OpenLineageContext>()
  const rows = new Map<string, RunRow | null>()
  while (!signal.aborted) {
    if ((await outbox.health(scope, 'openlineage')).waiting >= mostWaiting) return false
    const from = await outbox.cursor(scope, 'openlineage')
    const { facts, last } = await openLineage.facts(scope, from, batch)
    if (last === from) return true
    const messages: NewOutboxMessage[] = []
    for (const fact of facts) {
      const id = fact.event.run ?? ''
      const run = rows.get(id) ?? (await runs.get(id))
      rows.set(id, run)
      // A run of checks alone is no run of assets.
      if (run === null) continue
      const context = contexts.get(run.revision) ?? (await contextOf(deps, scope, run.revision))
      contexts.set(run.revision, context)
      const told = runEvents({ ...fact, run: { queuedAt: run.queuedAt, started: run.startedAt !== null } }, context)
      messages.push(...told.map((body, part) => ({ lane: id, key: `${fact.event.sequence}:${part}`, body })))
    }
    await outbox.advance(scope, 'openlineage', { from, to: last, messages })
    // A run that goes on may have changed in the meantime.
    rows.clear()
  }
  return false
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
