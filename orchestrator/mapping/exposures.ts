import {
  nameOf,
  type AssetKey,
  type AssetSpec,
  type Manifest,
  type ModelSpec,
  type SyncSpec,
} from '../contract/index.ts'

/** A sync as dbt's documentation shows who uses a model: https://docs.getdbt.com/docs/build/exposures */
export interface Exposure {
  readonly name: string
  readonly label: string
  readonly type: 'application'
  readonly description: string
  readonly models: readonly string[]
  readonly owner: { readonly name: string; readonly email?: string }
  readonly tags: readonly string[]
  readonly meta: Readonly<Record<string, string>>
}

/** The syncs that read models of a dbt project, each with the models that are nearest upstream. */
export function exposuresOf(manifest: Manifest, dbtProject: string): readonly Exposure[] {
  const assets = new Map(manifest.assets.map((asset) => [asset.key, asset]))
  return manifest.assets
    .filter((asset): asset is SyncSpec => asset.kind === 'sync')
    .flatMap((sync) => {
      const models = nearestModels(sync, assets)
        .filter((model) => model.dbtProject === dbtProject)
        .map(({ uniqueId }) => uniqueId.split('.').slice(2).join('.'))
      return models.length === 0 ? [] : [exposureOf(sync, [...new Set(models)].sort())]
    })
}

/** Through traits, audiences and the like, up to the first model on each way. */
function nearestModels(sync: SyncSpec, assets: ReadonlyMap<AssetKey, AssetSpec>): readonly ModelSpec[] {
  const found: ModelSpec[] = []
  const seen = new Set<AssetKey>()
  const queue = [...sync.deps]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const asset = assets.get(next)
    if (seen.has(next) || asset === undefined) continue
    seen.add(next)
    if (asset.kind === 'model') found.push(asset)
    else queue.push(...asset.deps)
  }
  return found
}

function exposureOf(sync: SyncSpec, models: readonly string[]): Exposure {
  const [owner = 'nobody named'] = sync.owners
  const email = sync.owners.find((name) => /^[^\s@]+@[^\s@]+$/.test(name))
  const sends = `Sends ${nameOf(sync.from)} to ${sync.stream} of ${sync.destination} (${sync.mode}).`
  return {
    name: `sync_${nameOf(sync.key).replace(/\W/g, '_')}`,
    label: nameOf(sync.key),
    type: 'application',
    description: sync.description === null ? sends : `${sync.description}\n\n${sends}`,
    models,
    owner: { name: owner, ...(email !== undefined && { email }) },
    tags: Object.entries(sync.tags).map(([name, value]) => `${name}:${value}`),
    meta: { traitline_sync: sync.key, destination: sync.destination, stream: sync.stream, mode: sync.mode },
  }
}

/** As YAML; every text is written as JSON writes it, which YAML reads alike. */
export function exposuresYaml(exposures: readonly Exposure[]): string {
  const text = (value: string): string => JSON.stringify(value)
  const lines = exposures.flatMap(({ name, label, type, description, models, owner, tags, meta }) => [
    `  - name: ${name}`,
    `    label: ${text(label)}`,
    `    type: ${type}`,
    `    description: ${text(description)}`,
    '    depends_on:',
    ...models.map((model) => `      - ref(${text(model).replaceAll('"', "'")})`),
    '    owner:',
    `      name: ${text(owner.name)}`,
    ...(owner.email === undefined ? [] : [`      email: ${text(owner.email)}`]),
    '    config:',
    `      tags: [${tags.map(text).join(', ')}]`,
    `      meta: { ${Object.entries(meta)
      .map(([key, value]) => `${key}: ${text(value)}`)
      .join(', ')} }`,
  ])
  return [
    '# Written by `traitline sync exposures`: edits are lost.',
    'version: 2',
    '',
    'exposures:',
    ...lines,
    '',
  ].join('\n')
}
