import { expectTypeOf, test } from 'vitest'
import type { z } from 'zod'
import type {
  AssetKey,
  AssetOutcome,
  AssetSpec,
  AudienceSpec,
  CheckResult,
  CheckSpec,
  ColumnSpec,
  ColumnStatistics,
  DestinationSpec,
  EntitySpec,
  Failure,
  FreshnessPolicy,
  JsonObject,
  JsonValue,
  Manifest,
  ManifestDiff,
  Materialization,
  ModelSpec,
  NotebookSpec,
  PlanPage,
  PlanStep,
  Predicate,
  SourceSpec,
  StaleReason,
  StreamSpec,
  SyncSpec,
  Test,
  TraitlineEvent,
  TraitSpec,
  TraitType,
  UserModelSpec,
} from '../contract/index.ts'
import type * as schemas from './index.ts'

/**
 * zod's arrays and objects are writable, the contract's are not: all else has to be equal, both ways. Types that hold
 * themselves become a word on both sides: their schemas are declared with them.
 */
type Writable<T> = [JsonValue] extends [T]
  ? 'json'
  : [JsonObject] extends [T]
    ? 'json'
    : [T] extends [Predicate]
      ? 'a predicate'
      : T extends string | number | boolean | null | undefined
        ? T
        : { -readonly [K in keyof T]: Writable<T[K]> }

type Inferred<Name extends keyof typeof schemas> = (typeof schemas)[Name] extends z.ZodType
  ? Writable<z.infer<(typeof schemas)[Name]>>
  : never

type Kind<Name extends AssetSpec['kind']> = Extract<Inferred<'assetSpecSchema'>, { kind: Name }>

test('schemas say what the contract says', () => {
  expectTypeOf<Inferred<'assetKeySchema'>>().toEqualTypeOf<AssetKey>()
  expectTypeOf<Inferred<'columnSpecSchema'>>().toEqualTypeOf<Writable<ColumnSpec>>()
  expectTypeOf<Inferred<'failureSchema'>>().toEqualTypeOf<Writable<Failure>>()
  expectTypeOf<Inferred<'testSchema'>>().toEqualTypeOf<Writable<Test>>()
  expectTypeOf<z.infer<typeof schemas.predicateSchema>>().toEqualTypeOf<Predicate>()
  expectTypeOf<z.infer<typeof schemas.jsonObjectSchema>>().toEqualTypeOf<JsonObject>()
  expectTypeOf<Inferred<'traitTypeSchema'>>().toEqualTypeOf<Writable<TraitType>>()
  expectTypeOf<Inferred<'streamSpecSchema'>>().toEqualTypeOf<Writable<StreamSpec>>()
  expectTypeOf<Inferred<'entitySpecSchema'>>().toEqualTypeOf<Writable<EntitySpec>>()
  expectTypeOf<Inferred<'destinationSpecSchema'>>().toEqualTypeOf<Writable<DestinationSpec>>()
  expectTypeOf<Inferred<'assetSpecSchema'>['kind']>().toEqualTypeOf<AssetSpec['kind']>()
  expectTypeOf<Kind<'source'>>().toEqualTypeOf<Writable<SourceSpec>>()
  expectTypeOf<Kind<'model'>>().toEqualTypeOf<Writable<ModelSpec>>()
  expectTypeOf<Kind<'notebook'>>().toEqualTypeOf<Writable<NotebookSpec>>()
  expectTypeOf<Kind<'trait'>>().toEqualTypeOf<Writable<TraitSpec>>()
  expectTypeOf<Kind<'user_model'>>().toEqualTypeOf<Writable<UserModelSpec>>()
  expectTypeOf<Kind<'audience'>>().toEqualTypeOf<Writable<AudienceSpec>>()
  expectTypeOf<Kind<'sync'>>().toEqualTypeOf<Writable<SyncSpec>>()
  expectTypeOf<Inferred<'manifestSchema'>>().toEqualTypeOf<Writable<Manifest>>()
  expectTypeOf<Inferred<'staleReasonSchema'>>().toEqualTypeOf<Writable<StaleReason>>()
  expectTypeOf<Inferred<'planStepSchema'>>().toEqualTypeOf<Writable<PlanStep>>()
  expectTypeOf<Inferred<'planPageSchema'>>().toEqualTypeOf<Writable<PlanPage>>()
  expectTypeOf<Inferred<'checkSpecSchema'>>().toEqualTypeOf<Writable<CheckSpec>>()
  expectTypeOf<Inferred<'freshnessPolicySchema'>>().toEqualTypeOf<Writable<FreshnessPolicy>>()
  expectTypeOf<Inferred<'checkResultSchema'>>().toEqualTypeOf<Writable<CheckResult>>()
  expectTypeOf<Inferred<'columnStatisticsSchema'>>().toEqualTypeOf<Writable<ColumnStatistics>>()
  expectTypeOf<Inferred<'materializationSchema'>>().toEqualTypeOf<Writable<Materialization>>()
  expectTypeOf<Inferred<'assetOutcomeSchema'>>().toEqualTypeOf<Writable<AssetOutcome>>()
  expectTypeOf<Inferred<'eventSchema'>>().toEqualTypeOf<Writable<TraitlineEvent>>()
  expectTypeOf<Inferred<'manifestDiffSchema'>>().toEqualTypeOf<Writable<ManifestDiff>>()
})
