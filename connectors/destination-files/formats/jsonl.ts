import type { RowIssue } from '../../kit/index.ts'
import type { FileRow, Format } from './format.ts'
import { TextFile } from './text-file.ts'

/** One JSON object a line, with the fields that a row has. */
export const jsonl: Format = {
  extension: (compression) => (compression === 'gzip' ? 'jsonl.gz' : 'jsonl'),
  columnar: false,

  async open({ path, compression }) {
    const file = await TextFile.open(path, compression)
    return {
      async add(rows: readonly FileRow[]): Promise<readonly RowIssue[]> {
        for (const { value } of rows) await file.write(`${JSON.stringify(value)}\n`)
        return []
      },
      finish: () => file.finish(),
      discard: () => file.discard(),
    }
  },
}
