import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hideSecrets, hidingSecrets } from './secrets.ts'

const pem = '-----BEGIN KEY-----\nMIIEcanaryOne\nMIIEcanaryTwo\n-----END KEY-----\n'

test('of two secrets one of which stands in the other, nothing is left', () => {
  expect(hidingSecrets(['canary', 'canary-longer'])('canary-longer canary')).toBe('*** ***')
  expect(hidingSecrets(['true'])('it is true')).toBe('it is true')
})

test('a key of several lines is hidden line by line, and as Python and JSON write it', () => {
  for (const line of pem.split('\n')) expect(hidingSecrets([pem])(line)).not.toMatch(/canary|KEY/)
  expect(hidingSecrets([pem])(JSON.stringify({ key: pem }))).not.toContain('canary')
  expect(hidingSecrets([String.raw`one\canary-two`])(String.raw`{'key': 'one\\canary-two'}`)).not.toContain('canary')
})

test('the notebook that is kept has outputs line by line, and shows none of a secret’s lines', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'traitline-secrets-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'executed.ipynb')
  const text = pem.split(/(?<=\n)/)
  await writeFile(path, JSON.stringify({ cells: [{ outputs: [{ name: 'stdout', text }] }], nbformat: 4 }, null, 1))
  await hideSecrets(path, [pem])
  const kept = await readFile(path, 'utf8')
  expect(kept).not.toContain('canary')
  expect(JSON.parse(kept)).toMatchObject({ nbformat: 4 })
})
