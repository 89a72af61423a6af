import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../test/harness/temp.ts'
import { boundNotebook } from './bound.ts'

const limits = { mostBytes: 2_000, largeOutput: 500, hopeless: 10_000 }

const notebook = (...texts: string[]) =>
  JSON.stringify({
    cells: texts.map((text) => ({ cell_type: 'code', outputs: [{ output_type: 'stream', name: 'stdout', text }] })),
  })

async function bounded(content: string): Promise<string | null> {
  const path = join(await tempDir(), 'executed.ipynb')
  await writeFile(path, content)
  await boundNotebook(path, limits)
  return stat(path).then(
    () => readFile(path, 'utf8'),
    () => null,
  )
}

test('what fits stays as it is; of what does not, large outputs are left out and say so', async () => {
  const small = notebook('fits', 'too')
  expect(await bounded(small)).toBe(small)
  const cut = await bounded(notebook('short', 'x'.repeat(3_000)))
  expect(cut).toContain('short')
  expect(cut).toContain('MB left out')
  expect(cut).not.toContain('xxx')
  expect(await bounded(notebook('x'.repeat(20_000)))).toBeNull()
})

test('a notebook that was never written is none to bound', async () => {
  await boundNotebook(join(await tempDir(), 'executed.ipynb'), limits)
})
