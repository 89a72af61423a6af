import { open } from 'node:fs/promises'
import { Option, type Command } from 'commander'
import {
  exceptionFates,
  TraitlineError,
  warehouseQueue,
  type ExceptedRow,
  type ExceptionFate,
  type SyncRejects,
} from '../../contract/index.ts'
import { sealedBox } from '../sealed.ts'
import { printTable } from '../terminal/table.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { moment } from '../terminal/words.ts'
import type { CommandContext } from './context.ts'
import { positive, readsProject, type CommonOptions } from './options.ts'
import { withSync } from './on-sync.ts'

interface RejectsOptions extends CommonOptions {
  readonly fate?: ExceptionFate
  readonly code?: string
  readonly limit: number
  readonly reveal: boolean
  readonly export?: string
}

const askTimeoutMs = 10 * 60_000
/** Rows that are asked for at once. */
const pageRows = 10_000

export function syncRejectsCommand(sync: Command, context: CommandContext): void {
  const { terminal } = context
  readsProject(
    sync
      .command('rejects')
      .description('list the rows that a destination rejected, skipped, or never answered for, with its reason')
      .argument('<key>', 'for example sync/at_risk_to_crm; the name alone will do')
      .addOption(new Option('--fate <fate>', 'only these').choices([...exceptionFates]))
      .option('--code <code>', 'only those with this code')
      .option('--limit <number>', 'how many at most', positive, 20)
      .option('--reveal', 'show keys, which are masked otherwise', false)
      .option('--export <file>', 'write all of them, with their keys, to a .csv or .jsonl file that only you can read'),
  ).action((key: string, options: RejectsOptions) =>
    withSync(
      context,
      { key, name: options.name, command: 'traitline sync' },
      async ({ records, target, asset, warehouse }) => {
        const { scope, revision } = target
        const reveal = options.reveal || options.export !== undefined
        const box = reveal ? sealedBox() : null
        const { fate, code } = options
        const page = async (limit: number, offset: number): Promise<SyncRejects> => {
          const { answer, sealed } = await records.launcher.syncRejects({
            ...{
              scope,
              revision,
              sync: asset,
              warehouseQueue: warehouseQueue(warehouse, scope),
              timeoutMs: askTimeoutMs,
            },
            rejects: { limit, offset, ...(fate !== undefined && { fate }), ...(code !== undefined && { code }) },
            ...(box !== null && { publicKey: box.publicKey }),
          })
          if (box === null || sealed === null) return answer
          return { ...answer, rows: JSON.parse(box.open(sealed)) as ExceptedRow[], masked: false }
        }
        if (options.export !== undefined) {
          const rows = await exportRows(options.export, page)
          return terminal.line(
            options.json ? JSON.stringify({ file: options.export, rows }) : `${rows} rows: ${options.export}`,
          )
        }
        const found = await page(Math.min(options.limit, pageRows), 0)
        if (options.json) terminal.line(JSON.stringify(found, null, 2))
        else printRejects(terminal, found)
      },
    ),
  )
}

const columns = [
  ...['key', 'fate', 'code', 'message', 'operation', 'syncRun'],
  ...['attempts', 'firstAt', 'lastAt', 'nextAttemptAt'],
] as const

/** Answers how many rows it wrote. */
async function exportRows(
  path: string,
  page: (limit: number, offset: number) => Promise<SyncRejects>,
): Promise<number> {
  const csv = path.endsWith('.csv')
  if (!csv && !path.endsWith('.jsonl')) throw unknownFormat(path)
  const file = await open(path, 'w', 0o600)
  try {
    await file.chmod(0o600)
    if (csv) await file.write(`${columns.join(',')}\n`)
    for (let offset = 0; ; offset += pageRows) {
      const { rows } = await page(pageRows, offset)
      await file.write(rows.map((row) => `${csv ? csvLine(row) : JSON.stringify(row)}\n`).join(''))
      if (rows.length < pageRows) return offset + rows.length
    }
  } finally {
    await file.close()
  }
}

/** RFC 4180. */
function csvLine(row: ExceptedRow): string {
  const cells = columns.map((name) => String(row[name as keyof ExceptedRow] ?? ''))
  return cells.map((cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')
}

function printRejects(terminal: Terminal, { sync, counts, rows, masked }: SyncRejects): void {
  const { line, paint } = terminal
  if (counts.length === 0) return line(`${sync}: its destination has taken everything`)
  for (const { fate, code, rows: of } of counts) line(`${of.toLocaleString('en-US')} ${fate}  ${code}`)
  printTable(
    terminal,
    [
      { title: 'KEY', text: ({ key }) => key },
      { title: 'FATE', text: ({ fate }) => fate },
      { title: 'CODE', text: ({ code }) => code },
      { title: 'TRIES', text: ({ attempts }) => String(attempts), align: 'right' },
      { title: 'LAST', text: ({ lastAt }) => moment(lastAt, terminal.interactive) },
      { title: 'NEXT', text: ({ nextAttemptAt }) => moment(nextAttemptAt, terminal.interactive) },
      { title: 'MESSAGE', text: ({ message }) => message, elastic: true },
    ],
    rows,
  )
  if (masked && rows.length > 0) line(paint('dim', 'keys are masked; --reveal shows them'))
}

function unknownFormat(path: string): TraitlineError {
  return new TraitlineError({
    code: 'EXPORT_FORMAT',
    message: `${path} is neither a .csv nor a .jsonl file`,
    hint: 'Name one: --export rejects.csv',
    blame: 'user',
  })
}
