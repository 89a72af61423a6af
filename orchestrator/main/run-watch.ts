import type { RunStatus } from '../contract/index.ts'
import type { RunAssetRow, RunRow, Store } from '../store/store.ts'
import { bar, progressLine } from './terminal/progress.ts'
import type { Terminal } from './terminal/terminal.ts'
import { count, duration, failureText, line } from './output.ts'

const ended: readonly RunStatus[] = ['succeeded', 'failed', 'cancelled']

/** A worker takes a run up at once, unless it is still starting. */
const queuedTooLongMs = 10_000

/** How long the record may lag behind its notification before it is read anyway. */
const pollMs = 1_000

/** Prints a line for each asset as it ends, and answers the run when it has ended. */
export async function watchRun(
  store: Store,
  run: string,
  options: {
    readonly signal?: AbortSignal
    /** Asked now and then while nothing takes the run up: what it waits for, if that is known. */
    readonly whyQueued?: () => Promise<string | null>
    /** Where a person watches, progress is drawn. */
    readonly terminal?: Terminal
    /** Prints nothing. */
    readonly quiet?: boolean
  } = {},
): Promise<RunRow> {
  const printed = new Set<string>()
  const quiet = options.quiet === true
  const progress = quiet || options.terminal === undefined ? null : progressLine(options.terminal)
  const print = (text: string): void => {
    if (progress === null) {
      if (!quiet) line(text)
    } else progress.above(() => line(text))
  }
  let wake: () => void = () => undefined
  const stop = await store.events.listen(() => wake())
  const since = Date.now()
  let told: string | null = null
  try {
    for (;;) {
      const news = new Promise<void>((resolve) => (wake = resolve))
      const row = await store.runs.get(run)
      const assets = await store.runs.assets(run)
      for (const asset of assets) {
        if (asset.endedAt === null || printed.has(asset.asset)) continue
        printed.add(asset.asset)
        if (asset.status !== 'fresh') print(assetLine(asset))
      }
      progress?.show(progressText(assets, since))
      if (row !== null && ended.includes(row.status)) return row
      options.signal?.throwIfAborted()
      if (row?.status === 'queued' && Date.now() - since > queuedTooLongMs) {
        const why = (await options.whyQueued?.()) ?? null
        if (why !== null && why !== told) print(why)
        told = why
      }
      await Promise.race([news, delay(pollMs)])
    }
  } finally {
    progress?.end()
    await stop()
  }
}

/** What a queued run waits for in the queue of runs, and how many are before it; null if it does not. */
export async function waitsForSlot(store: Store, run: string): Promise<string | null> {
  const row = await store.runs.get(run)
  if (row === null) return null
  const { waiting } = await store.leases.use(row.environment)
  const lease = waiting.find((one) => one.run === run && one.step === null)
  if (lease === undefined) return null
  const limit =
    lease.full.length === 0 ? '' : `: ${lease.full.join(' and ')} ${lease.full.length > 1 ? 'are' : 'is'} full`
  return `queued at place ${lease.position}${limit}`
}

function progressText(assets: readonly RunAssetRow[], since: number): string {
  const running = assets.filter(({ status }) => status === 'running').map(({ asset }) => asset)
  const failed = assets.filter(({ status }) => status === 'failed').length
  const ended = assets.filter(({ endedAt }) => endedAt !== null).length
  const parts = [
    bar(ended, assets.length),
    duration(Date.now() - since),
    failed === 0 ? '' : `${failed} failed`,
    running.length === 0 ? '' : `at work: ${running.join(', ')}`,
  ]
  return parts.filter((part) => part !== '').join('  ')
}

/** One line for an asset that has ended, two more for one that failed. */
export function assetLine(asset: RunAssetRow): string {
  const took = asset.startedAt === null ? '' : duration(Date.parse(asset.endedAt ?? '') - Date.parse(asset.startedAt))
  const key = asset.asset.padEnd(30)
  switch (asset.status) {
    case 'materialized':
      return `  done      ${key} ${(asset.summary ?? (asset.rows === null ? '' : count(asset.rows, 'row'))).padEnd(24)} ${took}`
    case 'fresh':
      return `  fresh     ${key}`
    case 'failed':
      return `  failed    ${key} ${asset.failure === null ? '' : failureText(asset.failure)}`
    case 'upstream_failed':
      return `  not run   ${key} ${asset.failure?.message ?? asset.summary ?? 'something upstream of it failed'}`
    case 'cancelled':
      return `  cancelled ${key}`
    case 'planned':
    case 'running':
      return `  ${asset.status.padEnd(9)} ${key}`
  }
}

type EndedRun = Pick<RunRow, 'run' | 'status' | 'startedAt' | 'endedAt' | 'counts' | 'failure'>

/** The last line of a run: what became of how many. */
export function runLine(row: EndedRun): string {
  const fresh = row.counts.fresh ?? 0
  const all = Object.values(row.counts).reduce((sum, number) => sum + number, 0)
  if (row.status === 'succeeded' && fresh === all) return `everything is fresh: ${count(all, 'asset')}, nothing to do`
  const took =
    row.startedAt !== null && row.endedAt !== null
      ? ` in ${duration(Date.parse(row.endedAt) - Date.parse(row.startedAt))}`
      : ''
  const counts = countsText(row.counts)
  return `run ${row.run} ${row.status}${took}${counts === '' ? '' : `: ${counts}`}${row.failure === null ? '' : `\n  ${failureText(row.failure)}`}`
}

/** `14 materialized, 2 failed` */
export function countsText(counts: RunRow['counts']): string {
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([status, number]) => `${number} ${status.replace('_', ' ')}`)
    .join(', ')
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
