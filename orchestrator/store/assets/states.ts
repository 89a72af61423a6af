import type { AssetKey, AssetState, AssetStates } from '../../contract/index.ts'

/** Of a status row, what planning reads. */
export interface StoredState {
  readonly key: AssetKey
  readonly code_version: string | null
  readonly data_version: string | null
  readonly upstream: Readonly<Record<AssetKey, string>> | null
  readonly warehouse: string | null
  readonly duration_ms: number | null
  readonly failed_checks: readonly string[]
  readonly last_attempt: AssetState['lastAttempt']
  /** Of an asset with partitions: what they hold together, and what the latest hold. */
  readonly whole_version?: string | null
  readonly latest_version?: string | null
  /** Of an asset with partitions: what the latest failed; `failed_checks` is what any of them failed. */
  readonly latest_failed_checks?: readonly string[] | null
}

/** Every key asked for is answered. */
export function statesOf(rows: readonly StoredState[], keys: readonly AssetKey[]): AssetStates {
  const states: Record<AssetKey, AssetState> = Object.fromEntries(
    keys.map((key) => [key, { key, latest: null, lastAttempt: 'none' as const }]),
  )
  for (const row of rows) states[row.key] = { key: row.key, latest: latestOf(row), lastAttempt: row.last_attempt }
  return states
}

function latestOf(row: StoredState): AssetState['latest'] {
  if (row.data_version === null) return null
  return {
    codeVersion: row.code_version!,
    dataVersion: row.latest_version ?? row.data_version,
    ...(row.whole_version ? { wholeVersion: row.whole_version } : {}),
    upstream: row.upstream!,
    warehouse: row.warehouse!,
    durationMs: row.duration_ms,
    failedChecks: row.latest_failed_checks ?? row.failed_checks,
    ...(row.whole_version ? { wholeFailedChecks: row.failed_checks } : {}),
  }
}
