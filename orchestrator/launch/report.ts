import { createHash, randomUUID } from 'node:crypto'
import { anyWarehouse, isExternal, TraitlineError } from '../contract/index.ts'
import type { AssetSpec, JsonObject, Materialization, MaterializationReport, Scope } from '../contract/index.ts'
import type { Store } from '../store/store.ts'

export interface Reported {
  /** Id of the materialisation. */
  readonly materialization: string
  readonly dataVersion: string
  /** False if a report with the same key was recorded before: that one stands. */
  readonly recorded: boolean
}

export interface ReportTarget {
  readonly scope: Scope
  readonly revision: number
  readonly spec: AssetSpec
}

/**
 * Records what others materialised: an event, a materialisation and a status like any other, so that whatever waits for
 * one is woken and what is downstream becomes stale. The last report is what is true of the asset.
 *
 * Throws ASSET_NOT_EXTERNAL for what runs materialise, and REPORT_INVALID.
 *
 * @example
 * await reportMaterialization(store, { scope, revision, spec }, { ...report, dataVersion: '2026-03-01', rows: 48_211 })
 * // { materialization: '17', dataVersion: 'reported:2026-03-01', recorded: true }
 */
export async function reportMaterialization(
  store: { readonly assets: Pick<Store['assets'], 'recordReport'> },
  { scope, revision, spec }: ReportTarget,
  report: MaterializationReport,
  now = new Date(),
): Promise<Reported> {
  if (!isExternal(spec)) throw notExternal(spec)
  assertFits(report)
  const id = reportId(report)
  const dataVersion = `reported:${report.dataVersion ?? id}`
  const materialization: Materialization = {
    asset: spec.key,
    codeVersion: spec.codeVersion,
    dataVersion,
    upstream: {},
    warehouse: anyWarehouse,
    rows: report.rows,
    ...timesOf(report, now),
    statistics: [],
    checks: report.checks,
    metadata: report.metadata,
  }
  const { id: made, recorded } = await store.assets.recordReport({ scope, report: id, revision }, materialization)
  return { materialization: made, dataVersion, recorded }
}

/** Of the same key always the same: ids are unique together with the asset. */
function reportId({ idempotencyKey }: MaterializationReport): string {
  if (idempotencyKey === null) return `report-${randomUUID()}`
  return `report-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`
}

/** Clocks differ a little. */
const toleranceMs = 5 * 60_000

function timesOf(
  { startedAt, durationMs }: MaterializationReport,
  now: Date,
): Pick<Materialization, 'startedAt' | 'durationMs'> {
  const start = startedAt === null ? now.getTime() - (durationMs ?? 0) : Date.parse(startedAt)
  if (Number.isNaN(start)) throw invalid('startedAt is no instant', 'Write it like 2026-03-01T06:00:00Z.')
  const took = durationMs ?? Math.max(0, now.getTime() - start)
  if (start + took > now.getTime() + toleranceMs) {
    throw invalid('it ends in the future', 'Report what is done, and compare the clocks of the two machines.')
  }
  return { startedAt: new Date(start).toISOString(), durationMs: took }
}

const mostMetadata = 50
const longestText = 500
const mostChecks = 200

function assertFits({ asset, dataVersion, rows, durationMs, metadata, checks, idempotencyKey }: MaterializationReport) {
  const numbers = { rows, durationMs }
  for (const [name, value] of Object.entries(numbers)) {
    if (value !== null && !(Number.isFinite(value) && value >= 0)) {
      throw invalid(`${name} is no number from 0`, `Give the ${name} of ${asset}, or leave it out.`)
    }
  }
  if (rows !== null && !Number.isInteger(rows)) throw invalid('rows is no whole number', 'Give the count of rows.')
  for (const [name, value] of Object.entries({ dataVersion, idempotencyKey })) {
    if (value !== null && (value === '' || value.length > 200)) {
      throw invalid(
        `${name} is empty or longer than 200 characters`,
        'Give a short name for the content, such as a date.',
      )
    }
  }
  assertMetadata(metadata)
  if (checks.length > mostChecks) throw invalid(`it has ${checks.length} checks`, `Report at most ${mostChecks}.`)
  const names = checks.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw invalid(`its check ${twice} is there twice`, 'Name each check once.')
  for (const check of checks) if (check.metadata !== undefined) assertMetadata(check.metadata)
}

/** Numbers and short texts: it is shown to everyone who may read the record. */
function assertMetadata(metadata: JsonObject): void {
  const entries = Object.entries(metadata)
  if (entries.length > mostMetadata) {
    throw invalid(`it has ${entries.length} entries of metadata`, `Report at most ${mostMetadata}.`)
  }
  for (const [name, value] of entries) {
    const fits = value === null || typeof value !== 'object'
    if (fits && String(value).length <= longestText && name.length <= longestText) continue
    throw invalid(
      `its metadata ${name.slice(0, 40)} is no number, flag or text of at most ${longestText} characters`,
      'Report what people compare, not data.',
    )
  }
}

function notExternal({ key, kind }: AssetSpec): TraitlineError {
  return new TraitlineError({
    code: 'ASSET_NOT_EXTERNAL',
    message: `${key} is materialised by runs: what others say of it is not taken`,
    hint:
      kind === 'source'
        ? "If others fill it, say so where it is defined: reportedBy: 'others'."
        : `Materialise it: traitline materialize ${key}`,
    blame: 'user',
  })
}

function invalid(message: string, hint: string): TraitlineError {
  return new TraitlineError({
    code: 'REPORT_INVALID',
    message: `the report cannot be taken: ${message}`,
    hint,
    blame: 'user',
  })
}
