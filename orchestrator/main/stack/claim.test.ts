import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/harness/temp.ts'
import { claimFile, ownerOf } from './claim.ts'

test('a home is one process’s until it is given up', async () => {
  const home = await tempDir()
  expect(await ownerOf(join(home, 'owner.json'))).toBeNull()
  const claim = await claimFile(join(home, 'owner.json'))
  if (!('release' in claim)) throw new Error('a new home was taken')
  expect(await ownerOf(join(home, 'owner.json'))).toBe(process.pid)
  expect(await claimFile(join(home, 'owner.json'))).toEqual({ takenBy: process.pid })
  await claim.release()
  expect(await ownerOf(join(home, 'owner.json'))).toBeNull()
  expect(await readdir(home)).toEqual([])
})

test('of several that want it at once, one gets it', async () => {
  const home = await tempDir()
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimFile(join(home, 'owner.json'))))
  expect(claims.filter((claim) => 'release' in claim)).toHaveLength(1)
})

test('what a process that died has left is taken over, even if another has its id now', async () => {
  const home = await tempDir()
  await claimFile(join(home, 'owner.json'))
  const file = join(home, 'owner.json')
  const owner = JSON.parse(await readFile(file, 'utf8')) as { started: string }

  await writeFile(file, JSON.stringify({ ...owner, started: 'before' }))
  expect(await ownerOf(join(home, 'owner.json'))).toBeNull()
  expect(await claimFile(join(home, 'owner.json'))).toHaveProperty('release')

  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  await writeFile(file, JSON.stringify({ pid: gone.pid, started: owner.started }))
  expect(await claimFile(join(home, 'owner.json'))).toHaveProperty('release')
})

test('of several that take over what was left, one gets it', async () => {
  const file = join(await tempDir(), 'owner.json')
  for (let round = 0; round < 20; round++) {
    await writeFile(file, JSON.stringify({ pid: process.pid, started: 'before', claim: `left ${round}` }))
    const claims = await Promise.all(Array.from({ length: 8 }, () => claimFile(file)))
    expect(claims.filter((claim) => 'release' in claim)).toHaveLength(1)
    expect(await ownerOf(file)).toBe(process.pid)
  }
})
