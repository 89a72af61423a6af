import type { Scope } from '../../orchestrator/contract/index.ts'
import {
  openLineageContext,
  runEvents,
  type OpenLineageContext,
  type OpenLineageNaming,
} from '../../orchestrator/openlineage/index.ts'
import type { OpenLineageMessage, RunRow, Store } from '../../orchestrator/store/store.ts'
import type { Manifests } from '../runtime/index.ts'
import type { Send } from './transport.ts'

export interface PublisherDeps {
  readonly store: Pick<Store, 'openLineage' | 'lineage' | 'runs'>
  readonly manifests: Manifests
  readonly naming: (scope: Scope) => OpenLineageNaming
  readonly send: Send
  /** Traitline's own. */
  readonly version: string
}

/** Events of the log that are read at once, and messages that are sent of one run before another run's turn comes. */
const batch = 200
/** Longer than sending a batch to an endpoint that takes its time, each within the transport's time-out. */
const claimSeconds = 300
const longestDelaySeconds = 300

/**
 * Tells an OpenLineage endpoint what happened. The log is read by a cursor into an outbox, and the outbox is sent in
 * order by run: an event is sent again until it is taken, so twice rather than never, with the same ids. Answers in
 * how many milliseconds there is something to do; null for when something happens.
 */
export async function publish(deps: PublisherDeps, scope: Scope, signal: AbortSignal): Promise<number | null> {
  await collect(deps, scope, signal)
  for (let sent = true; sent && !signal.aborted;) sent = await deliver(deps, scope, signal)
  return (await deps.store.openLineage.state(scope)).dueInMs
}

async function collect(deps: PublisherDeps, scope: Scope, signal: AbortSignal): Promise<void> {
  const { openLineage, runs } = deps.store
  const contexts = new Map<number, OpenLineageContext>()
  const rows = new Map<string, RunRow | null>()
  for (let more = true; more && !signal.aborted;) {
    const from = await openLineage.cursor(scope)
    const { facts, last } = await openLineage.facts(scope, from, batch)
    const messages = []
    for (const fact of facts) {
      const id = fact.event.run ?? ''
      const run = rows.get(id) ?? (await runs.get(id))
      rows.set(id, run)
      // A run of checks alone is no run of assets.
      if (run === null) continue
      const context = contexts.get(run.revision) ?? (await contextOf(deps, scope, run.revision))
      contexts.set(run.revision, context)
      const told = runEvents({ ...fact, run: { queuedAt: run.queuedAt, started: run.startedAt !== null } }, context)
      messages.push(...told.map((body, part) => ({ run: id, sequence: fact.event.sequence, part, body })))
    }
    if (last > from) await openLineage.enqueue(scope, from, last, messages)
    more = last > from
    // A run that goes on may have changed in the meantime.
    rows.clear()
  }
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

/** Sends the first messages of one run. Answers whether there was any, and whether it is worth going on. */
async function deliver({ store, send }: PublisherDeps, scope: Scope, signal: AbortSignal): Promise<boolean> {
  const { openLineage } = store
  const messages = await openLineage.claim(scope, claimSeconds, batch)
  const taken: number[] = []
  let later: readonly OpenLineageMessage[] = []
  let delay = 0
  for (const [at, message] of messages.entries()) {
    const sent = signal.aborted ? ({ type: 'later', reason: 'stopping' } as const) : await send(message.body, signal)
    if (sent.type === 'taken') taken.push(message.id)
    else if (sent.type === 'refused') await openLineage.refuse(message.id, sent.reason)
    else {
      later = messages.slice(at)
      delay = signal.aborted ? 0 : Math.min(2 ** message.attempts, longestDelaySeconds)
      break
    }
  }
  await openLineage.taken(taken)
  await openLineage.postpone(
    later.map(({ id }) => id),
    delay,
  )
  return messages.length > 0 && !signal.aborted
}
