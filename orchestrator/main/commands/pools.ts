import { createWarehouse } from '../../../activities/warehouse/create-warehouse.ts'
import type { Command } from 'commander'
import { TraitlineError, warehousePool } from '../../contract/index.ts'
import { poolViews, type Pool } from '../../server/index.ts'
import { findConnections, type Connections } from '../connections.ts'
import { duration } from '../output.ts'
import { openRecords, openStore } from '../records.ts'
import type { CommandContext } from './context.ts'

export function poolsCommand(program: Command, context: CommandContext): void {
  const pools = program.command('pools').description('list pools, their holders and who waits, and limit them')

  pools
    .command('list', { isDefault: true })
    .description('every pool that has a limit, a holder or somebody who waits')
    .option('--json', 'as JSON, the same as GET /api/v1/pools answers', false)
    .action(async (options: { readonly json: boolean }) => {
      const store = openStore(await findConnections(context.settings(), context.env), 'traitline pools')
      try {
        const items = poolViews(await store.leases.use(context.settings().environment))
        if (options.json) context.terminal.line(JSON.stringify({ items }, null, 2))
        else print(items, context)
      } finally {
        await store.close()
      }
    })

  pools
    .command('set')
    .description('limit a pool, whatever projects declare; it holds at once, for what runs too')
    .argument('<pool>', "a pool; 'warehouse' for what writes to this warehouse, 'runs' for runs, 'runs/team=x' by tag")
    .argument('<slots>', 'how many may have a slot at once; 0 lets nobody in')
    .action(async (pool: string, slots: string) => {
      if (!/^\d{1,5}$/.test(slots)) throw notSlots(slots)
      await setLimit(context, pool, Number(slots))
    })

  pools
    .command('unset')
    .description('take that limit away: what projects declare holds again')
    .argument('<pool>')
    .action((pool: string) => setLimit(context, pool, null))
}

async function setLimit(context: CommandContext, pool: string, slots: number | null): Promise<void> {
  const settings = context.settings()
  const connections = await findConnections(settings, context.env)
  const { launcher, close } = await openRecords(connections, 'traitline pools')
  try {
    await launcher.setPoolLimit(settings.environment, nameOf(pool, connections, settings.home), slots)
  } finally {
    await close()
  }
}

/** `warehouse` is the one in use; `warehouse/*` is each of them. */
function nameOf(pool: string, { warehouseUrl }: Connections, home: string): string {
  if (pool !== 'warehouse') return pool
  return warehousePool(createWarehouse({ url: warehouseUrl, home }).id)
}

function print(items: readonly Pool[], { terminal }: CommandContext): void {
  if (items.length === 0) return terminal.line('no pool has a limit')
  const width = Math.max(...items.map(({ pool }) => pool.length))
  for (const { pool, slots, limits, held, waiting } of items) {
    const by = limits.some(({ project }) => project === null) ? ' (set here)' : ''
    const of = slots === null ? 'no limit' : `of ${slots}${by}`
    terminal.line(`${pool.padEnd(width)}  ${held.length} held ${of}, ${waiting.length} waiting`)
    for (const { project, run, step, grantedAt } of held) {
      terminal.line(terminal.paint('dim', `  ${project} ${step ?? 'run'} since ${grantedAt}  ${run}`))
    }
    for (const { project, run, step, position, requestedAt } of waiting) {
      const since = duration(Date.now() - Date.parse(requestedAt))
      terminal.line(terminal.paint('dim', `  ${position}. ${project} ${step ?? 'run'} waits for ${since}  ${run}`))
    }
  }
}

function notSlots(text: string): TraitlineError {
  return new TraitlineError({
    code: 'SLOTS_INVALID',
    message: `"${text}" is no number of slots`,
    hint: 'Use a whole number, such as 4; 0 lets nobody in.',
    blame: 'user',
  })
}
