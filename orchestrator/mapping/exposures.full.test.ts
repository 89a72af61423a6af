import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pythonBin } from '../../test/harness/python.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { packageRoot } from '../process/index.ts'
import { compileProject, createDbtParser, loadProject } from '../project/index.ts'
import { exposuresOf, exposuresYaml } from './exposures.ts'

test('real dbt takes the exposures of the shop’s syncs, each on the models that it reads', async () => {
  const dir = join(await tempDir(), 'shop')
  await cp(join(packageRoot(), 'examples/shop'), dir, { recursive: true })
  await mkdir(join(dir, 'data'), { recursive: true })
  if (!existsSync(join(dir, 'data/cdnow_purchases.csv'))) await writeFile(join(dir, 'data/cdnow_purchases.csv'), '')
  const parse = createDbtParser({ dbtExecutable: pythonBin('dbt'), home: await tempDir() })
  let asked: Parameters<typeof parse>[0] | undefined
  const compiled = await compileProject({
    dir,
    definitions: await loadProject(dir),
    dbt: (input) => parse((asked = input)),
  })
  const exposures = exposuresOf(compiled.manifest, 'shop')
  expect(exposures.map(({ name }) => name)).toEqual(
    compiled.manifest.assets.filter(({ kind }) => kind === 'sync').map(({ key }) => key.replace('/', '_')),
  )
  const odd = { ...exposures[0]!, description: 'Says "hello":\n- {{ not_a_macro }} #1', tags: ['team:growth'] }

  await writeFile(join(dir, 'dbt/models/traitline_exposures.yml'), exposuresYaml([odd, ...exposures.slice(1)]))
  const parsed = await parse(asked!)
  const found = Object.values((parsed as { exposures: Record<string, Record<string, unknown>> }).exposures)
  for (const { name, models, owner, meta } of exposures) {
    expect(found.find((each) => each['name'] === name)).toMatchObject({
      type: 'application',
      owner,
      meta,
      depends_on: { nodes: models.map((model) => `model.shop.${model}`) },
    })
  }
})
