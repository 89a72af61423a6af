import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configuredStream } from '../../test/harness/destination.ts'
import { conforms } from '../conformance.fixture.ts'

conforms('files', ['a folder that is not there', 'no place at all'], async () => {
  const folder = await mkdtemp(join(tmpdir(), 'traitline-files-'))
  return {
    config: { folder },
    badConfigs: { 'a folder that is not there': { folder: join(folder, 'none') }, 'no place at all': {} },
    stream: configuredStream('people', ['id', 'note']),
    row: (n, text = 'n') => ({ id: String(n), note: text }),
    async written() {
      const names = await readdir(folder, { recursive: true })
      const texts = names.filter((name) => name.endsWith('.jsonl')).map((name) => readFile(join(folder, name), 'utf8'))
      return (await Promise.all(texts)).join('').split('\n').length - 1
    },
    close: () => rm(folder, { recursive: true }),
  }
})
