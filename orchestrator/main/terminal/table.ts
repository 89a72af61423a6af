import { fitted, widthOf, type Paint, type Terminal } from './terminal.ts'

export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string
  readonly paint?: (row: Row) => Paint | null
  readonly align?: 'left' | 'right'
  /** Is cut first where the terminal is too narrow. */
  readonly elastic?: boolean
}

const gap = 2
const narrowest = 8

/** Prints rows, on a terminal under titles and within its width; nothing for none. */
export function printTable<Row>(terminal: Terminal, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  if (rows.length === 0) return
  const cells = rows.map((row) => columns.map(({ text }) => text(row)))
  const used = columns.map((_, at) => cells.some((row) => row[at] !== ''))
  const widths = fit(
    columns.map(({ title, elastic = false }, at) => ({
      width: used[at] ? Math.max(widthOf(title), ...cells.map((row) => widthOf(row[at] ?? ''))) : 0,
      elastic,
    })),
    terminal.width,
  )
  const print = (texts: readonly string[], paintOf: (at: number) => Paint | null): void => {
    const shown = columns.flatMap(({ align = 'left' }, at) => {
      const width = widths[at] ?? 0
      if (width === 0) return []
      const text = fitted(texts[at] ?? '', width)
      const space = ' '.repeat(Math.max(0, width - widthOf(text)))
      const paint = paintOf(at)
      const painted = paint === null ? text : terminal.paint(paint, text)
      return [align === 'right' ? `${space}${painted}` : `${painted}${space}`]
    })
    terminal.line(shown.join(' '.repeat(gap)).trimEnd())
  }
  // Programs that read lines are not helped by titles.
  if (terminal.interactive) {
    print(
      columns.map(({ title }) => title),
      () => 'dim',
    )
  }
  rows.forEach((row, at) => print(cells[at] ?? [], (column) => columns[column]?.paint?.(row) ?? null))
}

interface Wanted {
  readonly width: number
  readonly elastic: boolean
}

/** Takes from elastic columns, the widest first, until all fit; what is never elastic is left as it is. */
function fit(wanted: readonly Wanted[], width: number | null): number[] {
  const widths = wanted.map((column) => column.width)
  if (width === null) return widths
  const total = (): number => widths.reduce((sum, each) => sum + (each > 0 ? each + gap : 0), -gap)
  for (let over = total() - width; over > 0; over = total() - width) {
    const [widest] = widths
      .map((each, at) => ({ each, at }))
      .filter(({ each, at }) => wanted[at]?.elastic === true && each > narrowest)
      .sort((a, b) => b.each - a.each)
    if (widest === undefined) return widths
    widths[widest.at] = Math.max(narrowest, widest.each - over)
  }
  return widths
}
