import type {
  AssetSpec,
  CheckResult,
  ColumnStatistics,
  AssetKey,
  EventType,
  JsonObject,
  TimeWindow,
  TraitlineEvent,
} from '../contract/index.ts'
import { isBlocked } from '../contract/index.ts'
import type { OpenLineageContext } from './context.ts'
import { fileDatasets, inputDataset, outputDataset, type DatasetState } from './datasets.ts'
import { assetJob, projectJob } from './jobs.ts'
import { qualityFacets } from './quality.ts'
import { runIdOf } from './run-id.ts'
import { runEventSchema } from './spec.ts'

/** An event of the log, with what it is told with. */
export interface Fact {
  readonly event: TraitlineEvent
  /** When the run was asked for, or should have begun by a cron, and whether it began; null for what others report. */
  readonly run: { readonly nominalAt: string; readonly started: boolean } | null
  /** Of the partition that the event is about. */
  readonly window: TimeWindow | null
  /** Whether the asset's step had begun. */
  readonly begun: boolean
  readonly materialization: {
    /** The run, or the report. */
    readonly run: string
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
  return fact.run?.started === true ? [end] : [runEvent(fact, context, 'START'), end]
}

const tellers: Partial<Record<EventType, Tell>> = {
  run_started: (fact, context) => [runEvent(fact, context, 'START')],
  run_finished: ofRun,
  // Of an asset with partitions each partition is a run, told of when it ends.
  step_started: (fact, context) =>
    ofAsset(fact, context, (asset) => (isParted(fact) ? [] : [stepEvent(fact, context, asset, 'START')])),
  step_retried: (fact, context) =>
    ofAsset(fact, context, (asset) => (isParted(fact) ? [] : [stepEvent(fact, context, asset, 'RUNNING')])),
  asset_fresh: (fact, context) =>
    ofAsset(fact, context, (asset) => (hasBegun(fact) ? [stepEvent(fact, context, asset, 'COMPLETE')] : [])),
  asset_materialized: (fact, context) =>
    ofAsset(fact, context, (asset) => [
      ...(hasBegun(fact) ? [] : [stepEvent(begunAt(fact), context, asset, 'START')]),
      stepEvent(fact, context, asset, 'COMPLETE'),
      ...checkEvents(fact, context, asset),
    ]),
  asset_failed: (fact, context) =>
    ofAsset(fact, context, (asset) => [
      ...(hasBegun(fact) ? [] : [stepEvent(fact, context, asset, 'START')]),
      stepEvent(fact, context, asset, 'FAIL', fact.event.data),
    ]),
  asset_cancelled: aborted,
  asset_upstream_failed: aborted,
}

/** What never began is no run. */
function aborted(fact: Fact, context: OpenLineageContext): JsonObject[] {
  return ofAsset(fact, context, (asset) => (hasBegun(fact) ? [stepEvent(fact, context, asset, 'ABORT')] : []))
}

function isParted({ event: { data } }: Fact): boolean {
  return data['partition'] !== undefined || data['partitions'] !== undefined
}

/** Whether a START was told. */
function hasBegun(fact: Fact): boolean {
  return fact.run !== null && fact.begun && !isParted(fact)
}

/** When it began, as far as the record knows. */
function begunAt(fact: Fact): Fact {
  const { event, materialization } = fact
  const took = event.data['durationMs']
  const at =
    materialization?.startedAt ?? new Date(Date.parse(event.at) - (typeof took === 'number' ? took : 0)).toISOString()
  return { ...fact, event: { ...event, at }, materialization: null }
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
  const output = outputState(fact)
  const reported = fact.run === null
  const observed = asset.kind === 'source' && asset.load === null && !reported
  const inputs = asset.deps.flatMap((key) => {
    const spec = context.asset(key)
    const dataVersion = made?.upstream[key]
    return spec === undefined ? [] : [inputDataset(spec, context, dataVersion === undefined ? {} : { dataVersion })]
  })
  return eventOf(fact, context, state, {
    run: {
      runId: assetRunId(fact, asset),
      facets: { ...runFacets(fact, context, failure), ...(reported ? {} : { parent: parent(fact, context) }) },
    },
    job: assetJob(asset, context),
    // A source that others fill is looked at; one that is loaded comes of its files.
    inputs: observed ? [inputDataset(asset, context, output)] : [...fileDatasets(asset), ...inputs],
    outputs: observed ? [] : [outputDataset(asset, context, output)],
  })
}

function outputState({ materialization: made, event: { data } }: Fact): DatasetState {
  if (made !== null) return { dataVersion: made.dataVersion, rows: made.rows }
  // Of a partition the event itself says it.
  const { dataVersion, rows } = data
  return {
    ...(typeof dataVersion === 'string' && { dataVersion }),
    ...(typeof rows === 'number' && { rows }),
  }
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
      runId: runIdOf(...scopeOf(fact), 'checks', fact.event.run ?? made.run, asset.key),
      facets: { ...runFacets(fact, context, null), ...(fact.run === null ? {} : { parent: parent(fact, context) }) },
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
    nominalTime: context.facet('nominalTime', nominalTime(fact)),
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

/** What the run is about in time: a partition's window, the time of a cron, when others began; or when it was asked for. */
function nominalTime({ window, run, materialization, event }: Fact): JsonObject {
  if (window !== null) return { nominalStartTime: window.start, nominalEndTime: window.end }
  return { nominalStartTime: run?.nominalAt ?? materialization?.startedAt ?? event.at }
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
  const { run, data } = fact.event
  const partition = data['partition']
  const name = [asset.key, ...(typeof partition === 'string' ? [partition] : [])]
  // Of a report the sequence of its event stands for it, in START as in COMPLETE.
  return runIdOf(...scopeOf(fact), 'asset', run ?? `event ${fact.event.sequence}`, ...name)
}

function scopeOf({ event }: Fact): readonly [string, string] {
  return [event.environment, event.project]
}

/** A run of checks alone, when it has ended: what it found of each asset. */
export interface CheckRunFact {
  readonly event: TraitlineEvent
  readonly startedAt: string
  readonly results: readonly { readonly asset: AssetKey; readonly checks: readonly CheckResult[] }[]
}

/** A run for the whole, in which the checks of each asset are one. */
export function checkRunEvents({ event, startedAt, results }: CheckRunFact, context: OpenLineageContext): JsonObject[] {
  const fact: Fact = {
    ...{ event, begun: true, window: null, materialization: null },
    run: { nominalAt: startedAt, started: true },
  }
  const began: Fact = { ...fact, event: { ...event, at: startedAt } }
  const { status } = event.data
  const state = status === 'passed' ? 'COMPLETE' : status === 'cancelled' ? 'ABORT' : 'FAIL'
  const ofChecked = results.flatMap(({ asset: key, checks }) => {
    const asset = context.asset(key)
    if (asset === undefined || asset.relation === null) return []
    const inputFacets = qualityFacets(asset, { rows: null, statistics: [], checks }, context)
    const body = {
      run: {
        runId: runIdOf(...scopeOf(fact), 'checks', event.run ?? '', key),
        facets: { ...runFacets(fact, context, null), parent: parent(fact, context) },
      },
      job: assetJob(asset, context, 'checks'),
      inputs: [{ ...inputDataset(asset, context), inputFacets }],
      outputs: [],
    }
    const end = checks.some(isBlocked) ? 'FAIL' : 'COMPLETE'
    return [eventOf(began, context, 'START', body), eventOf(fact, context, end, body)]
  })
  return [runEvent(began, context, 'START'), ...ofChecked, runEvent(fact, context, state)]
}
