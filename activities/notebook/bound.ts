import { readFile, rm, stat } from 'node:fs/promises'
import { writePrivateFile } from '../../orchestrator/process/index.ts'

export interface NotebookBounds {
  /** A notebook larger than this loses its large outputs. */
  readonly mostBytes: number
  /** What a large output is, once there are any too many. */
  readonly largeOutput: number
  /** A file that is not even read: it would not fit in memory. */
  readonly hopeless: number
}

const bounds: NotebookBounds = { mostBytes: 20_000_000, largeOutput: 200_000, hopeless: 400_000_000 }

interface Cell {
  outputs?: unknown[]
}

/** Keeps an executed notebook within bounds: where its outputs are too large, a line says so in their place. */
export async function boundNotebook(path: string, limits: NotebookBounds = bounds): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size <= limits.mostBytes) return
  if (size > limits.hopeless) return rm(path, { force: true })
  const notebook = JSON.parse(await readFile(path, 'utf8')) as { cells?: Cell[] }
  for (const cell of notebook.cells ?? []) {
    cell.outputs = cell.outputs?.map((output) => {
      const bytes = Buffer.byteLength(JSON.stringify(output))
      if (bytes <= limits.largeOutput) return output
      const text = `(${(bytes / 1e6).toFixed(1)} MB left out: with them the notebook was larger than is kept)\n`
      return { output_type: 'stream', name: 'stderr', text }
    })
  }
  await writePrivateFile(path, JSON.stringify(notebook))
}
