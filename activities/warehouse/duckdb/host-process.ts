import { fork, type ChildProcess } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { TraitlineError } from '../../../orchestrator/contract/index.ts'
import { warehouseError } from '../errors.ts'
import type { WarehouseCall } from '../warehouse.ts'
import { duckdbError, isLocked, openError } from './errors.ts'
import type { FromHost, HostError, OpenOptions, OperationName, Operations, ToHost } from './protocol.ts'

/** How long to wait for another process that is about to leave the file. */
const lockPatienceMs = 5_000
/** How long an interrupted statement may take to stop before its process is killed. */
const interruptGraceMs = 10_000
/** Closing writes what is in the log to the file, which takes its time on a slow disk. */
const exitGraceMs = 30_000

interface Pending {
  readonly resolve: (output: unknown) => void
  readonly reject: (error: unknown) => void
  readonly explain: (error: HostError) => unknown
}

/** One child process that has the file open, from start to exit. */
export class HostProcess {
  private readonly child: ChildProcess
  private readonly pending = new Map<number, Pending>()
  private readonly exited: Promise<void>
  private nextId = 1
  private lost: TraitlineError | undefined

  private constructor(child: ChildProcess) {
    this.child = child
    this.exited = new Promise((resolve) => child.once('exit', () => resolve()))
    child.on('message', (message: FromHost) => this.receive(message))
    child.once('exit', (code, signal) => this.lose(signal === null ? `exit code ${code}` : signal))
    child.once('error', (error: NodeJS.ErrnoException) => this.lose(error.code ?? error.name))
  }

  /** Starts a process and opens the file in it. Waits a little for another process to leave the file. */
  static async start(options: OpenOptions): Promise<HostProcess> {
    const deadline = Date.now() + lockPatienceMs
    for (;;) {
      const host = new HostProcess(forkHost())
      const refusal = await host.open(options)
      if (refusal === null) return host
      await host.kill()
      if (!isLocked(refusal) || Date.now() > deadline) throw openError(options.path, refusal)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }

  get alive(): boolean {
    return this.lost === undefined
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  call<Name extends OperationName>(
    operation: Name,
    input: Operations[Name]['input'],
    call: WarehouseCall & { readonly timeoutMs: number; readonly explain?: (error: HostError) => unknown },
  ): Promise<Operations[Name]['output']> {
    return new Promise((resolve, reject) => {
      if (this.lost !== undefined) return reject(this.lost)
      if (call.signal?.aborted === true) return reject(call.signal.reason as Error)
      const id = this.nextId++
      let stopped: unknown
      let killer: NodeJS.Timeout | undefined
      const stop = (reason: unknown): void => {
        if (stopped !== undefined) return
        stopped = reason
        this.send({ type: 'cancel', id })
        killer = setTimeout(() => void this.kill(), interruptGraceMs)
      }
      const onAbort = (): void => stop(call.signal?.reason)
      const timer = setTimeout(() => stop(timeout(call.timeoutMs)), call.timeoutMs)
      call.signal?.addEventListener('abort', onAbort, { once: true })
      const settle = (): void => {
        clearTimeout(timer)
        clearTimeout(killer)
        call.signal?.removeEventListener('abort', onAbort)
        this.pending.delete(id)
      }
      this.pending.set(id, {
        explain: call.explain ?? (({ message }) => duckdbError(message)),
        resolve: (output) => {
          settle()
          resolve(output as Operations[Name]['output'])
        },
        reject: (error) => {
          settle()
          reject(stopped ?? error)
        },
      })
      this.send({ type: 'call', id, operation, input })
    })
  }

  /** Closes the file and waits for the process to be gone. */
  async exit(): Promise<void> {
    if (this.alive) this.send({ type: 'exit' })
    const killer = setTimeout(() => void this.kill(), exitGraceMs)
    await this.exited
    clearTimeout(killer)
  }

  private async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.exited
  }

  /** Null once the file is open, else DuckDB's reason. */
  private open(options: OpenOptions): Promise<string | null> {
    return new Promise((resolve, reject) => {
      this.child.once('message', (message: FromHost) => resolve(message.type === 'not_opened' ? message.message : null))
      void this.exited.then(() => reject(this.lost as TraitlineError))
      this.send({ type: 'open', ...options })
    })
  }

  private receive(message: FromHost): void {
    if (message.type !== 'result' && message.type !== 'error') return
    const pending = this.pending.get(message.id)
    if (message.type === 'result') pending?.resolve(message.output)
    else pending?.reject(pending.explain(message.error))
  }

  private lose(how: string): void {
    this.lost = warehouseError('WAREHOUSE_LOST', `The process that had the DuckDB file open has ended: ${how}`)
    for (const pending of [...this.pending.values()]) pending.reject(this.lost)
  }

  private send(message: ToHost): void {
    // A channel that is closing is told by the exit.
    if (this.child.connected) this.child.send(message, () => undefined)
  }
}

function timeout(timeoutMs: number): TraitlineError {
  return warehouseError('WAREHOUSE_TIMEOUT', `A statement did not end within ${timeoutMs / 1000} s and was stopped`)
}

/** From source the child needs what turns TypeScript into JavaScript; from dist/ it is JavaScript. */
function forkHost(): ChildProcess {
  const here = fileURLToPath(import.meta.url)
  const fromSource = here.endsWith('.ts')
  const register = (): string => join(dirname(createRequire(here).resolve('jiti')), 'jiti-register.mjs')
  return fork(join(dirname(here), fromSource ? 'host.ts' : 'host.js'), [], {
    execArgv: fromSource ? ['--import', pathToFileURL(register()).href] : [],
    // Each call under way occupies one thread of Node's pool.
    env: { UV_THREADPOOL_SIZE: '16' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}
