/** For destinations that write to PostgreSQL. Not exported by the kit as a whole: the driver costs time to load. */
export { connectionFields, databaseUnnamed, namesDatabase } from './config.ts'
export { connect, withConnection } from './connection.ts'
export { copyField } from './copy.ts'
export { isRetryable, isRowError, rowIssue, stateOf, translate } from './errors.ts'
