import { readFile } from 'node:fs/promises'
import type { Readable, Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { secretValues, type ConfiguredAirbyteCatalog } from '../protocol/index.ts'
import { Batcher } from './batcher.ts'
import type { BatchLimits, Destination, DestinationContext } from './definition.ts'
import { configError } from './errors.ts'
import { localLimiters, type Limiters } from './limiter.ts'
import { Meter } from './meter.ts'
import { Output } from './output.ts'
import { limitersOf } from './shared-limiters.ts'
import { parseConfig, specificationOf } from './spec.ts'
import { writeLoop } from './write.ts'

export interface ProgramIo {
  readonly argv: readonly string[]
  readonly input: Readable
  readonly output: Writable
  /** Aborted when the program is told to stop. */
  readonly signal: AbortSignal
  /** Rates that are shared with others; without them each process keeps to its own. */
  readonly limiters?: Limiters
}

const defaultLimits: BatchLimits = { rows: 50_000, bytes: 32 * 1024 * 1024 }
const stoppedCode = 143

interface Call {
  readonly destination: Destination
  readonly output: Output
  readonly io: ProgramIo
  readonly files: { readonly config?: string; readonly catalog?: string }
}

const commands: Readonly<Record<string, (call: Call) => Promise<number>>> = {
  spec: async ({ destination, output }) => {
    output.emit({ type: 'SPEC', spec: specificationOf(destination) })
    return 0
  },
  check: async (call) => {
    try {
      const { config, context } = await prepare(call)
      await call.destination.check(config, context)
      call.output.status('SUCCEEDED')
    } catch (error) {
      call.output.status('FAILED', error)
    }
    return 0
  },
  discover: async (call) => {
    const { destination, output } = call
    if (destination.discover === undefined) return unknownCommand(destination, output)
    const { config, context } = await prepare(call)
    output.emit({ type: 'DESTINATION_CATALOG', destination_catalog: await destination.discover(config, context) })
    return 0
  },
  write: async (call) => {
    const { destination, output, io } = call
    const { config, context } = await prepare(call)
    const catalog = asCatalog(await readJson(call.files.catalog, 'catalog'))
    const writer = await destination.open(config, catalog, context)
    try {
      await writeLoop({
        input: io.input,
        batcher: new Batcher(catalog, { ...defaultLimits, ...destination.limits }),
        writer,
        meter: context.meter,
        signal: io.signal,
        acknowledge: (state) => output.emit({ type: 'STATE', state }),
      })
    } finally {
      await writer.close()
    }
    return io.signal.aborted ? stoppedCode : 0
  },
}

/** Runs one command line of a destination; answers the exit code. Everything it has to say goes to the output. */
export async function runDestination(destination: Destination, io: ProgramIo): Promise<number> {
  const output = new Output(io.output)
  const call = parseCommandLine(io.argv)
  if (call === null) return unknownCommand(destination, output)
  try {
    return await call.command({ destination, output, io, files: call.files })
  } catch (error) {
    output.fail(error)
    return 1
  }
}

function unknownCommand({ name, discover }: Destination, output: Output): number {
  const commands = ['spec', 'check --config FILE', 'write --config FILE --catalog FILE']
  if (discover !== undefined) commands.push('discover --config FILE')
  output.log.error(`usage: ${name} ${commands.join(' | ')}`)
  return 2
}

function parseCommandLine(
  argv: readonly string[],
): { command: (call: Call) => Promise<number>; files: Call['files'] } | null {
  try {
    const { positionals, values } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      // `state` comes from runners that treat every connector alike.
      options: {
        config: { type: 'string' },
        catalog: { type: 'string' },
        state: { type: 'string' },
        debug: { type: 'boolean' },
      },
    })
    const name = positionals[0]
    if (name === undefined || positionals.length > 1 || !Object.hasOwn(commands, name)) return null
    return { command: commands[name] as (call: Call) => Promise<number>, files: values }
  } catch {
    return null
  }
}

async function prepare({
  destination,
  output,
  io,
  files,
}: Call): Promise<{ config: unknown; context: DestinationContext }> {
  const raw = await readJson(files.config, 'config')
  output.hide(secretValues(specificationOf(destination).connectionSpecification, raw))
  const context = { log: output.log, signal: io.signal, meter: new Meter(), limiter: io.limiters ?? localLimiters() }
  return { config: parseConfig(destination, raw), context }
}

async function readJson(path: string | undefined, option: string): Promise<unknown> {
  if (path === undefined) throw configError(`--${option} FILE is missing.`)
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw configError(`The file given as --${option} cannot be read: ${error.code}.`)
  })
  try {
    return JSON.parse(text)
  } catch {
    throw configError(`The file given as --${option} is not JSON.`)
  }
}

function asCatalog(value: unknown): ConfiguredAirbyteCatalog {
  const catalog = value as ConfiguredAirbyteCatalog | null
  const valid =
    Array.isArray(catalog?.streams) &&
    catalog.streams.every(
      (stream) => typeof stream?.stream?.name === 'string' && typeof stream.destination_sync_mode === 'string',
    )
  if (!valid) throw configError('The file given as --catalog is not a configured Airbyte catalog.')
  return catalog
}

/** The whole of a destination's `main.ts`: runs it on this process's command line, input and output, and exits. */
export async function main(destination: Destination): Promise<never> {
  const controller = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => controller.abort())
  // Nobody is left to be told.
  process.stdout.on('error', () => process.exit(1))
  const { argv, stdin: input, stdout: output, env } = process
  const io = { argv: argv.slice(2), input, output, signal: controller.signal, limiters: limitersOf(env) }
  process.exit(await runDestination(destination, io))
}
