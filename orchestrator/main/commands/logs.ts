import type { Command } from 'commander'
import type { RunDetail } from '../../server/api.ts'
import type { LogLine } from '../../store/index.ts'
import { withApi, type Api } from '../api.ts'
import { nearest } from '../../graph/index.ts'
import { TraitlineError } from '../../contract/index.ts'
import { resolveRun } from '../resolve-names.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'
import { readsProject, type CommonOptions } from './options.ts'

interface Options extends CommonOptions {
  readonly follow: boolean
  readonly events: boolean
  readonly time: boolean
}

const page = 2_000
const pollMs = 500

export function logsCommand(program: Command, context: CommandContext): void {
  readsProject(
    program
      .command('logs')
      .description('what dbt, notebooks and connectors printed in a run')
      .argument('<run>', 'its id, a part of it that no other has, or `latest`')
      .argument('[step]', 'for example dbt/shop or sync/at_risk_to_crm; all steps unless told')
      .option('-f, --follow', 'go on until the run has ended', false)
      .option('--events', 'what happened instead: the run’s events', false)
      .option('--time', 'with the time of each line', false),
  ).action(async (text: string, step: string | undefined, options: Options) => {
    await withApi(context, options, async (api) => {
      const run = await resolveRun(api, text)
      if (options.events) return printEvents(api, run, context.terminal, options)
      if (step !== undefined && !options.follow) await requireStep(api, run, step)
      await printLogs(api, run, step ?? null, context.terminal, options)
    })
  })
}

/** Each step is read on from where it was: what a step says stays in order, steps at once take turns. */
async function printLogs(
  { store }: Api,
  run: string,
  only: string | null,
  terminal: Terminal,
  options: Options,
): Promise<void> {
  const positions = new Map<string, number>()
  for (;;) {
    // Asked before reading, so that whatever was kept up to the end is read.
    const row = await store.runs.get(run)
    const ended = row === null || row.endedAt !== null || (only !== null && (await store.runs.stepEnded(run, only)))
    const steps = only === null ? await store.logs.steps(run) : [only]
    let read = 0
    for (const step of steps) {
      for (;;) {
        const after = positions.get(step) ?? 0
        const lines = await store.logs.read(run, step, { after, limit: page })
        for (const each of lines) terminal.line(lineText(terminal, each, only === null ? step : null, options))
        positions.set(step, lines.at(-1)?.number ?? after)
        read += lines.length
        if (lines.length < page) break
      }
    }
    if (!options.follow || ended) return
    if (read === 0) await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

function lineText(terminal: Terminal, line: LogLine, step: string | null, options: Options): string {
  if (options.json) return JSON.stringify(step === null ? line : { step, ...line })
  const text = line.stream === 'stderr' ? terminal.paint('yellow', line.text) : line.text
  const time = options.time ? `${terminal.paint('dim', line.at)} ` : ''
  return `${time}${step === null ? '' : `${terminal.paint('cyan', step)}  `}${text}`
}

async function printEvents({ store }: Api, run: string, terminal: Terminal, options: Options): Promise<void> {
  for (let position = 0; ;) {
    const row = await store.runs.get(run)
    const events = await store.events.after(position, { run }, page)
    for (const event of events) {
      const { at, type, asset, data } = event
      terminal.line(
        options.json
          ? JSON.stringify(event)
          : `${terminal.paint('dim', at)} ${terminal.paint('bold', type.padEnd(22))} ${(asset ?? '').padEnd(30)} ${JSON.stringify(data)}`,
      )
    }
    position = events.at(-1)?.sequence ?? position
    if (events.length === page) continue
    if (!options.follow || row === null || row.endedAt !== null) return
    if (events.length === 0) await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}

async function requireStep(api: Api, run: string, step: string): Promise<void> {
  const { logs, assets } = await api.get<RunDetail>(`/runs/${encodeURIComponent(run)}`)
  if (logs.includes(step)) return
  const of = assets.find(({ asset, step: at }) => asset === step || at === step)
  if (of !== undefined && logs.includes(of.step)) {
    throw unknownStep(run, step, `Its output is in the log of ${of.step}.`)
  }
  const meant = nearest(step, logs)
  throw unknownStep(
    run,
    step,
    of !== undefined
      ? 'It started no program, so there is nothing that one could have printed; see its outcome: traitline runs show'
      : meant.length > 0
        ? `Did you mean ${meant.join(' or ')}?`
        : logs.length > 0
          ? `It has logs of ${logs.join(', ')}.`
          : 'None of its steps has printed anything.',
  )
}

function unknownStep(run: string, step: string, hint: string): TraitlineError {
  return new TraitlineError({
    code: 'LOG_UNKNOWN',
    message: `run ${run} has no log of ${step}`,
    hint,
    blame: 'user',
  })
}
