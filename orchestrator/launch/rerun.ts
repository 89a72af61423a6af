import { TraitlineError, type AssetKey, type Manifest, type RunConfig } from '../contract/index.ts'
import type { RunRow, Store } from '../store/store.ts'
import type { StartRun } from './launcher.ts'

/** From what did not succeed, or from the start: all of it, whether fresh or not. */
export const rerunStarts = ['failure', 'start'] as const

export type RerunStart = (typeof rerunStarts)[number]

/**
 * What starts a run that does an earlier one again, with its tags and its priority. The code is what is deployed now:
 * whoever has mended a definition wants it to be tried. Throws RUN_NOT_ENDED, or RERUN_EMPTY where nothing is left.
 *
 * @example
 * const row = await store.runs.get(run)
 * await launcher.startRun({ ...(await rerunOf(store, row, 'failure', manifest)), scope, revision, manifest, ... })
 */
export async function rerunOf(
  store: Pick<Store, 'runs'>,
  row: RunRow,
  from: RerunStart,
  manifest: Manifest,
): Promise<
  Pick<StartRun, 'selection' | 'targets' | 'force' | 'tags' | 'parent' | 'config'> & { readonly priority?: number }
> {
  if (row.endedAt === null) throw notEnded(row)
  const known = new Set(manifest.assets.map(({ key }) => key))
  const wanted = from === 'start' ? row.targets : await store.runs.unsuccessful(row.run)
  const targets = wanted.filter((key) => known.has(key))
  if (targets.length === 0) throw empty(row, from, wanted)
  return {
    selection: row.selection,
    targets,
    force: from === 'start' || row.force,
    tags: row.tags,
    parent: row.run,
    config: row.config && ofAssets(row.config, targets),
    ...(row.priority !== null && { priority: row.priority }),
  }
}

/** Of what is done again. */
function ofAssets(config: RunConfig, targets: readonly AssetKey[]): RunConfig {
  const again = new Set<string>(targets)
  return Object.fromEntries(Object.entries(config).filter(([key]) => again.has(key)))
}

function notEnded({ run, status }: RunRow): TraitlineError {
  return new TraitlineError({
    code: 'RUN_NOT_ENDED',
    message: `run ${run} is ${status}`,
    hint: 'Wait for its end, or cancel it first: traitline cancel',
    blame: 'user',
  })
}

function empty({ run }: RunRow, from: RerunStart, wanted: readonly AssetKey[]): TraitlineError {
  const gone = wanted.length > 0
  return new TraitlineError({
    code: 'RERUN_EMPTY',
    message: gone
      ? `none of the assets that run ${run} would do again is deployed any more`
      : `every asset of run ${run} succeeded`,
    hint: from === 'failure' && !gone ? 'To do all of it again: traitline rerun --from start' : 'Start another run.',
    blame: 'user',
  })
}
