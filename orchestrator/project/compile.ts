import type { z } from 'zod'
import {
  ownTable,
  TraitlineError,
  type AssetKey,
  type AssetSpec,
  type Manifest,
  type ModelCodes,
  type ModelSpec,
} from '../contract/index.ts'
import type { Dbt } from '../define/dbt.ts'
import type { Definition } from '../define/definition.ts'
import type { PartitionRead } from '../define/partitions.ts'
import type { Project } from '../define/project.ts'
import type { SyncCase } from '../define/sync-case.ts'
import { buildGraph, findCycle } from '../graph/index.ts'
import { manifestSchema } from '../schema/index.ts'
import { compileAlerts } from './alerts.ts'
import { compileAudience } from './assets/audience.ts'
import { compileNotebook } from './assets/notebook.ts'
import { compileSource } from './assets/source.ts'
import { compileSync } from './assets/sync.ts'
import { compileTrait } from './assets/trait.ts'
import { compileUserModel } from './assets/user-model.ts'
import { compileChecks } from './checks/compile.ts'
import { collect, keyOf, type Collected } from './collect.ts'
import { createContext, createLocate, type Context, type Draft } from './context.ts'
import { compileModels, type CompiledModels } from './dbt/models.ts'
import { dbtSettings, parseAll } from './dbt/parse-all.ts'
import type { ParseDbt } from './dbt/parse.ts'
import { compileDestination } from './destinations.ts'
import { compileEntity } from './entities.ts'
import { canonicalJson } from '../contract/index.ts'
import { hashOf, sha256 } from './hash.ts'
import { compileFreshness } from './freshness.ts'
import { checkAssets, compilePools } from './pools.ts'
import { checkPartitions, resolveMappings, type Mapped } from './partitions.ts'
import { createProblems, type Problems } from './problems.ts'
import { checkRelations, relationId } from './relations.ts'
import { checkRenames } from './renames.ts'
import { compileResource } from './resources.ts'
import { projectSettings } from './settings.ts'
import { compileSensor, compileWebhook } from './triggers.ts'
import { knownColumns, type KnownColumns } from './tables.ts'
import { contentBehind } from './views.ts'

export interface CompileInput {
  /** The project's folder. */
  readonly dir: string
  /** What `loadProject` answers. */
  readonly definitions: Project
  readonly dbt: ParseDbt
  /** The environment whose values `perEnvironment` gives: `dev` unless told. */
  readonly environment?: string
}

export interface CompiledProject {
  readonly manifest: Manifest
  /** Equal for equal projects: of all but the lines on which definitions stand. */
  readonly hash: string
  /** The SQL of dbt's models, for lineage. */
  readonly code: ModelCodes
  /** The unit tests of syncs' mappings: they are part of no revision. */
  readonly cases: readonly { readonly sync: AssetKey; readonly name: string; readonly test: SyncCase }[]
}

/**
 * Compiles definitions to a manifest. Throws PROJECT_INVALID, whose message lists every problem with its asset, place,
 * reason and fix; and what `dbt` throws when dbt cannot run at all.
 */
export async function compileProject({
  dir,
  definitions: project,
  dbt,
  environment = 'dev',
}: CompileInput): Promise<CompiledProject> {
  const problems = createProblems()
  const collected = collect(project, problems, createLocate(dir))
  const settings = projectSettings(project, problems, createLocate(dir), environment)
  const context = createContext(dir, settings, problems, environment)

  const tables = [
    ...collected.of('source').map((source) => compileSource(source, context)),
    ...collected.of('notebook').map((notebook) => compileNotebook(notebook, context)),
  ]
  const rest = [
    ...collected.of('user_model').map((model) => compileUserModel(model, context)),
    ...collected.of('audience').map((audience) => compileAudience(audience, context)),
  ]
  const dbtProjects = collected.of('dbt')
  const parsed = await parseAll(dir, dbtProjects, dbt, context)
  const models = compileModels({
    projects: parsed,
    models: collected.of('model'),
    whole: collected.whole,
    tables: tableOwners([...tables, ...rest], collected, context),
    context,
  })
  const known: KnownColumns = new Map([
    ...tables.map(({ spec }) => [spec.key, knownColumns(spec.columns)] as const),
    ...models.known,
  ])
  const syncDrafts = collected.of('sync').map((sync) => compileSync(sync, context, known))
  const traits = collected.of('trait').map((trait) => compileTrait(trait, context, known))
  const entities = collected.of('entity').map((entity) => compileEntity(entity, context, known))
  const syncs = collected.of('sync')
  const destinations = collected.of('destination').map((destination) => {
    const streams = syncs.flatMap(({ to, also }) => [to, ...also.map((stream) => stream.to)])
    const used = streams.filter((to) => to.destination === destination)
    return compileDestination(destination, used, context)
  })

  const drafts = partitioned([...tables, ...models.drafts, ...traits, ...rest, ...syncDrafts], collected, context)
  checkRelations(
    drafts.map(({ spec }) => spec),
    problems,
  )
  checkRenames(
    drafts.map(({ spec }) => spec),
    problems,
  )
  checkCycle(drafts, problems)
  const checks = compileChecks({ dir, drafts, collected, known, context })
  const freshness = compileFreshness(drafts, collected, context)
  checkAssets(
    drafts.map(({ spec }) => spec),
    project,
    context,
  )
  const pools = compilePools(project, collected.of('destination'), context)
  const alerts = compileAlerts(
    project,
    drafts.map(({ spec }) => spec),
    context,
  )
  const sensors = collected.of('sensor').map((sensor) => compileSensor(dir, sensor, context))
  const specs = drafts.map(({ spec }) => spec)
  const webhooks = collected.of('webhook').map((webhook) => compileWebhook(dir, webhook, specs, context))
  const resources = await Promise.all(collected.of('resource').map((resource) => compileResource(resource, context)))
  problems.throwIfAny(project.name)

  const manifest: Manifest = {
    format: 1,
    project: settings.name,
    timeZone: settings.timeZone,
    asOf: settings.asOf,
    schema: settings.schema,
    ...(pools.length > 0 && { pools }),
    ...(Object.keys(project.openLineage).length > 0 && { openLineage: project.openLineage }),
    ...(project.retention !== null && { retention: project.retention }),
    ...(alerts.length > 0 && { alerts }),
    ...(sensors.length > 0 && { sensors: byName(sensors) }),
    ...(webhooks.length > 0 && { webhooks: byName(webhooks) }),
    ...(resources.length > 0 && { resources: byName(resources) }),
    entities: byName(entities),
    dbtProjects: byName(
      dbtProjects.map((definition) => ({
        name: definition.name,
        path: definition.path,
        ...dbtSettings(definition, context),
      })),
    ),
    destinations: byName(destinations),
    assets: versioned(drafts, models).map((spec) => {
      const [own, policy] = [checks.get(spec.key), freshness.get(spec.key)]
      return { ...spec, ...(own && { checks: own }), ...(policy && { freshness: policy }) }
    }),
  }
  const cases = syncs.flatMap(({ key, cases: own }) =>
    Object.entries(own).map(([name, test]) => ({ sync: key, name, test })),
  )
  return { manifest: plain(manifest), hash: manifestHash(manifest), code: models.code, cases }
}

const partitionedKinds = ['source', 'notebook', 'trait', 'user_model', 'audience', 'sync'] as const

/** Checks how assets are cut into partitions, and finds which of them each reads. */
function partitioned(drafts: readonly Draft[], collected: Collected, context: Context): Draft[] {
  const definitions = new Map(
    partitionedKinds.flatMap((kind) =>
      collected.of(kind).map((definition) => [keyOf(definition), definition] as const),
    ),
  )
  const dbtProjects = new Map(collected.of('dbt').map((dbt) => [dbt.name, dbt]))
  const mapped = drafts.map((draft): Mapped => {
    const { spec } = draft
    if (spec.kind !== 'model') {
      const definition = definitions.get(spec.key) as Definition & { readonly reads?: readonly PartitionRead[] }
      return { draft, definition, reads: definition.reads ?? [] }
    }
    const dbt = dbtProjects.get((spec as ModelSpec).dbtProject) as Dbt
    return { draft, definition: dbt, reads: dbt.reads.filter(({ table }) => spec.deps.includes(keyOf(table))) }
  })
  for (const { draft, definition } of mapped) {
    if (draft.spec.partitions !== undefined) checkPartitions(definition, draft.spec.partitions, context)
  }
  // Mappings are found among definitions that hold together.
  return context.problems.list.length > 0 ? [...drafts] : resolveMappings(mapped, context)
}

/** dbt may read any table of the project's with `source()`, a trait's too. */
function tableOwners(drafts: readonly Draft[], collected: Collected, context: Context): Map<string, AssetKey> {
  const traits = collected.of('trait').map(({ name, key }) => ({
    key,
    relation: { schema: context.settings.schema, name: ownTable('trait', name) },
  }))
  return new Map(
    [...drafts.map(({ spec }) => spec), ...traits].flatMap(({ key, relation }) =>
      relation === null ? [] : [[relationId(relation), key] as const],
    ),
  )
}

function checkCycle(drafts: readonly Draft[], problems: Problems): void {
  const specs = drafts.map(({ spec }) => spec)
  const path = findCycle(specs)
  if (path === null) return
  const at = specs.find(({ key }) => key === path[0])?.definedAt ?? null
  const reason = `it reads itself in a circle: ${path.join(' -> ')}`
  problems.add({
    name: path[0] as string,
    at,
    reason,
    fix: 'Each reads the next one: take one of these references away',
  })
}

/** In topological order, each with its checks and the hash of what decides its content. */
function versioned(drafts: readonly Draft[], models: CompiledModels): AssetSpec[] {
  const byKey = new Map(drafts.map((draft) => [draft.spec.key, draft]))
  const { order } = buildGraph(drafts.map(({ spec }) => spec))
  const tests = models.testsOf(order)
  return order.map((key) => {
    const draft = byKey.get(key) as Draft
    const { spec } = draft
    const checks = tests.has(key) ? { tests: tests.get(key) } : {}
    return { ...spec, ...checks, codeVersion: hashOf(contentBehind(draft, byKey)) } as AssetSpec
  })
}

function byName<Item extends { readonly name: string }>(items: readonly Item[]): Item[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Plain data, checked: a definition that got around the compiler ends here. */
function plain(manifest: Manifest): Manifest {
  const parsed = manifestSchema.safeParse(JSON.parse(JSON.stringify(manifest)))
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0] as z.core.$ZodIssue
  const asset = path[0] === 'assets' ? manifest.assets[Number(path[1])]?.key : undefined
  throw new TraitlineError({
    code: 'PROJECT_INVALID',
    message: `the project ${manifest.project} is not valid at ${asset ?? path[0]?.toString()} ${path.slice(2).join('.')}: ${message}`,
    hint: 'Check the types of the project with `npx tsc --noEmit`.',
    blame: 'user',
  })
}

function manifestHash(manifest: Manifest): string {
  const unplaced = <Item extends { readonly definedAt: { readonly file: string } | null }>(item: Item) => ({
    ...item,
    definedAt: item.definedAt?.file ?? null,
  })
  const { assets, destinations, resources, sensors, webhooks } = manifest
  return sha256(
    canonicalJson({
      ...manifest,
      assets: assets.map(unplaced),
      resources: resources?.map(unplaced),
      sensors: sensors?.map(unplaced),
      webhooks: webhooks?.map(unplaced),
      destinations: destinations.map(unplaced),
    }),
  )
}
