import type { Command } from 'commander'
import { warehouseQueue, type PreviewRow, type SyncPreview } from '../../contract/index.ts'
import { sealedBox } from '../sealed.ts'
import type { Terminal } from '../terminal/terminal.ts'
import type { CommandContext } from './context.ts'
import { withSync } from './on-sync.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'

interface PreviewOptions extends CommonOptions {
  readonly rows: number
  readonly reveal: boolean
}

const previewTimeoutMs = 10 * 60_000
const mostRows = 100

export function syncPreviewCommand(sync: Command, context: CommandContext): void {
  const { terminal } = context
  readsProject(
    sync
      .command('preview')
      .description('show rows of a sync as its destination would get them; nothing is sent')
      .argument('<key>', 'for example sync/at_risk_to_crm; the name alone will do')
      .option('--rows <number>', 'how many at most', positive, 5)
      .option('--reveal', 'show values and keys, which are masked otherwise', false),
  ).action((key: string, options: PreviewOptions) =>
    withSync(
      context,
      { key, name: options.name, command: 'traitline sync preview' },
      async ({ records, target: { scope, revision }, asset, warehouse }) => {
        const box = options.reveal ? sealedBox() : null
        const { answer, sealed } = await records.launcher.previewSync({
          ...{ scope, revision, sync: asset, preview: { rows: Math.min(options.rows, mostRows) } },
          ...(box !== null && { publicKey: box.publicKey }),
          warehouseQueue: warehouseQueue(warehouse, scope),
          timeoutMs: previewTimeoutMs,
        })
        const shown: SyncPreview =
          box === null || sealed === null
            ? answer
            : { ...answer, rows: JSON.parse(box.open(sealed)) as PreviewRow[], masked: false }
        if (options.json) terminal.line(JSON.stringify(shown, null, 2))
        else printPreview(terminal, shown)
      },
    ),
  )
}

function printPreview({ line, paint }: Terminal, { sync, revision, stream, rows, masked }: SyncPreview): void {
  line(paint('bold', `${sync}, revision ${revision}, to ${stream}: nothing was sent`))
  if (rows.length === 0) line('  nobody is in what it sends')
  for (const { key, data, rejected, notes } of rows) {
    line(`  ${key}${rejected === null ? '' : paint('red', `  cannot be sent: ${rejected.message} (${rejected.code})`)}`)
    if (data !== null) for (const text of JSON.stringify(data, null, 2).split('\n')) line(`    ${text}`)
    for (const { field, code } of notes) line(paint('dim', `    ${field}: ${code.toLowerCase().replaceAll('_', ' ')}`))
  }
  if (masked && rows.length > 0) line(paint('dim', '  values are masked; --reveal shows them'))
}
