import type { DestinationContext } from '../../kit/index.ts'
import type { FilesConfig } from '../config.ts'
import { localPlace } from './local.ts'
import type { Place } from './place.ts'

export async function openPlace(config: FilesConfig, _context: DestinationContext): Promise<Place> {
  if (config.folder !== undefined) return localPlace({ folder: config.folder })
  throw new Error('later')
}
