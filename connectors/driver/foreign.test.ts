import { access, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { configuredStream } from '../../test/harness/destination.ts'
import { pythonBin } from '../../test/harness/python.ts'
import { tempDir } from '../../test/harness/temp.ts'
import { conformanceCases, type ConformanceTarget } from '../kit/conformance/index.ts'
import type { ConnectorSpecification } from '../protocol/index.ts'
import type { Acknowledgement, ConnectorCommand } from './driver.ts'
import { openWrite, resolveConnector, runCheck, runDiscover, runSpec } from './index.ts'

const installTimeoutMs = 10 * 60_000
/** It takes seconds to start, and on a busy machine many. */
const testTimeoutMs = 240_000

/** Each case starts the program again; in the full tier all of them are tried. */
const quickCases = [
  'write answers each STATE once, in order, with all rows written',
  'explicit nulls, and LOG and TRACE between the rows, do no harm',
  'check turns down a command that fails',
]
const full = process.env['TRAITLINE_TEST_FULL'] === '1'

/** Stands in for a model: each text's vector is its length. */
const embedder = 'import json, sys; print(json.dumps([[float(len(t)), 1.0, 0.0, 0.0] for t in json.load(sys.stdin)]))'

/** A destination that nobody here wrote: Parquet tables with vectors, on Airbyte's Python CDK. */
describe('airbyte-destination-ailake from PyPI', { timeout: testTimeoutMs }, () => {
  let command: ConnectorCommand
  let spec: ConnectorSpecification

  beforeAll(async () => {
    const uv = pythonBin('uv')
    const hasUv = await access(uv).then(
      () => true,
      () => false,
    )
    command = await resolveConnector(
      { type: 'pypi', package: 'airbyte-destination-ailake', version: '0.1.16' },
      {
        // Beside the suite's Python, so that it is installed once.
        home: join(dirname(inject('pythonEnv')), 'connectors-of-tests'),
        env: environment(),
        pythonExecutable: pythonBin('python'),
        ...(hasUv ? { uvExecutable: uv } : {}),
      },
    )
    spec = await runSpec({ command, timeoutMs: testTimeoutMs })
  }, installTimeoutMs)

  async function prepare(): Promise<{ config: Record<string, unknown>; base: string }> {
    const folder = await tempDir()
    const script = join(folder, 'embed.py')
    const base = join(folder, 'lake')
    await mkdir(base)
    await writeFile(script, embedder)
    const config = {
      table_base_path: base,
      embed_mode: 'cmd',
      embed_cmd: `${pythonBin('python')} ${script}`,
      embedding_dim: 4,
      text_field: 'note',
    }
    return { config, base }
  }

  test('writes Parquet that DuckDB reads, every batch acknowledged', async () => {
    const { config, base } = await prepare()
    const log: string[] = []
    const session = await openWrite({
      command,
      spec,
      config,
      catalog: { streams: [configuredStream('people', ['id', 'note'])] },
      onLog: ({ text }) => log.push(text),
      idleTimeoutMs: testTimeoutMs,
    })
    for (let batch = 0; batch < 3; batch++) {
      await session.send({
        batch,
        records: [0, 1, 2, 3].map((n) => ({
          stream: 'people',
          data: { id: `${batch}-${n}`, note: 'x'.repeat(n + 1) },
          emitted_at: 1,
        })),
        state: {
          type: 'STREAM',
          stream: { stream_descriptor: { name: 'people' }, stream_state: { batch, id: `run:${batch}`, hash: 'h' } },
        },
      })
    }
    session.end()
    const acknowledgements: Acknowledgement[] = []
    for await (const acknowledgement of session.acknowledgements) acknowledgements.push(acknowledgement)
    await session.close()
    // It echoes states without statistics.
    expect(acknowledgements.map(({ batch, detailed, recordCount }) => [batch, detailed, recordCount])).toEqual([
      [0, false, null],
      [1, false, null],
      [2, false, null],
    ])
    const rows = await readParquet(join(base, 'people'))
    expect(rows).toEqual([0, 1, 2].flatMap((batch) => [0, 1, 2, 3].map((n) => [`${batch}-${n}`, 'x'.repeat(n + 1)])))
  })

  test('check answers, and discover is not known to it', async () => {
    const { config } = await prepare()
    const options = { command, spec, timeoutMs: testTimeoutMs }
    expect(await runCheck({ ...options, config })).toMatchObject({ status: 'SUCCEEDED' })
    expect(await runDiscover({ ...options, config })).toBeNull()
  })

  test('a configuration that its own spec does not allow is told by field, before it is started', async () => {
    const { config } = await prepare()
    const opening = openWrite({
      command,
      spec,
      config: { ...config, embed_mode: 'guess', table_base_path: 7 },
      catalog: { streams: [] },
      onLog: () => undefined,
      idleTimeoutMs: testTimeoutMs,
    })
    await expect(opening).rejects.toMatchObject({
      code: 'CONNECTOR_CONFIG_INVALID',
      message: expect.stringMatching(
        /table_base_path must be string; embed_mode must be equal to one of .*cmd, openai/,
      ) as string,
    })
  })

  test('conforms to the protocol', async () => {
    const { config, base } = await prepare()
    const target: ConformanceTarget = {
      command: command.command,
      env: command.env,
      config,
      badConfigs: { 'a command that fails': { ...config, embed_cmd: 'false' } },
      stream: configuredStream('people', ['id', 'note']),
      row: (n, text = 'a note') => ({ id: String(n), note: text }),
      written: async () => (await readParquet(join(base, 'people'))).length,
      kit: false,
      // Its CDK writes a null for whatever is unset, which the declaration does not allow.
      messageErrors: () => [],
      timeoutMs: testTimeoutMs,
    }
    const failures: string[] = []
    for (const { name, run } of conformanceCases(target)) {
      if (!full && !quickCases.includes(name)) continue
      await run().catch((error: Error) => failures.push(`${name}: ${error.message}`))
    }
    expect(failures).toEqual([])
  })
})

function environment(): Record<string, string> {
  const known = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return Object.fromEntries(known)
}

async function readParquet(folder: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  try {
    const files = await connection.runAndReadAll(`select count(*) from glob('${folder}/**/*.parquet')`)
    if (files.getRows()[0]?.[0] === 0n) return []
    const reader = await connection.runAndReadAll(
      `select id, text from read_parquet('${folder}/**/*.parquet') order by id`,
    )
    return reader.getRows()
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
