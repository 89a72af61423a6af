import { cp, mkdir, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { compileProject, createDbtParser, loadProject } from '../../orchestrator/project/index.ts'
import { packageRoot } from '../../orchestrator/process/index.ts'
import { pythonBin } from '../harness/python.ts'
import { tempDir } from '../harness/temp.ts'

/** The example project, compiled with real dbt. */
export async function compiledShop(): ReturnType<typeof compileProject> {
  const dir = join(await tempDir(), 'shop')
  await cp(join(packageRoot(), 'examples/shop'), dir, { recursive: true })
  await mkdir(join(dir, 'data'), { recursive: true })
  const purchases = join(dir, 'data/cdnow_purchases.csv')
  if (!existsSync(purchases)) await writeFile(purchases, '')
  const dbt = createDbtParser({ dbtExecutable: pythonBin('dbt'), home: join(dir, 'home') })
  return compileProject({ dir, definitions: await loadProject(dir), dbt })
}
