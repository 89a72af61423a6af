import { bundleWorkflowCode } from '@temporalio/worker'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { packageRoot } from '../orchestrator/process/index.ts'

const outside = /node_modules\/(zod|kysely|pg|pg-[a-z-]+|hono|@duckdb|@temporalio\/(client|worker|activity))\//
const otherRooms = /\.\/(orchestrator\/(?!contract\/)[a-z]+|activities|connectors|ui)\//

/**
 * Workflow modules are evaluated again for each workflow: one that pulled zod in cost ten milliseconds more, and what
 * is not deterministic has no place in them.
 */
test('the workflows’ bundle holds workflows, contract and the SDK, nothing else', async () => {
  const silent = () => undefined
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(packageRoot(), 'workflows/index.ts'),
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  })
  // Two thirds of the bundle are its map of sources, comments included, which nobody evaluates.
  const evaluated = code.lastIndexOf('//# sourceMappingURL=')
  const modules = [...code.matchAll(/^\/\*\*\*\/ "([^"]+)"/gm)].map((match) => match[1] as string)
  expect(modules.length).toBeGreaterThan(20)
  expect(modules.filter((name) => outside.test(name) || otherRooms.test(name))).toEqual([])
  const packages = new Set(modules.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []))
  console.log(
    `workflow bundle: ${Math.round(evaluated / 1e3)} kB and a map, ${gzipSync(code).length} bytes gzipped, of ${[...packages].sort().join(', ')}`,
  )
  expect(modules.filter((name) => isBuiltin(name.replace(/^.*external /, '')))).toEqual([])
  expect(evaluated).toBeGreaterThan(100_000)
  expect(evaluated).toBeLessThan(750_000)
})
