import { fitted, type Terminal } from './terminal.ts'

/** One line at the bottom that is drawn over itself; lines printed meanwhile go above it. Silent where nobody watches. */
export interface ProgressLine {
  show(text: string): void
  /** Takes it away for what `print` prints. */
  above(print: () => void): void
  end(): void
}

const clear = '\r\u001b[2K'

export function progressLine(terminal: Terminal): ProgressLine {
  if (!terminal.interactive) return { show: () => undefined, above: (print) => print(), end: () => undefined }
  let shown = ''
  const draw = (text: string): void => terminal.raw(`${clear}${text}`)
  return {
    show(text) {
      shown = fitted(text, (terminal.width ?? 80) - 1)
      draw(shown)
    },
    above(print) {
      draw('')
      print()
      draw(shown)
    },
    end: () => draw(''),
  }
}

const cells = 24

/** `[########----------------] 8/24` */
export function bar(done: number, all: number): string {
  const filled = all === 0 ? 0 : Math.min(cells, Math.floor((done / all) * cells))
  return `[${'#'.repeat(filled)}${'-'.repeat(cells - filled)}] ${done}/${all}`
}
