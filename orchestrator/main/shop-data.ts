import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { TraitlineError } from '../contract/index.ts'
import {
  generatorVersion,
  readPurchasesCsv,
  writeEventsCsv,
  writePurchasesCsv,
  type WriteOptions,
} from '../generator/index.ts'
import { writePrivateFile } from '../process/index.ts'
import { placeOf, readSimulatedFiles, type Places, type SimulatedFile } from './simulated-spec.ts'

export interface SimulatedResult {
  readonly type: SimulatedFile['type']
  readonly path: string
  /** False if the file was there already, made from the same. */
  readonly made: boolean
  readonly rows: number
  readonly seconds: number
}

/**
 * Makes the simulated data that the project asks for in its package.json, where it is missing or was made from
 * something else: the browsing around the shop's purchases and, in a project without real ones, the purchases.
 */
export async function ensureShopData(places: Places & WriteOptions): Promise<readonly SimulatedResult[]> {
  const results: SimulatedResult[] = []
  for (const file of await readSimulatedFiles(places.projectDir)) results.push(await ensureFile(file, places))
  return results
}

async function ensureFile(file: SimulatedFile, places: Places & WriteOptions): Promise<SimulatedResult> {
  const path = placeOf(file.to, places)
  const stamp = await stampOf(file, places)
  const before = await readStamp(path)
  if (before?.stamp === stamp) return { type: file.type, path, made: false, rows: before.rows, seconds: 0 }
  const written =
    file.type === 'purchases'
      ? await writePurchasesCsv(path, file, places)
      : await writeEventsCsv(path, { ...file, purchases: readPurchasesCsv(placeOf(file.purchases, places)) }, places)
  await writePrivateFile(stampFile(path), `${JSON.stringify({ stamp, rows: written.rows })}\n`)
  return { type: file.type, path, made: true, rows: written.rows, seconds: written.seconds }
}

function stampFile(path: string): string {
  return `${path}.made.json`
}

async function readStamp(path: string): Promise<{ readonly stamp: string; readonly rows: number } | null> {
  try {
    await access(path)
    return JSON.parse(await readFile(stampFile(path), 'utf8')) as { stamp: string; rows: number }
  } catch {
    return null
  }
}

/** Of all that decides the file's content. */
async function stampOf(file: SimulatedFile, places: Places): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([generatorVersion, file]))
  if (file.type === 'events') await pipeline(createReadStream(await purchasesPath(file, places)), hash, { end: false })
  return hash.digest('hex')
}

async function purchasesPath(file: SimulatedFile & { type: 'events' }, places: Places): Promise<string> {
  const path = placeOf(file.purchases, places)
  try {
    await access(path)
    return path
  } catch (cause) {
    throw new TraitlineError({
      code: 'SIMULATED_NO_PURCHASES',
      message: `${path}, around which events are to be simulated, is not there`,
      hint: 'Correct traitline.simulated in package.json, or list the purchases before the events.',
      blame: 'user',
      cause,
    })
  }
}
