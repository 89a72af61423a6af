import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot, startOwned } from '../../../orchestrator/process/index.ts'
import { migrate } from '../../../orchestrator/store/index.ts'
import { freshDatabase } from '../../harness/postgres.ts'
import { tempDir } from '../../harness/temp.ts'
import { startSlackStandIn } from '../../stand-ins/slack.ts'
import type { SenderJob } from './sender-process.ts'

const perSecond = 10
const rows = 15

test(
  'two processes keep to one rate together, and a Retry-After told to one holds both',
  { timeout: 180_000 },
  async () => {
    const slack = await startSlackStandIn()
    const database = await freshDatabase()
    await migrate(database.url)
    const config = { token: 'xoxb-1', api_url: slack.url, messages_per_second: perSecond, timeout_seconds: 60 }
    const job = { databaseUrl: database.url, home: await tempDir(), rows, config }
    const senders = await Promise.all(['a', 'b'].map((name) => startSender({ ...job, name })))
    await Promise.all(senders.map(({ ready }) => ready))

    const begun = performance.now()
    slack.mishaps.push(...Array.from({ length: 8 }, () => null), { status: 429, retryAfter: 3 })
    for (const { go } of senders) go()
    for (const { done } of senders) expect(await done).toBe(0)

    const taken = slack.taken.slice(senders.length)
    expect(taken).toHaveLength(senders.length * (rows - 1))
    const times = taken.map(({ at }) => at)
    expect((times.at(-1) as number) - begun).toBeGreaterThanOrEqual((1_000 * (taken.length - 1)) / perSecond)
    // Only one was told. A call that was under way by then may arrive late on a busy machine, but no others come.
    const pauses = times.slice(1).map((at, index) => at - (times[index] as number))
    expect(Math.max(...pauses)).toBeGreaterThan(1_500)
    expect(slack.breaches).toEqual([])
    await slack.close()
    await database.drop()
  },
)

async function startSender(
  job: SenderJob,
): Promise<{ ready: Promise<void>; go: () => void; done: Promise<number | null> }> {
  const jiti = join(packageRoot(), 'node_modules/jiti/lib/jiti-cli.mjs')
  const script = join(packageRoot(), 'test/destinations/rates/sender-process.ts')
  const said: string[] = []
  let isReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => (isReady = resolve))
  const child = await startOwned(process.execPath, [jiti, script, JSON.stringify(job)], {
    stdin: 'pipe',
    timeoutMs: 150_000,
    onStdoutLine: (line) => line === 'ready' && isReady(),
    onStderrLine: (line) => said.push(line),
  })
  const ended = child.done.then(({ code }) => {
    if (code !== 0) throw new Error(`sender ${job.name} ended with ${code}:\n${said.join('\n')}`)
    return code
  })
  return {
    ready: Promise.race([ready, ended.then(() => undefined)]),
    go: () => void child.stdin?.write('go\n'),
    done: ended,
  }
}
