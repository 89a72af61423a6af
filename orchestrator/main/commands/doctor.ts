import type { Command } from 'commander'
import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import { isTraitlineError } from '../../contract/index.ts'
import { findConnections } from '../connections.ts'
import { checkDestination } from '../doctor/destinations.ts'
import { checkResource } from '../doctor/resources.ts'
import { findingsOf, warn, type Check, type Finding } from '../doctor/finding.ts'
import { checkDbt, checkHome, checkNode, checkPorts, checkPython } from '../doctor/machine.ts'
import { checkOutboxes } from '../doctor/outboxes.ts'
import { checkDatabase, checkTemporal, checkWarehouse } from '../doctor/services.ts'
import { exitCodes } from '../output.ts'
import { latestRevision, openStore } from '../records.ts'
import { statusPaint } from '../terminal/words.ts'
import type { CommandContext } from './context.ts'

export function doctorCommand(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description(
      'look at all that Traitline needs, and say how to put right what is not; exit code 1 if anything fails',
    )
    .option('--probe', 'try too whether Temporal is fair between projects, with workflows that end at once', false)
    .option('--json', 'as JSON: items of { name, state, detail, fix }', false)
    .action(async (options: { readonly probe: boolean; readonly json: boolean }) => {
      const { terminal } = context
      const items: Finding[] = []
      for await (const found of findings(context, options)) {
        items.push(found)
        if (options.json) continue
        const { state, name, detail, fix } = found
        terminal.line(`${terminal.paint(statusPaint(state) ?? 'dim', state.padEnd(4))}  ${name.padEnd(12)} ${detail}`)
        if (fix !== null) terminal.line(`${' '.repeat(19)}fix: ${fix}`)
      }
      const failed = items.filter(({ state }) => state === 'fail').length
      if (options.json) terminal.line(JSON.stringify({ ok: failed === 0, items }, null, 2))
      if (failed > 0) process.exitCode = exitCodes.failed
    })
}

/** One after another, each printed as it is found: the slow ones start other programs. */
async function* findings(context: CommandContext, options: { readonly probe: boolean }): AsyncGenerator<Finding> {
  const settings = context.settings()
  const machine: readonly (readonly [string, Check])[] = [
    ['node', async () => Promise.resolve(checkNode())],
    ['home', () => checkHome(settings)],
    ['python', () => checkPython(settings)],
    ['dbt', () => checkDbt(settings)],
  ]
  for (const [name, check] of machine) yield* await findingsOf(name, check)

  const connections = await findConnections(settings, context.env).catch((error: unknown) => {
    if (isTraitlineError(error)) return error
    throw error
  })
  if (isTraitlineError(connections)) {
    yield* await findingsOf('ports', () => checkPorts(settings))
    yield warn('stack', connections.message, connections.hint)
    return
  }
  const database = await findingsOf('postgres', () => checkDatabase(connections))
  yield* database
  const store = openStore(connections, 'traitline doctor')
  try {
    const warehouse = createWarehouse({ url: connections.warehouseUrl, home: settings.home }).id
    const broken = database.some(({ state }) => state === 'fail')
    const all = broken ? [] : await store.revisions.scopes()
    const scopes = all.filter(({ environment }) => environment === settings.environment)
    const { probe } = options
    yield* await findingsOf('temporal', () => checkTemporal(connections, store, { probe, warehouse, scopes }))
    yield* await findingsOf('warehouse', () => checkWarehouse(connections, settings))
    if (scopes.length === 0 && !broken) {
      yield warn('project', `environment ${settings.environment} has no project`, 'Deploy one: traitline deploy')
    }
    for (const scope of scopes) yield* await findingsOf('outbox', () => checkOutboxes(store, scope))
    for (const { project } of scopes) {
      const { manifest } = await latestRevision(store, settings.environment, project)
      for (const spec of manifest.resources ?? []) {
        const scope = { environment: settings.environment, project }
        yield* await findingsOf(`resource ${spec.name}`, () => checkResource(spec, scope, settings, connections))
      }
      for (const destination of manifest.destinations) {
        const name = `connector ${destination.name}`
        yield* await findingsOf(name, () => checkDestination(destination, settings, connections, context.env))
      }
    }
  } finally {
    await store.close()
  }
}
