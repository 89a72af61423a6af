import { fork, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { TraitlineError } from '../../contract/index.ts'
import { packageRoot } from '../../process/index.ts'

export interface WorkerProcess {
  pid(): number | undefined
  stop(): Promise<void>
}

const readyTimeoutMs = 60_000
const stopTimeoutMs = 20_000
/** A worker that dies this often in a minute will not be helped by another start. */
const maxRestartsPerMinute = 5

/**
 * The worker in a process of its own, started again when it dies: a run goes on where it was. It leaves by itself
 * when this process dies, since the channel between them closes.
 */
export async function startWorkerProcess(input: {
  readonly env: Readonly<Record<string, string | undefined>>
  /** Further arguments of `traitline worker`. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly verbose: boolean
  readonly onRestart: (message: string) => void
  readonly onGivenUp: (error: TraitlineError) => void
}): Promise<WorkerProcess> {
  let stopping = false
  let child: ChildProcess
  let restarts: number[] = []

  const start = (): Promise<void> => {
    const worker = fork(
      join(packageRoot(), 'dist/orchestrator/main/cli.js'),
      ['worker', ...input.args, ...(input.verbose ? ['--verbose'] : [])],
      {
        cwd: input.cwd,
        env: input.env,
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    )
    child = worker
    worker.once('exit', (code, signal) => {
      if (stopping || child !== worker) return
      const now = Date.now()
      restarts = [...restarts.filter((at) => now - at < 60_000), now]
      const how = signal === null ? `ended with code ${code}` : `was ended by ${signal}`
      if (restarts.length > maxRestartsPerMinute) {
        input.onGivenUp(
          new TraitlineError({
            code: 'WORKER_DIED',
            message: `the worker ${how} for the ${restarts.length}th time in a minute`,
            hint: 'Its own message is above. Runs go on when it starts again.',
            blame: 'system',
          }),
        )
        return
      }
      input.onRestart(`the worker ${how}; starting it again`)
      start().catch(() => undefined)
    })
    return ready(worker)
  }
  await start()

  return {
    pid: () => child.pid,
    stop: async () => {
      stopping = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
      await exited
      clearTimeout(timer)
    },
  }
}

function ready(worker: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(notReady(`was not ready within ${readyTimeoutMs / 1_000} s`))
      worker.kill('SIGKILL')
    }, readyTimeoutMs)
    worker.once('message', () => {
      clearTimeout(timer)
      resolve()
    })
    worker.once('exit', (code, signal) => {
      clearTimeout(timer)
      reject(notReady(`ended with ${signal ?? `code ${code}`} before it was ready`))
    })
    worker.once('error', (error) => {
      clearTimeout(timer)
      reject(notReady(`could not be started: ${error.message}`))
    })
  })
}

function notReady(how: string): TraitlineError {
  return new TraitlineError({
    code: 'WORKER_NOT_READY',
    message: `the worker ${how}`,
    hint: 'Its own message is above this one.',
    blame: 'system',
  })
}
