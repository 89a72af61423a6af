import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCase } from '../../activities/sync/mapping/case.ts'
import type { SyncSpec } from '../../orchestrator/contract/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { compileProject, loadProject } from '../../orchestrator/project/index.ts'
import { tempDir } from '../harness/temp.ts'

test('the examples of the guide on mappings are a project whose cases pass', async () => {
  const guide = await readFile(join(packageRoot(), 'docs/guides/mapping.md'), 'utf8')
  const blocks = [...guide.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code)
  const dir = await tempDir()
  await writeFile(join(dir, 'traitline.ts'), blocks.join('\n'))
  const { manifest, cases } = await compileProject({
    dir,
    definitions: await loadProject(dir),
    dbt: () => Promise.reject(new Error('no dbt here')),
  })
  const specs = new Map(manifest.assets.map((asset) => [asset.key, asset]))
  expect(cases.length).toBeGreaterThan(2)
  for (const { sync, name, test: one } of cases) {
    expect([name, runCase(manifest, specs.get(sync) as SyncSpec, one).difference]).toEqual([name, []])
  }
})
