import type { JsonObject } from '../contract/index.ts'

/** Versions of the standard's schemas that events and facets name; the schemas are in `spec/`. */
const versions = {
  parent: ['ParentRunFacet', '1-2-0'],
  nominalTime: ['NominalTimeRunFacet', '1-0-1'],
  processing_engine: ['ProcessingEngineRunFacet', '1-1-1'],
  errorMessage: ['ErrorMessageRunFacet', '1-0-1'],
  jobType: ['JobTypeJobFacet', '2-0-4'],
  ownership: ['OwnershipJobFacet', '1-0-1'],
  jobDocumentation: ['DocumentationJobFacet', '1-0-0'],
  sql: ['SQLJobFacet', '1-1-0'],
  jobTags: ['TagsJobFacet', '1-0-0'],
  schema: ['SchemaDatasetFacet', '1-2-0'],
  columnLineage: ['ColumnLineageDatasetFacet', '1-2-0'],
  version: ['DatasetVersionDatasetFacet', '1-0-1'],
  dataSource: ['DatasourceDatasetFacet', '1-0-1'],
  documentation: ['DocumentationDatasetFacet', '1-1-0'],
  tags: ['TagsDatasetFacet', '1-0-0'],
  outputStatistics: ['OutputStatisticsOutputDatasetFacet', '1-0-2'],
  dataQualityMetrics: ['DataQualityMetricsInputDatasetFacet', '1-0-3'],
  dataQualityAssertions: ['DataQualityAssertionsDatasetFacet', '1-1-0'],
} as const

export const runEventSchema = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent'

export type FacetKind = keyof typeof versions

/** A facet says who made it and which schema it follows. */
export function facet(producer: string, kind: FacetKind, fields: JsonObject): JsonObject {
  const [name, version] = versions[kind]
  const schema = `https://openlineage.io/spec/facets/${version}/${name}.json#/$defs/${name}`
  return { _producer: producer, _schemaURL: schema, ...fields }
}
