import type { AssetKey } from './asset-key.ts'
import type { JsonValue } from './json.ts'
import type { Scope } from './names.ts'
import type { SyncMode } from './spec.ts'
import type { PreviewRequest } from './sync-preview.ts'
import type { RejectsRequest } from './sync-rejects.ts'

/** Rows that a sync looks at, by what is to be done about them. */
export interface SyncCounts {
  readonly desired: number
  readonly added: number
  readonly changed: number
  readonly removed: number
  readonly unchanged: number
  /** Without a key, or with one that others have too: left out before sending. */
  readonly invalid: number
  /** Of `from`, but not desired: their users do not consent to what the destination is used for. Absent for none. */
  readonly withheld?: number
  /** Rejected before, and not to be tried again yet. Absent for none, as those below. */
  readonly waiting?: number
  /** To be written, but not part of this run, which sends only some. */
  readonly left?: number
  /** To be removed; the same of them. */
  readonly removalsWaiting?: number
  readonly removalsLeft?: number
  /** Of those that are sent: rejected before. */
  readonly retried?: number
}

/** What starts the workflow `dryRunSync`. Rows pass neither through it nor back: the answer is in the record, under the id. */
export interface SyncDryRunInput extends Scope {
  readonly id: string
  readonly revision: number
  readonly sync: AssetKey
  readonly warehouseQueue: string
  /** Samples of each kind of difference, at most. */
  readonly samples: number
  /** Of whoever asks for values: they are sealed with it, so that only who has the private key can read them. */
  readonly publicKey?: string
  /** Asked for rendered rows instead: the answer is a SyncPreview. */
  readonly preview?: PreviewRequest
  /** Asked for rows that the destination did not take instead: the answer is a SyncRejects. */
  readonly rejects?: RejectsRequest
  /** Asked for the public key with which a row's key is sealed. */
  readonly sealing?: true
}

/** What a sync would do now. */
export interface SyncDryRun {
  readonly sync: AssetKey
  readonly revision: number
  readonly mode: SyncMode
  readonly counts: SyncCounts
  /** The mapping is another than that of what was delivered: every row is sent again for it. */
  readonly mappingChanged: boolean
  /** It goes elsewhere than before. */
  readonly targetChanged: boolean
  /** Runs before left something that is settled first: the numbers may then be others. */
  readonly unsettled: number
  /** It would be stopped before anything is sent, for this reason. */
  readonly stopped: { readonly code: string; readonly message: string; readonly hint: string } | null
  /** In how many changed rows each column of the mapping changed, of those whose delivered values are known. */
  readonly changedColumns: Readonly<Record<string, number>>
  readonly comparable: number
  readonly samples: SyncSamples
  /** Whether values are replaced by `***`. */
  readonly masked: boolean
}

export interface SyncSamples {
  readonly added: readonly SyncDifference[]
  readonly changed: readonly SyncDifference[]
  readonly removed: readonly SyncDifference[]
}

export interface SyncDifference {
  readonly key: string
  /** Why the destination would not get it as it is; null if it would. */
  readonly rejected: string | null
  /** Of a changed row whose delivered values are known, those that differ; of one without, all. */
  readonly fields: readonly FieldDifference[]
}

export interface FieldDifference {
  readonly field: string
  /** What the destination has by the ledger; absent if it is not known. */
  readonly before?: JsonValue
  /** What it would get; absent for a row that is removed. */
  readonly after?: JsonValue
}

export interface DryRunActivities {
  dryRunSync(input: SyncDryRunInput): Promise<void>
}

export const dryRunWorkflowType = 'dryRunSync'

export function dryRunWorkflowId(scope: Scope, id: string): string {
  return `${scope.environment}/${scope.project}/dry-run/${id}`
}

const mask = '***'

/** Every value and key replaced; which fields differ, and which are empty, is left to see. */
export function maskedSamples({ added, changed, removed }: SyncSamples): SyncSamples {
  const value = (given: JsonValue): JsonValue => (given === null ? null : mask)
  const row = ({ rejected, fields }: SyncDifference): SyncDifference => ({
    key: mask,
    rejected,
    fields: fields.map(({ field, before, after }) => ({
      field,
      ...(before !== undefined && { before: value(before) }),
      ...(after !== undefined && { after: value(after) }),
    })),
  })
  return { added: added.map(row), changed: changed.map(row), removed: removed.map(row) }
}
