export { keepTellingLineage } from './keep-telling.ts'
export { parseQueries } from './parse-queries.ts'
