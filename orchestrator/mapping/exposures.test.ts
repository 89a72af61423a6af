import { expect, test } from 'vitest'
import type { AssetSpec, Manifest } from '../contract/index.ts'
import { exposuresOf, exposuresYaml } from './exposures.ts'

const asset = (spec: Partial<AssetSpec>): AssetSpec =>
  ({ description: null, owners: [], tags: {}, deps: [], ...spec }) as AssetSpec
const model = (name: string, deps: AssetSpec['deps'] = []) =>
  asset({ kind: 'model', key: `model/shop/${name}`, dbtProject: 'shop', uniqueId: `model.shop.${name}`, deps })

test('a sync is an exposure of the models that are nearest upstream', () => {
  const assets = [
    model('raw'),
    model('people', ['model/shop/raw']),
    asset({ kind: 'trait', key: 'trait/ltv', deps: ['model/shop/people'] }),
    asset({ kind: 'audience', key: 'audience/best', deps: ['trait/ltv'] }),
    asset({
      ...{
        kind: 'sync',
        key: 'sync/to_crm',
        from: 'audience/best',
        destination: 'crm',
        stream: 'people',
        mode: 'upsert',
      },
      ...{ deps: ['audience/best'], owners: ['Ann', 'ann@example.com'], description: 'For sales' },
    }),
    asset({ kind: 'sync', key: 'sync/other', deps: [] }),
  ]
  const found = exposuresOf({ assets } as unknown as Manifest, 'shop')
  expect(found).toMatchObject([
    { name: 'sync_to_crm', models: ['people'], owner: { name: 'Ann', email: 'ann@example.com' } },
  ])
  expect(exposuresYaml(found)).toContain("      - ref('people')\n")
})
