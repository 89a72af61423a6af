import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempDir } from '../../../test/harness/temp.ts'
import { claimHome, homeOwner } from './claim.ts'

test('a home is one process’s until it is given up', async () => {
  const home = await tempDir()
  expect(await homeOwner(home)).toBeNull()
  const claim = await claimHome(home)
  if (!('release' in claim)) throw new Error('a new home was taken')
  expect(await homeOwner(home)).toBe(process.pid)
  expect(await claimHome(home)).toEqual({ takenBy: process.pid })
  await claim.release()
  expect(await homeOwner(home)).toBeNull()
  expect(await readdir(home)).toEqual([])
})

test('of several that want it at once, one gets it', async () => {
  const home = await tempDir()
  const claims = await Promise.all(Array.from({ length: 8 }, () => claimHome(home)))
  expect(claims.filter((claim) => 'release' in claim)).toHaveLength(1)
})

test('what a process that died has left is taken over, even if another has its id now', async () => {
  const home = await tempDir()
  await claimHome(home)
  const file = join(home, 'owner.json')
  const owner = JSON.parse(await readFile(file, 'utf8')) as { started: string }

  await writeFile(file, JSON.stringify({ ...owner, started: 'before' }))
  expect(await homeOwner(home)).toBeNull()
  expect(await claimHome(home)).toHaveProperty('release')

  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  await writeFile(file, JSON.stringify({ pid: gone.pid, started: owner.started }))
  expect(await claimHome(home)).toHaveProperty('release')
})
