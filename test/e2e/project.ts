import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { tempDir } from '../harness/temp.ts'

/** A project of these files, by path; gone when the test has finished. */
export async function writeProject(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await tempDir()
  for (const [path, content] of Object.entries({ 'package.json': '{ "type": "module" }\n', ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  await chmod(folder, 0o700)
  return folder
}

/** A notebook of one cell of code. */
export function notebookOf(code: string): string {
  return JSON.stringify({
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { name: 'python3', display_name: 'Python 3', language: 'python' } },
    cells: [{ id: 'one', cell_type: 'code', source: code, metadata: {}, outputs: [], execution_count: null }],
  })
}

export const dbtProject = `name: small
version: '1.0.0'
config-version: 2
profile: traitline
models:
  small:
    +materialized: table
`
