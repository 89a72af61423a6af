import type { RowIssue } from '../../kit/index.ts'
import type { Format } from './format.ts'
import { TextFile } from './text-file.ts'

/** One JSON object a line: the fields that a row has, as they came, so that no number loses digits. */
export const jsonl: Format = {
  extension: (compression) => (compression === 'gzip' ? 'jsonl.gz' : 'jsonl'),
  columnar: false,

  async open({ path, compression }) {
    const file = await TextFile.open(path, compression)
    return {
      async add({ texts }, bookkeeping): Promise<readonly RowIssue[]> {
        const more = bookkeeping === null ? null : JSON.stringify(bookkeeping).slice(1)
        await file.writeAll(texts, (text) => `${more === null ? text : joined(text, more)}\n`)
        return []
      },
      finish: () => file.finish(),
      discard: () => file.discard(),
    }
  },
}

/** An object's text and more members, with their closing brace. */
function joined(text: string, more: string): string {
  const open = text.trimEnd().slice(0, -1)
  return /^\s*\{\s*$/.test(open) ? `{${more}` : `${open},${more}`
}
