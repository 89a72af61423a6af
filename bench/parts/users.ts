import { setUpSync, type SyncSetup } from '../../activities/sync/setup.ts'
import { manifestIndex } from '../../activities/runtime/index.ts'
import type { Warehouse } from '../../activities/warehouse/warehouse.ts'
import type {
  AssetKey,
  DestinationSpec,
  Manifest,
  SyncMode,
  TraitSpec,
  TraitType,
} from '../../orchestrator/contract/index.ts'

export const usersSchema = 'traitline_bench'
const base = { description: null, group: null, owners: [], tags: {}, definedAt: null, columns: [], codeVersion: 'v1' }
const types: Readonly<Record<string, TraitType>> = {
  lifetime_value: { type: 'continuous', unit: null, min: 0, max: null, precision: 2, integer: false },
  orders: { type: 'continuous', unit: null, min: 0, max: null, precision: 0, integer: true },
  tier: { type: 'categorical', categories: ['gold', 'silver', 'bronze'] },
  repeat_buyer: { type: 'boolean' },
}
/** A project whose one sync, `sync/users`, sends users of four columns beside their key, or more. */
export function usersManifest(
  mode: SyncMode,
  destination: DestinationSpec,
  more: Readonly<Record<string, TraitType>> = {},
): Manifest {
  const traits = Object.entries({ ...types, ...more }).map(([name, trait]): TraitSpec => ({
    ...base,
    kind: 'trait',
    key: `trait/${name}`,
    deps: [],
    relation: { schema: usersSchema, name: `trait_${name}` },
    entity: 'user',
    trait,
    origin: { type: 'column', asset: 'model/bench/users', column: name },
  }))
  const keys = traits.map(({ key }): AssetKey => key)
  return {
    format: 1,
    project: 'bench',
    timeZone: 'UTC',
    asOf: null,
    schema: usersSchema,
    entities: [{ name: 'user', key: { column: 'user_id', type: 'text' }, population: null }],
    dbtProjects: [],
    destinations: [destination],
    assets: [
      ...traits,
      {
        ...base,
        kind: 'user_model',
        key: 'user_model/user',
        deps: keys,
        relation: { schema: usersSchema, name: 'user_model_user' },
        entity: 'user',
        traits: keys,
      },
      {
        ...base,
        kind: 'sync',
        key: 'sync/users',
        deps: ['user_model/user', ...keys],
        relation: null,
        entity: 'user',
        from: 'user_model/user',
        destination: destination.name,
        stream: destination.streams[0]?.name ?? '',
        mode,
        mapping: [
          { field: 'user_id', value: { type: 'key' } },
          ...keys.map((trait) => ({ field: trait.slice('trait/'.length), value: { type: 'trait' as const, trait } })),
        ],
      },
    ],
  }
}

export function usersSync(manifest: Manifest): SyncSetup {
  return setUpSync(manifestIndex(manifest), 'sync/users')
}

/** So many users, in no order. */
export async function makeUsers(warehouse: Warehouse, count: number): Promise<void> {
  await warehouse.transaction(
    [
      `create schema if not exists ${usersSchema}`,
      `create or replace table ${usersSchema}.user_model_user as
       select printf('user-%09d', i) as user_id, (i * 7919 % 100000) / 100.0::double as lifetime_value,
         i % 7 as orders, ['gold', 'silver', 'bronze'][1 + i % 3] as tier, i % 2 = 0 as repeat_buyer
       from range(${count}) r(i) order by hash(i)`,
    ].map((text) => ({ text, parameters: [] })),
  )
}
