import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type JsonValue,
  maskedPreview,
  type PreviewRequest,
  type PreviewRow,
  type SyncDryRunInput,
  type SyncPreview,
  TraitlineError,
} from '../../../orchestrator/contract/index.ts'
import { privateDir } from '../../../orchestrator/process/index.ts'
import { previewRows } from '../../../orchestrator/sql/sync-preview.ts'
import type { ManifestIndex } from '../../runtime/index.ts'
import type { SyncDeps } from '../deps.ts'
import { compileMapping } from '../mapping/render.ts'
import type { SpooledRow } from '../mapping/value.ts'
import { modes } from '../modes.ts'
import { setUpSync, type SyncSetup } from '../setup.ts'
import { sourceMissing } from '../source-missing.ts'

/**
 * The first rows of a sync's source by key, rendered as they would be sent. They are read as a spool is written, so
 * that values look as they do there; no destination's program is started, and the file is gone before the answer.
 */
export async function previewSync(
  deps: Pick<SyncDeps, 'warehouse' | 'home'>,
  manifest: ManifestIndex,
  input: SyncDryRunInput,
  { rows, mapping }: PreviewRequest,
  signal: AbortSignal,
): Promise<{ readonly masked: SyncPreview; readonly rows: readonly PreviewRow[] }> {
  const setup = setUpSync(manifest, input.sync, mapping)
  await checkColumns(deps, setup, signal)
  const rendered = rowsOf(setup, await readRows(deps, setup, input.id, rows, signal))
  const { key: sync } = setup.spec
  const masked = {
    sync,
    revision: input.revision,
    stream: setup.stream.name,
    rows: maskedPreview(rendered),
    masked: true,
  }
  return { masked, rows: rendered }
}

function rowsOf(setup: SyncSetup, rows: readonly SpooledRow[]): readonly PreviewRow[] {
  const render = compileMapping(setup)
  return rows.map((row): PreviewRow => {
    const made = render.row(row)
    if ('rejected' in made) return { key: row._key, data: null, rejected: made.rejected, notes: [] }
    return { key: row._key, data: made.data, rejected: null, notes: made.notes ?? [] }
  })
}

async function readRows(
  { warehouse, home }: Pick<SyncDeps, 'warehouse' | 'home'>,
  setup: SyncSetup,
  id: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly SpooledRow[]> {
  await privateDir(join(home, 'spool'))
  const path = join(home, 'spool', `preview-${id}.jsonl`)
  try {
    await warehouse.exportJsonLines(previewRows(setup.desired, warehouse.dialect, limit), path, { signal })
    const operation = modes[setup.spec.mode].rules.added
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')
    return lines.map((line, index): SpooledRow => {
      const row = JSON.parse(line) as Record<string, JsonValue>
      return { ...row, _ordinal: index + 1, _batch: 1, _operation: operation, _key: String(row['_key']) }
    })
  } finally {
    await rm(path, { force: true })
  }
}

/** Said of a mapping that was given with the question as of one that was deployed. */
async function checkColumns(
  { warehouse }: Pick<SyncDeps, 'warehouse'>,
  { spec, desired }: SyncSetup,
  signal: AbortSignal,
): Promise<void> {
  if ((await warehouse.describe(desired.from, { signal })) === null) throw sourceMissing(spec, desired.from.name)
  for (const { name, source = name, relation } of desired.columns) {
    const table = relation ?? desired.from
    const columns = await warehouse.describe(table, { signal })
    if (columns === null) throw sourceMissing(spec, table.name)
    if (columns.some((column) => column.name.toLowerCase() === source.toLowerCase())) continue
    throw new TraitlineError({
      code: 'SYNC_COLUMN_MISSING',
      message: `the mapping reads the column ${source} of ${table.schema}.${table.name}, which has none of that name`,
      hint: `It has ${columns.map((column) => column.name).join(', ')}.`,
      blame: 'user',
    })
  }
}
