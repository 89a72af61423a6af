export { audienceColumns, stageAudience } from './audience.ts'
export { dialectSql } from './dialects.ts'
export type { DialectSql, Fragment, ResultRow } from './dialect.ts'
export { fingerprintQuery, readFingerprint, type FingerprintColumn, type FingerprintMethod } from './fingerprint.ts'
export type { KeyColumn, Population } from './population.ts'
export { estimateQuery } from './relation-size.ts'
export { dropStaging, publishStaging, stagingRelation, type StagedColumn } from './staging.ts'
export type { Dialect, Parameter, Statement } from './statement.ts'
export { bucketQuery, readStatistics, readSummaries, summaryQueries, type StatisticsColumn } from './statistics.ts'
export {
  readTraitProblems,
  stageTrait,
  traitColumns,
  traitColumnType,
  validateTrait,
  type TraitProblem,
} from './trait.ts'
export { stageUserModel, userModelColumns, type TraitTable } from './user-model.ts'
export { checkProgram, isSqlCheck, type CheckTarget, type SqlCheckType, type Verdict } from './checks/index.ts'
