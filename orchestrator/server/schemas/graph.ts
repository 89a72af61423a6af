import { z } from '@hono/zod-openapi'
import { assetKey, assetKind, list } from './common.ts'
import { assetStatus } from './asset.ts'

/**
 * The graph in columns: entry `i` of each is about the asset `keys[i]`, and an edge leads from `keys[from[j]]` to
 * `keys[to[j]]`. Names that repeat are written once, in `kindNames`, `groupNames` and `statusNames`.
 */
export const graph = z
  .object({
    revision: z.number().int(),
    sequence: z.number().int().openapi({ description: 'Sequence of the last event that changed a status.' }),
    kindNames: list(assetKind),
    groupNames: list(z.string()),
    statusNames: list(assetStatus),
    keys: list(assetKey).openapi({ description: 'In topological order.' }),
    kinds: list(z.number().int()),
    groups: list(z.number().int()).openapi({ description: '-1 for none.' }),
    statuses: list(z.number().int()),
    stale: list(z.union([z.literal(0), z.literal(1)])),
    failedChecks: list(z.number().int()).openapi({ description: 'How many blocking checks failed on the latest.' }),
    rows: list(z.number().int().nullable()),
    materializedAt: list(z.number().int().nullable()).openapi({ description: 'Unix seconds.' }),
    from: list(z.number().int()),
    to: list(z.number().int()),
  })
  .openapi('Graph')

export type Graph = z.infer<typeof graph>
