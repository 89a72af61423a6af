import { z } from '@hono/zod-openapi'
import { columnUses } from '../../contract/index.ts'
import { assetKey, assetKind, failure, list } from './common.ts'

export const columnLineageState = z
  .object({
    status: z
      .enum(['ready', 'pending'])
      .openapi({ description: '`pending` until a worker has computed it, soon after a deployment.' }),
    failure: failure.nullable().openapi({ description: 'Why it could not be computed; it is tried again.' }),
  })
  .openapi('ColumnLineageState')

const depth = z.number().int().openapi({ description: 'Edges away; 0 for where it begins.' })

export const assetLineage = z
  .object({
    revision: z.number().int(),
    asset: assetKey,
    columns: columnLineageState.openapi({ description: 'Of the columns; the lineage of assets is always there.' }),
    nodes: list(
      z.object({
        asset: assetKey,
        kind: assetKind,
        depth,
        upstream: z.boolean().openapi({ description: 'Read by `asset`, at once or through others; else it reads it.' }),
        columns: list(z.string()).openapi({ description: 'Those that are known, or were found in its SQL.' }),
        opaque: z.boolean().openapi({ description: 'Its columns cannot be told apart: any may be made of any.' }),
        warnings: list(z.string()).openapi({ description: 'What of its column lineage is not known, and why.' }),
      }),
    ),
    edges: list(z.object({ from: assetKey, to: assetKey })).openapi({ description: '`to` reads `from`.' }),
  })
  .openapi('AssetLineage')

const columnNode = {
  asset: assetKey,
  column: z
    .string()
    .nullable()
    .openapi({ description: 'Of a sync, a field of its destination; null for which rows there are.' }),
}

const columnRef = z.object({ asset: assetKey, column: z.string() })

export const columnLineage = z
  .object({
    revision: z.number().int(),
    ...columnRef.shape,
    ...columnLineageState.shape,
    nodes: list(
      z.object({
        ...columnNode,
        depth,
        upstream: z.boolean(),
        direct: z.boolean().openapi({
          description: 'The value itself comes this way, changed or not; otherwise it only decides something.',
        }),
      }),
    ),
    edges: list(
      z.object({
        from: z.object(columnNode),
        to: z.object(columnNode),
        uses: list(z.enum(columnUses)).openapi({
          description: 'In OpenLineage’s terms; empty where nobody can look inside, as into a notebook.',
        }),
        masked: z.boolean().openapi({ description: 'The value cannot be had back: it was counted or hashed.' }),
      }),
    ),
    sources: list(z.object({ ...columnRef.shape, direct: z.boolean() })).openapi({
      description: 'Upstream: the columns of observed tables at its beginning.',
    }),
    audiences: list(assetKey).openapi({ description: 'Downstream: whose members it decides.' }),
    syncs: list(
      z.object({
        sync: assetKey,
        destination: z.string(),
        stream: z.string(),
        fields: list(z.string()).openapi({ description: 'Filled with it, or with what is made of it.' }),
        rows: z.boolean().openapi({ description: 'It decides which rows are sent.' }),
      }),
    ).openapi({ description: 'Downstream: what leaves the warehouse.' }),
    truncated: z.boolean().openapi({ description: 'There are more nodes than these.' }),
  })
  .openapi('ColumnLineage')

export type AssetLineage = z.infer<typeof assetLineage>
export type ColumnLineage = z.infer<typeof columnLineage>
