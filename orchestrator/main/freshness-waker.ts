import type { EventType, Manifest, Scope } from '../contract/index.ts'
import type { Store } from '../store/index.ts'

/** What may change how an asset stands to its policy. */
const news: ReadonlySet<EventType> = new Set(['revision_deployed', 'asset_materialized', 'asset_fresh', 'run_finished'])

/** Events of a burst are answered together. */
const gatherMs = 500
const page = 1_000

export interface FreshnessWaker {
  readonly store: Pick<Store, 'events' | 'revisions'>
  readonly manifest: (scope: Scope, revision: number) => Promise<Manifest>
  readonly wake: (scope: Scope) => Promise<void>
  /** A wake that is lost is made up for by the next, or by the next deadline. */
  readonly onError: (error: unknown) => void
}

/**
 * Follows the record and wakes the watch of each project whose assets have policies: at first, and whenever something
 * was deployed, materialised or found fresh. Costs nothing while nothing happens. Answers what stops it.
 */
export async function followForFreshness(
  { store, manifest, wake, onError }: FreshnessWaker,
  scopes: readonly Scope[],
): Promise<() => Promise<void>> {
  const seen = new Map<Scope, number>()
  let timer: NodeJS.Timeout | undefined
  let looking = Promise.resolve()

  const look = async (): Promise<void> => {
    for (const scope of scopes) {
      const before = seen.get(scope)
      let after = before ?? (await store.events.lastSequence())
      let happened = before === undefined
      for (let full = before !== undefined; full;) {
        const events = await store.events.after(after, { scope }, page)
        happened ||= events.some(({ type }) => news.has(type))
        after = events.at(-1)?.sequence ?? after
        full = events.length === page
      }
      if (happened && (await hasPolicies(scope))) await wake(scope)
      seen.set(scope, after)
    }
  }
  const hasPolicies = async (scope: Scope): Promise<boolean> => {
    const [latest] = await store.revisions.list(scope, { limit: 1 })
    if (latest === undefined) return false
    // A project that has none any more is judged once more, so that what was recorded of it goes.
    const revisions = [latest.number, latest.number - 1].filter((number) => number > 0)
    const manifests = await Promise.all(revisions.map((number) => manifest(scope, number)))
    return manifests.some(({ assets }) => assets.some(({ freshness }) => freshness !== undefined))
  }
  const soon = (): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      looking = looking.then(look).catch(onError)
    }, gatherMs)
  }

  const stop = await store.events.listen(soon).catch((error: unknown) => {
    onError(error)
    return () => Promise.resolve()
  })
  soon()
  return async () => {
    clearTimeout(timer)
    await stop()
    await looking
  }
}
