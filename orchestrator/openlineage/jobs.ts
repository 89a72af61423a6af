import { templateText, type AssetSpec, type JsonObject } from '../contract/index.ts'
import type { OpenLineageContext } from './context.ts'
import { jobName } from './naming.ts'

export function assetJob(asset: AssetSpec, context: OpenLineageContext, part?: string): JsonObject {
  const { scope, naming } = context
  const owners = asset.owners.map((name) => ({ name, type: 'OWNER' }))
  const tags = Object.entries(asset.tags).map(([key, value]) => ({ key, value, source: 'TRAITLINE' }))
  const query = part === undefined && context.sql ? queryOf(asset, context) : null
  return {
    namespace: naming.jobNamespace,
    name: jobName(scope, asset, part),
    facets: {
      jobType: jobType(context, part === undefined ? asset.kind : 'check'),
      ...(owners.length > 0 ? { ownership: context.facet('ownership', { owners }) } : {}),
      ...(asset.description === null
        ? {}
        : { documentation: context.facet('jobDocumentation', { description: asset.description }) }),
      ...(query === null ? {} : { sql: context.facet('sql', { query }) }),
      ...(tags.length > 0 ? { tags: context.facet('jobTags', { tags }) } : {}),
    },
  }
}

/** The job of which every run of the project is one. */
export function projectJob(context: OpenLineageContext): JsonObject {
  return {
    namespace: context.naming.jobNamespace,
    name: jobName(context.scope, null),
    facets: { jobType: jobType(context, 'run') },
  }
}

function jobType(context: OpenLineageContext, kind: string): JsonObject {
  return context.facet('jobType', {
    processingType: 'BATCH',
    integration: 'TRAITLINE',
    jobType: kind.toUpperCase(),
  })
}

function queryOf(asset: AssetSpec, context: OpenLineageContext): string | null {
  if (asset.kind === 'model') return context.code[asset.key]?.sql ?? null
  if (asset.kind !== 'trait' || asset.origin.type !== 'sql') return null
  return templateText(asset.origin.sql, (key) => {
    const relation = context.asset(key)?.relation ?? null
    return relation === null ? '' : `"${relation.schema}"."${relation.name}"`
  })
}
