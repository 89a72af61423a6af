import type {
  AssetSpec,
  CheckResult,
  ColumnStatistics,
  EventType,
  JsonObject,
  TraitlineEvent,
} from '../contract/index.ts'
import { isBlocked } from '../contract/index.ts'
import type { OpenLineageContext } from './context.ts'
import { fileDatasets, inputDataset, outputDataset, type DatasetState } from './datasets.ts'
import { assetJob, projectJob } from './jobs.ts'
import { qualityFacets } from './quality.ts'
import { runIdOf } from './run-id.ts'
import { runEventSchema } from './spec.ts'

/** An event of the log that concerns a run, with what it is told with. */
export interface Fact {
  readonly event: TraitlineEvent
  /** When the run was asked for, and whether it began. */
  readonly run: { readonly queuedAt: string; readonly started: boolean }
  /** Whether the asset's step had begun. */
  readonly begun: boolean
  readonly materialization: {
    readonly dataVersion: string
    readonly upstream: Readonly<Record<string, string>>
    readonly rows: number | null
    readonly startedAt: string
    readonly endedAt: string
    readonly statistics: readonly ColumnStatistics[]
    readonly checks: readonly CheckResult[]
  } | null
}

type State = 'START' | 'RUNNING' | 'COMPLETE' | 'FAIL' | 'ABORT'
type Tell = (fact: Fact, context: OpenLineageContext) => JsonObject[]

/** The RunEvents that an event of the log means, in order; none for most kinds. */
export function runEvents(fact: Fact, context: OpenLineageContext): JsonObject[] {
  return tellers[fact.event.type]?.(fact, context) ?? []
}

const ofRun: Tell = (fact, context) => {
  const { status, failure } = fact.event.data
  const state = status === 'succeeded' ? 'COMPLETE' : status === 'cancelled' ? 'ABORT' : 'FAIL'
  const end = runEvent(fact, context, state, state === 'FAIL' ? failure : null)
  // A run that could not be planned never began: a run has one START all the same.
  return fact.run.started ? [end] : [runEvent(fact, context, 'START'), end]
}

const tellers: Partial<Record<EventType, Tell>> = {
  run_started: (fact, context) => [runEvent(fact, context, 'START')],
  run_finished: ofRun,
  step_started: (fact, context) => ofAsset(fact, context, (asset) => [stepEvent(fact, context, asset, 'START')]),
  step_retried: (fact, context) => ofAsset(fact, context, (asset) => [stepEvent(fact, context, asset, 'RUNNING')]),
  asset_fresh: (fact, context) =>
    ofAsset(fact, context, (asset) => (fact.begun ? [stepEvent(fact, context, asset, 'COMPLETE')] : [])),
  asset_materialized: (fact, context) =>
    ofAsset(fact, context, (asset) => [
      stepEvent(fact, context, asset, 'COMPLETE'),
      ...checkEvents(fact, context, asset),
    ]),
  asset_failed: (fact, context) =>
    ofAsset(fact, context, (asset) => [
      ...(fact.begun ? [] : [stepEvent(fact, context, asset, 'START')]),
      stepEvent(fact, context, asset, 'FAIL', fact.event.data),
    ]),
  asset_cancelled: aborted,
  asset_upstream_failed: aborted,
}

/** What never began is no run. */
function aborted(fact: Fact, context: OpenLineageContext): JsonObject[] {
  return ofAsset(fact, context, (asset) => (fact.begun ? [stepEvent(fact, context, asset, 'ABORT')] : []))
}

function ofAsset(fact: Fact, context: OpenLineageContext, tell: (asset: AssetSpec) => JsonObject[]): JsonObject[] {
  const asset = fact.event.asset === null ? undefined : context.asset(fact.event.asset)
  return asset === undefined ? [] : tell(asset)
}

function runEvent(fact: Fact, context: OpenLineageContext, state: State, failure: unknown = null): JsonObject {
  return eventOf(fact, context, state, {
    run: { runId: runIdOf(...scopeOf(fact), 'run', fact.event.run ?? ''), facets: runFacets(fact, context, failure) },
    job: projectJob(context),
    inputs: [],
    outputs: [],
  })
}

function stepEvent(
  fact: Fact,
  context: OpenLineageContext,
  asset: AssetSpec,
  state: State,
  failure: unknown = null,
): JsonObject {
  const made = fact.materialization
  const output: DatasetState = made === null ? {} : { dataVersion: made.dataVersion, rows: made.rows }
  const observed = asset.kind === 'source' && asset.load === null
  const inputs = asset.deps.flatMap((key) => {
    const spec = context.asset(key)
    const dataVersion = made?.upstream[key]
    return spec === undefined ? [] : [inputDataset(spec, context, dataVersion === undefined ? {} : { dataVersion })]
  })
  return eventOf(fact, context, state, {
    run: {
      runId: assetRunId(fact, asset),
      facets: { ...runFacets(fact, context, failure), parent: parent(fact, context) },
    },
    job: assetJob(asset, context),
    // A source that others fill is looked at; one that is loaded comes of its files.
    inputs: observed ? [inputDataset(asset, context, output)] : [...fileDatasets(asset), ...inputs],
    outputs: observed ? [] : [outputDataset(asset, context, output)],
  })
}

/** Checks read what was made: a run of their own, whose input says what they found. */
function checkEvents(fact: Fact, context: OpenLineageContext, asset: AssetSpec): JsonObject[] {
  const made = fact.materialization
  if (made === null || asset.relation === null) return []
  const inputFacets = qualityFacets(asset, made, context)
  if (Object.keys(inputFacets).length === 0) return []
  const input = inputDataset(asset, context, { dataVersion: made.dataVersion })
  const body = {
    run: {
      runId: runIdOf(...scopeOf(fact), 'checks', fact.event.run ?? '', asset.key),
      facets: { ...runFacets(fact, context, null), parent: parent(fact, context) },
    },
    job: assetJob(asset, context, 'checks'),
    inputs: [{ ...input, inputFacets }],
    outputs: [],
  }
  const end = made.checks.some(isBlocked) ? 'FAIL' : 'COMPLETE'
  return [eventOf(fact, context, 'START', body), eventOf(fact, context, end, body)]
}

function eventOf(fact: Fact, context: OpenLineageContext, eventType: State, body: JsonObject): JsonObject {
  return {
    eventType,
    eventTime: fact.event.at,
    producer: context.producer,
    schemaURL: runEventSchema,
    ...body,
  }
}

function runFacets(fact: Fact, context: OpenLineageContext, failure: unknown): JsonObject {
  const message = failureText(failure)
  return {
    nominalTime: context.facet('nominalTime', { nominalStartTime: fact.run.queuedAt }),
    processing_engine: context.facet('processing_engine', {
      name: 'Traitline',
      version: context.version,
      openlineageAdapterVersion: context.version,
    }),
    ...(message === null
      ? {}
      : { errorMessage: context.facet('errorMessage', { message, programmingLanguage: 'TypeScript' }) }),
  }
}

function failureText(failure: unknown): string | null {
  if (typeof failure !== 'object' || failure === null) return null
  const { code, message } = failure as { readonly code?: unknown; readonly message?: unknown }
  return `${String(code ?? 'FAILED')}: ${String(message ?? '')}`
}

function parent(fact: Fact, context: OpenLineageContext): JsonObject {
  const { namespace, name } = projectJob(context) as { readonly namespace: string; readonly name: string }
  const run = { runId: runIdOf(...scopeOf(fact), 'run', fact.event.run ?? '') }
  return context.facet('parent', { run, job: { namespace, name }, root: { run, job: { namespace, name } } })
}

function assetRunId(fact: Fact, asset: AssetSpec): string {
  return runIdOf(...scopeOf(fact), 'asset', fact.event.run ?? '', asset.key)
}

function scopeOf({ event }: Fact): readonly [string, string] {
  return [event.environment, event.project]
}
