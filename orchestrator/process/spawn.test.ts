import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from './package-root.ts'
import { spawnOwned, startOwned } from './spawn.ts'

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await condition()) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('condition did not come true within 10 s')
}

test('output comes line by line, and the exit code with it', async () => {
  const out: string[] = []
  const err: string[] = []
  const end = await spawnOwned('sh', ['-c', 'echo a; echo b >&2; printf c; exit 3'], {
    onStdoutLine: (line) => out.push(line),
    onStderrLine: (line) => err.push(line),
  })
  expect({ out, err, end }).toEqual({ out: ['a', 'c'], err: ['b'], end: { code: 3, signal: null } })
})

test('a program that does not exist is named', async () => {
  await expect(spawnOwned('no-such-program-anywhere', [])).rejects.toMatchObject({ code: 'PROCESS_NOT_FOUND' })
})

test('abort ends the child and what it started, even if it ignores SIGTERM', async () => {
  const controller = new AbortController()
  const pids: number[] = []
  const child = await startOwned('sh', ['-c', 'trap "" TERM; sleep 60 & echo $!; wait; sleep 60'], {
    signal: controller.signal,
    graceMs: 100,
    onStdoutLine: (line) => pids.push(Number(line)),
  })
  await eventually(() => pids.length === 1)
  controller.abort()
  expect((await child.done).signal).toBe('SIGKILL')
  await eventually(() => !alive(pids[0] as number))
})

test('a child that takes too long is stopped and named', async () => {
  await expect(spawnOwned('sleep', ['60'], { timeoutMs: 100, graceMs: 100 })).rejects.toMatchObject({
    code: 'PROCESS_TIMEOUT',
  })
})

test('children of a process that is killed with SIGKILL die too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'traitline-spawn-'))
  try {
    const pidFile = join(folder, 'pid')
    const script = join(folder, 'owner.mjs')
    const jiti = join(packageRoot(), 'node_modules/jiti/lib/jiti.mjs')
    await writeFile(
      script,
      `import { createJiti } from ${JSON.stringify(jiti)}
const { startOwned } = await createJiti(import.meta.url).import(${JSON.stringify(join(packageRoot(), 'orchestrator/process/spawn.ts'))})
await startOwned('sh', ['-c', 'echo $$ > ${pidFile}; sleep 60'])
setInterval(() => {}, 1000)
`,
    )
    const owner = spawn(process.execPath, [script], { stdio: 'ignore' })
    let pid = 0
    await eventually(async () => {
      pid = Number(await readFile(pidFile, 'utf8').catch(() => '0'))
      return pid > 0
    })
    expect(alive(pid)).toBe(true)
    owner.kill('SIGKILL')
    await eventually(() => !alive(pid))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
