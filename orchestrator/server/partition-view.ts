import type { AssetSpec, PartitionStatus, Scope } from '../contract/index.ts'
import { complementOf, unionOf, type Partitioning, type PartitionSet, type Range } from '../graph/index.ts'
import type { PartitionRow, Store } from '../store/store.ts'
import type { Partition, PartitionPage, PartitionRanges } from './schemas/partition.ts'

export type { PartitionPage } from './schemas/partition.ts'

interface Asked {
  readonly scope: Scope
  readonly spec: AssetSpec
  readonly partitioning: Partitioning
}

export interface PageAsked {
  readonly limit: number
  readonly status?: Partition['status']
  /** `next` of the page before. */
  readonly before?: string
}

/** A page of an asset's partitions, latest first, each with what is known of it. */
export async function partitionPage(
  store: Pick<Store, 'partitions'>,
  asked: Asked,
  { limit, status, before }: PageAsked,
): Promise<PartitionPage> {
  const { scope, spec, partitioning } = asked
  const { made: _, failing, ...known } = await store.partitions.counts(scope, spec.key)
  const recorded = Object.values(known).reduce((sum, count) => sum + count, 0)
  const { items, next } =
    status === undefined || status === 'missing'
      ? await numbered(store, asked, limit, before, status === 'missing')
      : await ofStatus(store, asked, limit, before, status)
  return {
    asset: spec.key,
    definition: partitioning.spec,
    total: partitioning.count,
    // A key that was removed, or lies before a start that was moved, still has its row.
    counts: { missing: Math.max(0, partitioning.count - recorded), ...known },
    failing,
    items,
    next,
  }
}

/** By number, down from `before`. */
async function numbered(
  store: Pick<Store, 'partitions'>,
  { scope, spec, partitioning }: Asked,
  limit: number,
  before: string | undefined,
  missingOnly: boolean,
): Promise<Pick<PartitionPage, 'items' | 'next'>> {
  const end = before === undefined ? partitioning.count : Math.min(partitioning.count, Number(before) || 0)
  const all: PartitionSet = missingOnly
    ? await missingOf(store, { scope, spec, partitioning })
    : [[0, partitioning.count]]
  const numbers: number[] = []
  for (const [from, to] of [...all].reverse()) {
    for (let n = Math.min(to, end) - 1; n >= from && numbers.length <= limit; n--) numbers.push(n)
  }
  const page = numbers.slice(0, limit)
  const keys = page.map((n) => partitioning.keyOf(n))
  const rows = new Map((await store.partitions.find(scope, spec.key, keys)).map((row) => [row.partition, row]))
  return {
    items: page.map((n, at) => viewOf(partitioning, n, keys[at]!, rows.get(keys[at]!))),
    next: numbers.length > limit ? String(page.at(-1)) : null,
  }
}

/** By position, since only what is recorded has a status. */
async function ofStatus(
  store: Pick<Store, 'partitions'>,
  { scope, spec, partitioning }: Asked,
  limit: number,
  before: string | undefined,
  status: PartitionStatus,
): Promise<Pick<PartitionPage, 'items' | 'next'>> {
  const [position, ...key] = before?.split(' ') ?? []
  const after = position === undefined ? {} : { after: { position: Number(position) || 0, partition: key.join(' ') } }
  const rows = await store.partitions.page(scope, spec.key, { limit: limit + 1, status, descending: true, ...after })
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map((row) => viewOf(partitioning, partitioning.numberOf(row.partition), row.partition, row)),
    next: rows.length > limit && last !== undefined ? `${last.position} ${last.partition}` : null,
  }
}

function viewOf(partitioning: Partitioning, n: number, partition: string, row: PartitionRow | undefined): Partition {
  const window = n < 0 ? null : partitioning.view(n).window
  return {
    partition,
    status: row?.status ?? 'missing',
    start: window?.start ?? null,
    end: window?.end ?? null,
    run: row?.run ?? null,
    dataVersion: row?.dataVersion ?? null,
    codeVersion: row?.codeVersion ?? null,
    upstream: row?.upstream ?? null,
    rows: row?.rows ?? null,
    failedChecks: row?.failedChecks ?? [],
    materializedAt: row?.materializedAt ?? null,
    durationMs: row?.durationMs ?? null,
    failure: row?.failure ?? null,
  }
}

async function missingOf(
  store: Pick<Store, 'partitions'>,
  { scope, spec, partitioning }: Asked,
): Promise<PartitionSet> {
  const runs = await store.partitions.runs(scope, spec.key, partitioning)
  return complementOf(unionOf(runs.map(({ from, to }): Range => [from, to])), partitioning.count)
}

const mostRanges = 2_000

/** All partitions as ranges of one status: a strip of any length is drawn from few of them. */
export async function partitionRanges(store: Pick<Store, 'partitions'>, asked: Asked): Promise<PartitionRanges> {
  const { scope, spec, partitioning } = asked
  const ranges: { from: number; to: number; status: Partition['status'] }[] = []
  let next = 0
  for (const { from, to, status } of await store.partitions.runs(scope, spec.key, partitioning)) {
    if (next < from) ranges.push({ from: next, to: from, status: 'missing' })
    const last = ranges.at(-1)
    if (last?.to === from && last.status === status) last.to = to
    else ranges.push({ from, to, status })
    next = to
  }
  if (next < partitioning.count) ranges.push({ from: next, to: partitioning.count, status: 'missing' })
  return {
    items: ranges.slice(0, mostRanges).map(({ from, to, status }) => ({
      from: partitioning.keyOf(from),
      to: partitioning.keyOf(to - 1),
      partitions: to - from,
      status,
    })),
    more: Math.max(0, ranges.length - mostRanges),
  }
}
