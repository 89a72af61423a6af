import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { packageRoot, startOwned, type OwnedProcess, type ProcessEnd } from '../../orchestrator/process/index.ts'

/** The built command line, run as a user runs it. */
export interface Cli {
  readonly stdout: string[]
  readonly stderr: string[]
  readonly process: OwnedProcess
  /** Resolves with the first line of stdout, so far or to come, that matches. Rejects when the program has ended. */
  line(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>
  /** Waits for the end. */
  end(): Promise<ProcessEnd>
  /** Sends Ctrl-C's signal to the program alone. */
  interrupt(): void
}

export interface CliOptions {
  /** What is run: the command line of this checkout unless told. */
  readonly program?: readonly [string, ...string[]]
  readonly home: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const ofCheckout = [process.execPath, join(packageRoot(), 'dist/orchestrator/main/cli.js')] as const

/** A Traitline of its own: home and settings are the test's alone. It is killed when the test ends. */
export async function startCli(args: readonly string[], options: CliOptions): Promise<Cli> {
  const stdout: string[] = []
  const stderr: string[] = []
  let wake: () => void = () => undefined
  const [command, ...before] = options.program ?? ofCheckout
  const child = await startOwned(command, [...before, ...args], {
    cwd: options.cwd ?? packageRoot(),
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TRAITLINE_HOME: options.home,
      TRAITLINE_PYTHON_ENV: inject('pythonEnv'),
      ...options.env,
    },
    onStdoutLine: (line) => {
      stdout.push(line)
      wake()
    },
    onStderrLine: (line) => {
      stderr.push(line)
      wake()
    },
  })
  onTestFinished(() => child.kill(20_000))
  let ended = false
  void child.done.finally(() => {
    ended = true
    wake()
  })
  return {
    stdout,
    stderr,
    process: child,
    async line(pattern, timeoutMs = 120_000) {
      const deadline = Date.now() + timeoutMs
      for (;;) {
        const news = new Promise<void>((resolve) => (wake = resolve))
        for (const text of stdout) {
          const match = pattern.exec(text)
          if (match !== null) return match
        }
        if (ended || Date.now() > deadline) {
          throw new Error(`no line matched ${pattern}\n${[...stdout, ...stderr].slice(-40).join('\n')}`)
        }
        await Promise.race([news, new Promise((resolve) => setTimeout(resolve, 500))])
      }
    },
    end: () => child.done,
    interrupt: () => process.kill(child.pid, 'SIGINT'),
  }
}

/** How a command line ended, and all that it said. */
export interface CliEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly lines: string[]
}

/** Runs the command line to its end. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<CliEnd> {
  const cli = await startCli(args, options)
  const { code } = await cli.end()
  return { code, stdout: cli.stdout.join('\n'), stderr: cli.stderr.join('\n'), lines: cli.stdout }
}
