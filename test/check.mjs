/** `npm run check`: format, lint, types, rooms, dead code; all of them run, whatever the first one says. */
import { spawnSync } from 'node:child_process'

const checks = {
  format: ['prettier', '--check', '--log-level', 'warn', '.'],
  lint: ['eslint', '.', '--max-warnings', '0', '--cache', '--cache-location', 'node_modules/.cache/eslint/'],
  types: ['tsc', '--noEmit', '-p', '.'],
  'types of the page': ['tsc', '--noEmit', '-p', 'ui'],
  'rooms and generated pages': ['vitest', 'run', 'test/rooms.test.ts', 'test/docs.test.ts', 'test/readme.test.ts'],
  'dead code': ['knip'],
}
const failed = Object.entries(checks).filter(([name, [tool, ...args]]) => {
  process.stdout.write(`check: ${name}\n`)
  const { status } = spawnSync(`node_modules/.bin/${tool}`, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  return status !== 0
})
if (failed.length > 0) {
  process.stdout.write(`check failed: ${failed.map(([name]) => name).join(', ')}\n`)
  process.exitCode = 1
}
