export { audienceColumns, audienceRows, stageAudience, type AudienceRows } from './audience.ts'
export { dialectSql } from './dialects.ts'
export type { DialectSql, Fragment, ResultRow } from './dialect.ts'
export { fingerprintQuery, readFingerprint, type FingerprintColumn, type FingerprintMethod } from './fingerprint.ts'
export {
  ensurePartitionTables,
  namedRelation,
  partitionColumn,
  partitionFingerprints,
  partitionTables,
  partitionValue,
  queryOver,
  publishPartitions,
  readPartitionFingerprint,
  rowsOfPartitions,
  rowsWithin,
  tagStaging,
  withPartition,
  withReads,
  type ColumnBound,
  type NamedRead,
} from './partitions.ts'
export type { KeyColumn, Population } from './population.ts'
export { estimateQuery } from './relation-size.ts'
export { dropStaging, fillStaging, publishStaging, stagingRelation, type StagedColumn } from './staging.ts'
export type { Dialect, Parameter, Statement } from './statement.ts'
export { bucketQuery, readStatistics, readSummaries, summaryQueries, type StatisticsColumn } from './statistics.ts'
export {
  readTraitProblems,
  traitColumns,
  traitRows,
  traitColumnType,
  validateTrait,
  type TraitProblem,
} from './trait.ts'
export { stageUserModel, userModelColumns, userModelRows, type TraitTable } from './user-model.ts'
export {
  checkProgram,
  createSamples,
  expireSamples,
  forgetSamples,
  isSqlCheck,
  keepSamples,
  type CheckTarget,
  type SampleOwner,
  type SqlCheckType,
  type Verdict,
} from './checks/index.ts'
