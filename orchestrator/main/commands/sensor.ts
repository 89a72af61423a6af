import type { Command } from 'commander'
import { askSensor } from '../../../activities/automation/index.ts'
import { TraitlineError } from '../../contract/index.ts'
import { nearest } from '../../graph/index.ts'
import { loadTrigger, userResources } from '../../project/index.ts'
import { findConnections } from '../connections.ts'
import { failureText } from '../output.ts'
import { latestRevision, openStore } from '../records.ts'
import type { CommandContext } from './context.ts'

interface Options {
  readonly json: boolean
  readonly name?: string
}

export function sensorCommand(program: Command, context: CommandContext): void {
  const sensors = program.command('sensor').description('list sensors, and try one')
  const { terminal } = context
  const common = (command: Command): Command =>
    command.option('--json', 'as JSON', false).option('--name <project>', 'the project, if the environment has several')

  common(sensors.command('list', { isDefault: true }))
    .description('sensors with their cursors and what they said last')
    .action(async (options: Options) => {
      const settings = context.settings()
      const store = openStore(await findConnections(settings, context.env), 'traitline sensor')
      try {
        const { scope, manifest } = await latestRevision(store, settings.environment, options.name ?? null)
        const known = new Map((await store.triggers.sensors(scope)).map((row) => [row.name, row]))
        const items = (manifest.sensors ?? []).map(({ name, everySeconds }) => ({
          ...{ name, everySeconds },
          last: known.get(name) ?? null,
        }))
        if (options.json) return terminal.line(JSON.stringify({ items }, null, 2))
        if (items.length === 0) return terminal.line('the project has no sensors')
        for (const { name, everySeconds, last } of items) {
          const said =
            last === null
              ? 'not asked yet'
              : `${last.polledAt}  cursor ${last.cursor ?? 'none'}, ${last.requested} runs`
          terminal.line(`${name}  every ${everySeconds} s  ${said}`)
          if (last?.failure) terminal.line(`  ${failureText(last.failure)}`)
        }
      } finally {
        await store.close()
      }
    })

  common(sensors.command('test'))
    .description('ask a sensor once, here, and print its answer; nothing is kept and nothing started')
    .argument('<sensor>')
    .option('--cursor <text>', 'what it is told; the one that it is at unless told')
    .action(async (name: string, options: Options & { readonly cursor?: string }) => {
      const settings = context.settings()
      const store = openStore(await findConnections(settings, context.env), 'traitline sensor')
      try {
        const { scope, manifest } = await latestRevision(store, settings.environment, options.name ?? null)
        const spec = manifest.sensors?.find((each) => each.name === name)
        if (spec === undefined)
          throw unknown(
            name,
            (manifest.sensors ?? []).map((each) => each.name),
          )
        const cursor = options.cursor ?? (await store.triggers.sensor(scope, name))?.cursor ?? null
        const load = {
          resources: userResources({ projectDir: () => settings.projectDir, variable: settings.secret }),
          loadTrigger: (_: unknown, kind: 'sensor' | 'webhook', code: typeof spec.code) =>
            loadTrigger(settings.projectDir, kind, code),
        }
        const answer = await askSensor(load, scope, spec, cursor)
        terminal.line(JSON.stringify(answer, null, 2))
      } finally {
        await store.close()
      }
    })
}

function unknown(name: string, names: readonly string[]): TraitlineError {
  const near = nearest(name, names)
  return new TraitlineError({
    code: 'SENSOR_UNKNOWN',
    message: `the project has no sensor ${name}`,
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'List them: traitline sensor',
    blame: 'user',
  })
}
