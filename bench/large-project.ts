/**
 * A project of 10,000 assets with two deps each: defined, compiled and stored; planned; its graph asked of the API; what
 * the process then holds. Beside it the limit: parsing the manifest's JSON and reading its text from PostgreSQL. Prints
 * one line of JSON; times in milliseconds, the least of the rounds. Dagster 1.13 on a machine of two cores: 18 s to a
 * snapshot of such a project, 1.5 to 2.8 s for its graph, 600 MB.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import type { Manifest } from '../orchestrator/contract/index.ts'
import { entity, project, source, sql, trait, type Project, type Trait } from '../orchestrator/define/index.ts'
import { startPostgres } from '../orchestrator/main/stack/postgres.ts'
import { planRun } from '../orchestrator/plan/index.ts'
import { freePort } from '../orchestrator/process/index.ts'
import { compileProject, diffManifests } from '../orchestrator/project/index.ts'
import { createServer, type ServerOptions } from '../orchestrator/server/index.ts'
import { createStore, migrate } from '../orchestrator/store/index.ts'

const assets = 10_000
const rounds = 3
const scope = { environment: 'bench', project: 'large' }

function define(): Project {
  const people = source('people', {
    table: 'raw.people',
    columns: { id: 'text', score: 'number' },
  })
  const person = entity('person', { key: 'id', population: people })
  const traits: Trait[] = []
  for (let at = 0; at < assets - 1; at++) {
    const one = traits[Math.floor(at / 2)]
    const other = traits[at - 1]
    traits.push(
      trait.continuous(`t${at}`, {
        of: person,
        from:
          one === undefined || other === undefined || one === other
            ? people.column('score')
            : sql`select a.id, a.value + b.value as value from ${one} a join ${other} b using (id)`,
      }),
    )
  }
  return project('large', { assets: traits })
}

async function least<T>(work: () => T | Promise<T>): Promise<{ readonly ms: number; readonly result: T }> {
  let ms = Infinity
  let result: T | undefined
  for (let round = 0; round < rounds; round++) {
    const began = performance.now()
    result = await work()
    ms = Math.min(ms, performance.now() - began)
  }
  return { ms: Math.round(ms), result: result as T }
}

const folder = await mkdtemp('/var/tmp/traitline-bench-')
await chmod(folder, 0o711)
const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: await freePort() })
try {
  process.stdout.write(`${JSON.stringify(await measure())}\n`)
} finally {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

async function measure(): Promise<object> {
  await postgres.ensureDatabase('bench')
  const url = postgres.url('bench')
  await migrate(url)
  const store = createStore({ url })
  const reader = new Client({ connectionString: url })
  await reader.connect()
  try {
    const defined = await least(define)
    const noDbt = () => Promise.reject(new Error('there is no dbt project'))
    const compiled = await least(() => compileProject({ dir: folder, definitions: defined.result, dbt: noDbt }))
    const { manifest, hash: manifestHash, code } = compiled.result
    const began = performance.now()
    const diff = diffManifests(null, manifest)
    await store.revisions.deploy({ scope, manifest, manifestHash, diff, deployedBy: null, code })
    const deployed = Math.round(performance.now() - began)

    const keys = manifest.assets.map(({ key }) => key)
    const planned = await least(async () => {
      const states = await store.assets.states(scope, keys)
      return planRun({ assets: manifest.assets, states, targets: keys, force: false, warehouse: null })
    })
    if (planned.result.steps.length !== assets) throw new Error('not everything was planned')

    const parts = { runs: { warehouse: 'bench', concurrency: 8 }, pingTemporal: () => Promise.resolve() }
    const server = createServer({ store, ...parts } as unknown as ServerOptions)
    const graph = await least(async () => (await server.app.request('/api/v1/graph')).text())
    await server.close()
    const read = await least(async () => {
      const { rows } = await reader.query<{ body: string }>('select body::text as body from traitline.manifest')
      return JSON.parse(rows[0]?.body ?? '{}') as Manifest
    })
    const total = defined.ms + compiled.ms + deployed
    return {
      bench: 'large-project',
      assets,
      ms: { define: defined.ms, compile: compiled.ms, deploy: deployed, plan: planned.ms, graph: graph.ms },
      graphBytes: graph.result.length,
      readAndParseMs: read.ms,
      timesReadAndParse: { graph: Math.round((graph.ms / read.ms) * 100) / 100 },
      rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
      aim: { defineCompileDeploy: 2_000, plan: 1_000, graph: 100 },
      defineCompileDeploy: total,
    }
  } finally {
    await reader.end()
    await store.close()
  }
}
