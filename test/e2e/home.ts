import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import type { ReceivedMessage } from '../../connectors/destination-slack/receiver.ts'
import type { StackFile } from '../../orchestrator/main/stack/home.ts'
import { startPostgres } from '../../orchestrator/main/stack/postgres.ts'
import { freePort } from '../../orchestrator/process/index.ts'

/** A home folder of its own, removed when the test has finished. */
export async function tempHome(): Promise<string> {
  const folder = await mkdtemp('/var/tmp/traitline-e2e-')
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  // As root PostgreSQL runs as another user, who has to pass through.
  await chmod(folder, 0o711)
  return join(folder, 'home')
}

/** What a running stack tells of itself. */
export async function stackOf(home: string): Promise<StackFile> {
  return JSON.parse(await readFile(join(home, 'stack.json'), 'utf8')) as StackFile
}

/** One column of a query on a home's DuckDB file, read while no stack runs on it. */
export async function fromWarehouse(home: string, query: string): Promise<string[]> {
  const instance = await DuckDBInstance.create(join(home, 'warehouse.duckdb'), { access_mode: 'READ_ONLY' })
  try {
    const connection = await instance.connect()
    const reader = await connection.runAndReadAll(query)
    connection.closeSync()
    return reader.getRows().map(([value]) => String(value))
  } finally {
    instance.closeSync()
  }
}

/** Queries databases of a home's embedded PostgreSQL while no stack runs on it. */
export async function withDatabase<T>(
  home: string,
  database: string,
  work: (query: (text: string) => Promise<Record<string, unknown>[]>) => Promise<T>,
): Promise<T> {
  const postgres = await startPostgres({ folder: join(home, 'postgres'), port: await freePort() })
  const client = new Client({ connectionString: postgres.url(database) })
  try {
    await client.connect()
    return await work(async (text) => (await client.query<Record<string, unknown>>(text)).rows)
  } finally {
    await client.end()
    await postgres.stop()
  }
}

/** What the local receiver got instead of Slack. */
export async function slackMessages(home: string): Promise<ReceivedMessage[]> {
  const text = await readFile(join(home, 'slack-messages.jsonl'), 'utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as ReceivedMessage)
}
