import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DestinationContext } from '../../kit/index.ts'
import type { FilesConfig } from '../config.ts'
import type { Place } from './place.ts'
import { putFile } from './put-file.ts'
import { s3Client } from './s3-client.ts'
import { s3Error } from './s3-error.ts'

const probeName = '.traitline-check'

/** A bucket of S3, or of a store that speaks it. Files are written aside on this machine first. */
export async function s3Place(
  config: FilesConfig & { readonly bucket: string },
  context: DestinationContext,
): Promise<Place> {
  const { bucket, prefix } = config
  const client = s3Client(config, context)
  const aside = await mkdtemp(join(tmpdir(), 'traitline-files-'))
  const keyOf = (name: string): string => (prefix === undefined ? name : `${prefix.replace(/\/+$/, '')}/${name}`)
  const put = async (path: string, name: string): Promise<void> => {
    try {
      await putFile(client, { bucket, key: keyOf(name) }, path, context)
    } catch (error) {
      throw s3Error(error, config)
    }
    await rm(path)
  }

  return {
    aside,
    async check() {
      const path = join(aside, randomUUID())
      await writeFile(path, 'ok')
      await put(path, probeName)
    },
    put,
    async close() {
      client.destroy()
      await rm(aside, { recursive: true, force: true })
    },
  }
}
