import { Client } from 'pg'
import type { DestinationSpec, EnvRef, SyncSpec } from '../contract/index.ts'
import type { RunRow } from '../store/index.ts'
import type { Session } from './session.ts'

/** What a run left behind, counted where it is: members in the record, rows and messages at the destinations. */
export interface Summary {
  readonly run: string
  readonly status: string
  readonly counts: RunRow['counts']
  /** Rows that syncs of this run sent. */
  readonly sent: number
  readonly audiences: Readonly<Record<string, number>>
  /** Rows by `destination.table`. */
  readonly postgres: Readonly<Record<string, number>>
  /** Messages by channel; null where they went to Slack itself. */
  readonly slack: Readonly<Record<string, number>> | null
}

export async function summarise(session: Session, run: RunRow): Promise<Summary> {
  const { store, deployed, standIns } = session
  const { scope, manifest } = deployed
  const audiences: Record<string, number> = {}
  const postgres: Record<string, number> = {}
  let sent = 0
  for (const status of await store.assets.statuses(scope)) {
    if (status.asset.startsWith('audience/')) audiences[status.asset.slice('audience/'.length)] = status.rows ?? 0
  }
  for (const asset of manifest.assets) {
    if (asset.kind !== 'sync') continue
    const runs = await store.syncs.list(scope, asset.key, 10)
    sent += runs.filter((each) => (each.resumedBy ?? each.run) === run.run).reduce((sum, each) => sum + each.sent, 0)
    const destination = manifest.destinations.find(({ name }) => name === asset.destination)
    if (destination?.connector.type !== 'builtin' || destination.connector.name !== 'postgres') continue
    const url = resolved(destination, 'url', session)
    if (url !== null) postgres[`${destination.name}.${asset.stream}`] = await rowsOf(url, destination, asset)
  }
  return { run: run.run, status: run.status, counts: run.counts, sent, audiences, postgres, slack: messages(standIns) }
}

function messages(standIns: Session['standIns']): Record<string, number> | null {
  if (standIns.slack === null) return null
  const counts: Record<string, number> = {}
  for (const { channel } of standIns.slack.messages()) counts[channel] = (counts[channel] ?? 0) + 1
  return counts
}

function resolved(destination: DestinationSpec, field: string, session: Session): string | null {
  const value = destination.config[field]
  if (typeof value === 'string') return value
  const reference = value as unknown as EnvRef | undefined
  return reference === undefined ? null : (session.variable(reference.$env) ?? reference.default ?? null)
}

async function rowsOf(url: string, destination: DestinationSpec, sync: SyncSpec): Promise<number> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000, statement_timeout: 30_000 })
  await client.connect()
  try {
    const schema = client.escapeIdentifier(String(destination.config['schema'] ?? 'public'))
    const { rows } = await client.query<{ count: string }>(
      `select count(*) as count from ${schema}.${client.escapeIdentifier(sync.stream)}`,
    )
    return Number(rows[0]?.count)
  } catch (error) {
    // A sync that never sent anything has made no table.
    if ((error as { code?: string }).code === '42P01') return 0
    throw error
  } finally {
    await client.end()
  }
}
