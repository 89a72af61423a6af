/**
 * A project of 10,000 assets with two deps each, 400 deep: defined, compiled and stored; planned; its graph asked of a
 * server in a process of its own, and what that process then holds. Beside it the limit, reading the manifest's text
 * from PostgreSQL and parsing its JSON, and Dagster at the same work in the same run. Prints one line of JSON; times in
 * milliseconds, the least of the rounds.
 */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Client } from 'pg'
import type { Manifest } from '../orchestrator/contract/index.ts'
import { entity, project, source, sql, trait, type Project, type Trait } from '../orchestrator/define/index.ts'
import { planRun } from '../orchestrator/plan/index.ts'
import { freePort, packageRoot } from '../orchestrator/process/index.ts'
import { compileProject, diffManifests } from '../orchestrator/project/index.ts'
import { benchOnStack, type BenchStack } from './parts/stack.ts'
import { measureDagster } from './peers/dagster.ts'

const assets = 10_000
const width = 25
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
    const one = traits[at - width]
    const other = traits[at - width - 1]
    traits.push(
      trait.continuous(`t${at}`, {
        of: person,
        from:
          one === undefined || other === undefined
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

await benchOnStack(measure)

async function measure({ folder, url, store, address }: BenchStack): Promise<object> {
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

    const graph = await askServer({ folder, url, address })
    const read = await least(async () => {
      const { rows } = await reader.query<{ body: string }>('select body::text as body from traitline.manifest')
      return JSON.parse(rows[0]?.body ?? '{}') as Manifest
    })
    const ours = {
      definedCompiledDeployed: defined.ms + compiled.ms + deployed,
      graph: graph.ms,
    }
    const dagster = await measureDagster('large', assets)
    return {
      bench: 'large-project',
      assets,
      ms: { define: defined.ms, compile: compiled.ms, deploy: deployed, plan: planned.ms, graph: graph.ms },
      definedCompiledDeployedMs: ours.definedCompiledDeployed,
      graphBytes: graph.bytes,
      serverRssMb: graph.rssMb,
      readAndParseMs: read.ms,
      dagster,
      ratio: dagster && {
        snapshot: round2(ours.definedCompiledDeployed / ((dagster.ms['load'] ?? 0) + (dagster.ms['snapshot'] ?? 0))),
        graph: round2(ours.graph / (dagster.ms['graph'] ?? 0)),
      },
      aim: { definedCompiledDeployedMs: 2_000, planMs: 1_000, graphMs: 100, serverRssMb: 250 },
    }
  } finally {
    await reader.end()
  }
}

/** The graph as `traitline server` answers it: the least time, its size, and the server's memory after the rounds. */
async function askServer({
  folder,
  url,
  address,
}: Pick<BenchStack, 'folder' | 'url' | 'address'>): Promise<{ ms: number; bytes: number; rssMb: number }> {
  const port = await freePort()
  const server = spawn(process.execPath, [join(packageRoot(), 'dist/orchestrator/main/cli.js'), 'server'], {
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: url,
      TEMPORAL_ADDRESS: address,
      TRAITLINE_WAREHOUSE: `duckdb:${join(folder, 'warehouse.duckdb')}`,
      TRAITLINE_HOME: join(folder, 'home'),
      TRAITLINE_PORT: String(port),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(server, 'close')
  try {
    await Promise.race([
      once(createInterface(server.stdout), 'line', { signal: AbortSignal.timeout(60_000) }),
      ended.then(([code]) => Promise.reject(new Error(`the server ended with ${code} before it served`))),
    ])
    const graph = await least(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/graph`, { signal: AbortSignal.timeout(30_000) })
      if (!answer.ok) throw new Error(`the server answered ${answer.status}`)
      return answer.text()
    })
    return { ms: graph.ms, bytes: graph.result.length, rssMb: await residentMb(server.pid as number) }
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}

async function residentMb(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)])
  return Math.round(Number(stdout) / 1_024)
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
