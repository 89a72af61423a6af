import type { AssetKey } from '../contract/index.ts'
import type { AssetDetail, AssetRef, CheckList, MaterializationPage, SyncRunList } from '../server/api.ts'
import type { Api } from './api.ts'
import { duration } from './output.ts'
import { printTable } from './terminal/table.ts'
import type { Terminal } from './terminal/terminal.ts'
import { moment, statusPaint } from './terminal/words.ts'

/** What `assets show --json` prints: answers of the API under the names of its routes. */
export interface ShownAsset {
  readonly asset: AssetDetail
  readonly materializations: MaterializationPage['items']
  readonly checks: CheckList['items']
  readonly syncs: SyncRunList['items'] | null
}

const lately = 5

export async function readAsset(api: Api, key: AssetKey): Promise<ShownAsset> {
  const path = `/assets/${encodeURIComponent(key)}`
  const asset = await api.get<AssetDetail>(path)
  const [materializations, checks, syncs] = await Promise.all([
    api.get<MaterializationPage>(`${path}/materializations`, { limit: lately }),
    api.get<CheckList>(`${path}/checks`, { limit: 50 }),
    asset.kind === 'sync' ? api.get<SyncRunList>(`${path}/syncs`, { limit: lately }) : null,
  ])
  return { asset, materializations: materializations.items, checks: checks.items, syncs: syncs?.items ?? null }
}

export function printAsset(terminal: Terminal, { asset, materializations, checks, syncs }: ShownAsset): void {
  const { line, paint, interactive } = terminal
  line(
    `${paint('bold', asset.key)}  ${paint(statusPaint(asset.status) ?? 'dim', asset.status)}${asset.stale ? paint('yellow', '  stale') : ''}`,
  )
  if (asset.description !== null) line(asset.description)
  line()
  for (const [name, value] of facts(asset)) if (value !== '') line(`${paint('dim', name.padEnd(12))} ${value}`)
  for (const reason of asset.reasons) {
    line(
      `${paint('dim', 'stale since'.padEnd(12))} ${reason.type.replaceAll('_', ' ')}${'upstream' in reason ? `: ${reason.upstream}` : ''}`,
    )
  }
  if (asset.failure !== null) {
    line(`${paint('red', 'failed'.padEnd(12))} ${asset.failure.code}: ${asset.failure.message}`)
    line(`${' '.repeat(12)} fix: ${asset.failure.hint}`)
  }
  printNear(terminal, 'reads', asset.upstream)
  printNear(terminal, 'read by', asset.downstream)
  section(terminal, 'Materialisations', materializations.length)
  printTable(
    terminal,
    [
      { title: 'WHEN', text: ({ endedAt }) => moment(endedAt, interactive) },
      { title: 'RUN', text: ({ run }) => run },
      { title: 'REVISION', text: ({ revision }) => String(revision), align: 'right' },
      { title: 'ROWS', text: ({ rows }) => rows?.toLocaleString('en-US') ?? '', align: 'right' },
      { title: 'TOOK', text: ({ durationMs }) => duration(durationMs), align: 'right' },
      { title: 'DATA VERSION', text: ({ dataVersion }) => dataVersion, elastic: true },
    ],
    materializations,
  )
  const latest = checks.filter(({ run }) => run === checks[0]?.run)
  section(terminal, 'Checks', latest.length)
  printTable(
    terminal,
    [
      {
        title: 'RESULT',
        text: ({ passed, severity }) => (passed ? 'ok' : severity === 'warn' ? 'warn' : 'failed'),
        paint: ({ passed, severity }) => (passed ? 'green' : severity === 'warn' ? 'yellow' : 'red'),
      },
      { title: 'CHECK', text: ({ name }) => name, elastic: true },
      { title: 'FAILURES', text: ({ failures }) => failures?.toLocaleString('en-US') ?? '', align: 'right' },
      { title: 'WHY', text: ({ message }) => message ?? '', elastic: true },
    ],
    latest,
  )
  section(terminal, 'Sync runs', syncs?.length ?? 0)
  printSyncRuns(terminal, syncs ?? [])
}

export function printSyncRuns(terminal: Terminal, runs: SyncRunList['items']): void {
  const number = (value: number): string => value.toLocaleString('en-US')
  printTable(
    terminal,
    [
      { title: 'WHEN', text: ({ startedAt }) => moment(startedAt, terminal.interactive) },
      { title: 'RUN', text: ({ run }) => run },
      { title: 'STATUS', text: ({ status }) => status, paint: ({ status }) => statusPaint(status) },
      { title: 'PLANNED', text: ({ planned }) => `+${planned.added} ~${planned.changed} -${planned.removed}` },
      { title: 'SENT', text: ({ sent }) => number(sent), align: 'right' },
      { title: 'ACCEPTED', text: ({ accepted }) => number(accepted), align: 'right' },
      { title: 'SKIPPED', text: ({ skipped }) => number(skipped), align: 'right' },
      {
        title: 'REJECTED',
        text: ({ rejected }) => number(rejected),
        align: 'right',
        paint: ({ rejected }) => (rejected > 0 ? 'red' : null),
      },
      {
        title: 'UNKNOWN',
        text: ({ unknown }) => number(unknown),
        align: 'right',
        paint: ({ unknown }) => (unknown > 0 ? 'yellow' : null),
      },
    ],
    runs,
  )
}

function facts(asset: AssetDetail): (readonly [string, string])[] {
  const { spec, destination } = asset
  const defined = spec.definedAt
  return [
    ['defined', defined === null ? '' : `${defined.file}:${defined.line}`],
    ['group', asset.group ?? ''],
    ['owners', asset.owners.join(', ')],
    [
      'tags',
      Object.entries(asset.tags)
        .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
        .join(', '),
    ],
    ['table', spec.relation === null ? '' : `${spec.relation.schema}.${spec.relation.name}`],
    ['columns', spec.columns.map(({ name, type }) => `${name} ${type}`).join(', ')],
    ['destination', destination === null ? '' : `${destination.name}.${destination.stream} (${destination.connector})`],
    ['rows', asset.rows?.toLocaleString('en-US') ?? ''],
    ['code version', spec.codeVersion.slice(0, 12)],
  ]
}

const mostNear = 12

function printNear({ line, paint }: Terminal, title: string, all: readonly AssetRef[]): void {
  const near = all.filter(({ depth }) => depth === 1)
  near.slice(0, mostNear).forEach((other, at) => {
    line(
      `${paint('dim', (at === 0 ? title : '').padEnd(12))} ${other.key}  ${paint(statusPaint(other.status) ?? 'dim', other.status)}${other.stale ? paint('yellow', '  stale') : ''}`,
    )
  })
  const more = all.length - Math.min(near.length, mostNear)
  if (more > 0) line(`${' '.repeat(12)} ${paint('dim', `and ${more} more, directly or not`)}`)
}

function section({ line, paint }: Terminal, title: string, items: number): void {
  if (items === 0) return
  line()
  line(paint('bold', title))
}
