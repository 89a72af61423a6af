export { keepComputingLineage } from './keep-computing.ts'
export { parseQueries } from './parse-queries.ts'
