import type { DestinationContext } from '../../kit/index.ts'
import type { FilesConfig } from '../config.ts'
import { localPlace } from './local.ts'
import type { Place } from './place.ts'

/** A bucket's client is a large package, loaded only where there is a bucket. */
export async function openPlace(config: FilesConfig, context: DestinationContext): Promise<Place> {
  const { folder, bucket } = config
  if (folder !== undefined) return localPlace({ folder })
  if (bucket === undefined) throw new TypeError('the configuration names neither a folder nor a bucket')
  const { s3Place } = await import('./s3.ts')
  return s3Place({ ...config, bucket }, context)
}
