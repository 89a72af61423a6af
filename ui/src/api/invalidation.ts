import type { ApiEvent } from '../../../orchestrator/server/api.ts'

/** Prefixes of the query keys that an event makes stale: pure. */
export function staleKeys(event: Pick<ApiEvent, 'type' | 'run' | 'asset'>): readonly (readonly string[])[] {
  const run = event.run === null ? [] : [['run', event.run]]
  const asset = event.asset === null ? [] : [['asset', event.asset]]
  if (event.type === 'log') return event.run === null ? [] : [['log', event.run], ...run]
  if (event.type === 'revision_deployed') return [['projects'], ['graph'], ['assets'], ['asset'], ['revisions']]
  if (event.type.startsWith('run_')) return [['runs'], ...run]
  if (event.type === 'check_evaluated') return asset
  if (event.type.startsWith('sync_')) return [...asset, ...run, ['messages']]
  // What is downstream shows the status of what is upstream: any asset's page may be about this one.
  return [['runs'], ['graph'], ['assets'], ['asset'], ['messages'], ...run]
}
