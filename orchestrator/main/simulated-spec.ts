import { readFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { TraitlineError } from '../contract/index.ts'

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'write dates as YYYY-MM-DD')
const count = z.int().min(1)

const simulatedFile = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('purchases'),
    to: z.string(),
    customers: count,
    seed: z.int(),
    from: day,
    until: day,
  }),
  z.strictObject({
    type: z.literal('events'),
    to: z.string(),
    purchases: z.string(),
    events: count,
    seed: z.int(),
    from: day.optional(),
    until: day,
  }),
])

/** One file of simulated data that a project asks for. */
export type SimulatedFile = z.infer<typeof simulatedFile>

const packageFile = z.object({
  traitline: z.object({ simulated: z.array(simulatedFile).default([]) }).default({ simulated: [] }),
})

export interface Places {
  readonly home: string
  readonly projectDir: string
}

/**
 * The simulated files that a project's package.json asks for, in the order in which they are made:
 *
 * ```json
 * { "traitline": { "simulated": [
 *   { "type": "purchases", "to": "home:data/shop/purchases.csv", "customers": 20000, "seed": 1,
 *     "from": "1997-01-01", "until": "1998-07-01" },
 *   { "type": "events", "to": "home:data/shop/web_events.csv", "purchases": "home:data/shop/purchases.csv",
 *     "events": 80000, "seed": 1, "until": "1998-07-01" } ] } }
 * ```
 *
 * Empty if there is no package.json or it asks for none. Throws SIMULATED_INVALID where it makes no sense.
 */
export async function readSimulatedFiles(projectDir: string): Promise<readonly SimulatedFile[]> {
  const path = join(projectDir, 'package.json')
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '{}'
    throw error
  })
  const parsed = packageFile.safeParse(parseJson(text, path))
  if (parsed.success) return parsed.data.traitline.simulated
  const issue = parsed.error.issues[0]
  throw invalid(`${path}: ${issue?.path.join('.') ?? 'traitline'}: ${issue?.message ?? 'it is not as expected'}`)
}

/** `home:` paths are under the home folder, others relative to the project's; neither may leave it. */
export function placeOf(path: string, places: Places): string {
  const [root, inside] = path.startsWith('home:') ? [places.home, path.slice(5)] : [places.projectDir, path]
  const place = resolve(root, inside)
  const within = relative(root, place)
  if (within !== '' && !within.startsWith('..') && !isAbsolute(within)) return place
  throw invalid(`the path ${path} leaves its folder`)
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw invalid(`${path} is not JSON`, cause)
  }
}

function invalid(message: string, cause?: unknown): TraitlineError {
  return new TraitlineError({
    code: 'SIMULATED_INVALID',
    message,
    hint: 'Correct the field traitline.simulated in package.json, or remove it.',
    blame: 'user',
    cause,
  })
}
