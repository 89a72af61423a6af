/** Runs each benchmark of this folder in a process of its own, or the ones named: one line of JSON each. */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'

const named = process.argv.slice(2)
const all = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !file.includes('-workflows'))
for (const file of all.filter((file) => named.length === 0 || named.includes(basename(file, '.ts')))) {
  const { status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, '../node_modules/jiti/lib/jiti-cli.mjs'), join(import.meta.dirname, file)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  if (status !== 0) process.exitCode = 1
}
