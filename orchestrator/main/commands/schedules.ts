import type { Command } from 'commander'
import { cronName, cronTriggers, isAssetKey } from '../../contract/index.ts'
import { createSchedules, type Schedules } from '../../launch/index.ts'
import { findConnections } from '../connections.ts'
import { latestRevision, openRecords, type Revision } from '../records.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly name?: string
}

export function schedulesCommand(program: Command, context: CommandContext): void {
  const schedules = program.command('schedules').description('list, pause, resume and trigger crons and sensors')
  const { terminal } = context
  const named = (command: Command): Command =>
    command.option('--name <project>', 'the project, if the environment has several')
  const schedule = "as `traitline schedules` lists it, or an asset with a cron: 'trait/orders'"

  named(schedules.command('list', { isDefault: true }))
    .description('when they come next')
    .option('--json', 'as JSON', false)
    .action((options: Options & { readonly json: boolean }) =>
      withSchedules(context, options, async (known, { scope }) => {
        const items = await known.list(scope)
        if (options.json) return terminal.line(JSON.stringify({ items }, null, 2))
        if (items.length === 0) return terminal.line('the project has no crons and no sensors')
        const width = Math.max(...items.map(({ name }) => name.length))
        for (const { name, paused, note, nextTimes } of items) {
          const next = paused ? terminal.paint('yellow', `paused${note ? `: ${note}` : ''}`) : (nextTimes[0] ?? '')
          terminal.line(`${name.padEnd(width)}  ${next}`.trimEnd())
        }
      }),
    )

  named(schedules.command('pause'))
    .description('let no further time of it come; deploying does not resume it')
    .argument('<schedule>', schedule)
    .option('--note <text>', 'why, for others', '')
    .action((text: string, options: Options & { readonly note: string }) =>
      withSchedules(context, options, (known, revision) =>
        each(text, revision, (name) => known.pause(revision.scope, name, options.note)),
      ),
    )

  named(schedules.command('resume'))
    .description('let its times come again')
    .argument('<schedule>', schedule)
    .action((text: string, options: Options) =>
      withSchedules(context, options, (known, revision) =>
        each(text, revision, (name) => known.resume(revision.scope, name)),
      ),
    )

  named(schedules.command('trigger'))
    .description('act as if a time of it had come')
    .argument('<schedule>', schedule)
    .action((text: string, options: Options) =>
      withSchedules(context, options, (known, revision) =>
        each(text, revision, (name) => known.trigger(revision.scope, name)),
      ),
    )
}

/** An asset stands for its crons. */
async function each(text: string, { manifest }: Revision, work: (name: string) => Promise<void>): Promise<void> {
  const spec = isAssetKey(text) ? manifest.assets.find(({ key }) => key === text) : undefined
  const crons = spec?.automation === undefined ? [] : cronTriggers(spec.automation)
  for (const name of crons.length > 0 ? crons.map((trigger) => `cron/${cronName(trigger)}`) : [text]) await work(name)
}

async function withSchedules(
  context: CommandContext,
  { name }: Options,
  work: (schedules: Schedules, revision: Revision) => Promise<void>,
): Promise<void> {
  const settings = context.settings()
  const records = await openRecords(await findConnections(settings, context.env), 'traitline schedules')
  try {
    const revision = await latestRevision(records.store, settings.environment, name ?? null)
    await work(createSchedules(records.temporal.client), revision)
  } finally {
    await records.close()
  }
}
