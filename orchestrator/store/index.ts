export { createStore } from './create-store.ts'
export { describeDatabase } from './database/describe.ts'
export { migrate } from './migrations/migrate.ts'
export type * from './store.ts'
