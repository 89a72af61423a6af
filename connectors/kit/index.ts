export {
  defineDestination,
  objectOf,
  operationOf,
  type Batch,
  type BatchLimits,
  type BatchResult,
  type Destination,
  type DestinationContext,
  type DestinationLog,
  type DestinationWriter,
  type Rows,
} from './definition.ts'
export { configError, DestinationError, systemError, transientError } from './errors.ts'
export * from './http/index.ts'
export * from './requests/index.ts'
export { localLimiters, tokenBucket, type Limiter, type Limiters } from './limiter.ts'
export type { Meter, Traffic } from './meter.ts'
export { offered, operationsOf, type Offer } from './offers.ts'
export { pieces, sendHalving, type PieceLimits } from './pieces.ts'
export { Outcomes, placedRows, type PlacedRow } from './placed.ts'
export { retry, RetryLater, type RetryOptions } from './retry.ts'
export { main, runDestination, type ProgramIo } from './run.ts'
export type {
  ConfiguredAirbyteCatalog,
  ConfiguredAirbyteStream,
  DestinationCatalog,
  DestinationSyncMode,
  JsonData,
  RateLimit,
  RowIssue,
  RowOperation,
} from '../protocol/index.ts'
