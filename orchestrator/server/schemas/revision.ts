import { z } from '@hono/zod-openapi'
import { assetKey, jsonValue, list, next, timestamp } from './common.ts'

const manifestDiff = z
  .object({
    added: list(assetKey),
    renamed: list(z.object({ from: assetKey, to: assetKey })).optional(),
    removed: list(assetKey),
    changed: list(assetKey).openapi({ description: 'Another code version.' }),
    described: list(assetKey).openapi({ description: 'Same code version, other description, owners, tags or place.' }),
    settings: list(z.string()),
  })
  .openapi('ManifestDiff')

const revisionFields = {
  environment: z.string(),
  project: z.string(),
  number: z.number().int(),
  manifestHash: z.string(),
  diff: manifestDiff,
  deployedAt: timestamp,
  deployedBy: z.string().nullable(),
  assetCount: z.number().int(),
}

export const revision = z.object(revisionFields).openapi('Revision')

export const revisionPage = z.object({ items: list(revision), next }).openapi('RevisionPage')

export const assetChange = z
  .object({
    key: assetKey,
    fields: list(z.object({ path: z.string(), before: jsonValue, after: jsonValue })),
    more: z.number().int().openapi({ description: 'Fields that changed and are left out.' }),
  })
  .openapi('AssetChange')

export const revisionDetail = z
  .object({
    ...revisionFields,
    timeZone: z.string(),
    asOf: timestamp.nullable(),
    changes: list(assetChange).openapi({ description: 'Field by field, what changed in the assets that changed.' }),
  })
  .openapi('RevisionDetail')

export const projectList = z
  .object({
    items: list(
      z.object({
        environment: z.string(),
        project: z.string(),
        revision: z.number().int(),
        deployedAt: timestamp,
        assetCount: z.number().int(),
      }),
    ),
  })
  .openapi('ProjectList')

export type Revision = z.infer<typeof revision>
export type RevisionPage = z.infer<typeof revisionPage>
export type RevisionDetail = z.infer<typeof revisionDetail>
export type AssetChange = z.infer<typeof assetChange>
export type ProjectList = z.infer<typeof projectList>
