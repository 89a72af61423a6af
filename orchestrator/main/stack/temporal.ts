import { join } from 'node:path'
import { Connection } from '@temporalio/client'
import { TraitlineError } from '../../contract/index.ts'
import { privateDir, startOwned } from '../../process/index.ts'

export interface TemporalDevServer {
  readonly address: string
  readonly uiUrl: string
  readonly pid: number
  stop(): Promise<void>
}

export interface TemporalOptions {
  /** The Temporal CLI of the Python environment. */
  readonly executable: string
  readonly folder: string
  readonly port: number
  readonly uiPort: number
  /** Beyond what every stack has. */
  readonly dynamicConfig?: Readonly<Record<string, boolean>>
}

/** Priorities work as they are; fairness between projects has to be asked for. */
const fairness = { 'matching.enableFairness': true, 'matching.useNewMatcher': true }

const startTimeoutMs = 30_000

/** Temporal's dev server on a database file, with its web UI. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalDevServer> {
  const { executable, folder, port, uiPort, dynamicConfig = {} } = options
  await privateDir(folder)
  const log: string[] = []
  const server = await startOwned(
    executable,
    [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--db-filename', join(folder, 'temporal.db'), '--log-level', 'error'],
      // Without these each step waits for the disk: a child workflow costs seven times as much.
      ...['--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal'],
      ...Object.entries({ ...fairness, ...dynamicConfig }).flatMap(([key, value]) => [
        '--dynamic-config-value',
        `${key}=${value}`,
      ]),
    ],
    {
      env: { HOME: folder, PATH: '/usr/bin:/bin' },
      onStderrLine: (line) => {
        log.push(line)
        if (log.length > 50) log.shift()
      },
    },
  )
  let ended = false
  void server.done.then(
    () => (ended = true),
    () => (ended = true),
  )
  const address = `127.0.0.1:${port}`
  const deadline = Date.now() + startTimeoutMs
  while (!(await answers(address))) {
    if (ended || Date.now() > deadline) {
      await server.kill()
      throw new TraitlineError({
        code: 'TEMPORAL_NOT_STARTED',
        message: `Temporal's dev server did not start on ${address}: ${log.find((line) => /rror/.test(line))?.slice(0, 300) ?? 'it said nothing'}`,
        hint: 'Set TRAITLINE_TEMPORAL_PORT to a free port, or TEMPORAL_ADDRESS to a server of your own.',
        blame: 'system',
      })
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, pid: server.pid, stop: () => server.kill() }
}

/** True once the default namespace is there: the server answers a little before that. */
async function answers(address: string): Promise<boolean> {
  let connection: Connection | undefined
  try {
    connection = await Connection.connect({ address, connectTimeout: 1_000 })
    await connection.workflowService.describeNamespace({ namespace: 'default' })
    return true
  } catch {
    return false
  } finally {
    await connection?.close().catch(() => undefined)
  }
}
