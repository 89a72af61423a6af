/** Where a command prints: what it can show there. */
export interface Terminal {
  /** A person may be watching: progress may be drawn over itself. */
  readonly interactive: boolean
  readonly colours: boolean
  /** Columns; null where nothing is to be fitted, as in a file. */
  readonly width: number | null
  paint(paint: Paint, text: string): string
  line(text?: string): void
  /** As it is, for what moves the cursor. */
  raw(text: string): void
}

const codes = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const

export type Paint = keyof typeof codes

interface Output {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Colours only where a person reads them, and nobody asked for none: NO_COLOR, TERM=dumb. FORCE_COLOR asks for them. */
export function createTerminal(output: Output, env: NodeJS.ProcessEnv): Terminal {
  const interactive = output.isTTY === true && env['TERM'] !== 'dumb'
  const asked = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0'
  const colours = (env['NO_COLOR'] ?? '') === '' && (interactive || asked)
  return {
    interactive,
    colours,
    width: interactive ? (output.columns ?? 80) : null,
    paint: (paint, text) => (colours && text !== '' ? `\u001b[${codes[paint]}m${text}\u001b[0m` : text),
    raw: (text) => void output.write(text),
    line: (text = '') => void output.write(`${text}\n`),
  }
}

const escapes = /\u001b\[[0-9;]*m/g

/** Columns that a text takes, colours aside. */
export function widthOf(text: string): number {
  return [...text.replace(escapes, '')].length
}

/** Cuts to so many columns, with `…` for what is left out. A text with colours loses them where it is cut. */
export function fitted(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  return columns < 1 ? '' : `${[...text.replace(escapes, '')].slice(0, columns - 1).join('')}…`
}
